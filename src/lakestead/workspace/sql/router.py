"""Statements in: parse, resolve, authorise, rewrite, run."""

from __future__ import annotations

import re
import shutil

from lakestead.engine.delta.locks import Locks
from lakestead.workspace.access import authorise
from lakestead.workspace.errors import ApiError, unsupported
from lakestead.workspace.sql.commands import VERBS
from lakestead.workspace.sql.context import Context, Verb
from lakestead.workspace.sql.dml import insert, merge, update
from lakestead.workspace.sql.grammar import SqlSyntaxError, parse
from lakestead.workspace.sql.grammar.ast import Command, Dml, Query, Unsupported
from lakestead.workspace.sql.queries import run_query
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.sql.statement import Statement
from lakestead.workspace.sql.sync import recover
from lakestead.workspace.sql.text import normalise, parameter_values, syntax_error
from lakestead.workspace.storage import Storage
from lakestead.workspace.store.base import Store
from lakestead.workspace.system.catalog import SystemTables
from lakestead.workspace.system.lineage.trace import Relations, Trace

_TABLE_STATEMENT = re.compile(r"\A\s*TABLE\s+(?=[\w`])", re.IGNORECASE)
_DML = {
    "INSERT": insert.execute,
    "UPDATE": update.update,
    "DELETE": update.delete,
    "MERGE": merge.execute,
}


class Router:
    """Carries out statements.

    Args:
        store: the metastore.
        storage: where files lie.
        system: the data of the system catalog.
    """

    def __init__(self, store: Store, storage: Storage, system: SystemTables) -> None:
        self._store = store
        self._storage = storage
        self._system = system
        self.locks = Locks()
        self._relations = Relations()

    def recover(self) -> None:
        """Bring tables and metastore into agreement after a kill."""
        recover(self._store)

    def execute(self, statement: Statement) -> Outcome:
        """Carry out a statement in the thread of the caller.

        Raises:
            ApiError: it cannot be carried out.
            EngineError: the engine refuses it.
            Interrupted: it was cancelled.
        """
        text = normalise(statement.text, statement.parameters)
        try:
            parsed = parse(text, parameter_values(statement.parameters))
        except SqlSyntaxError as error:
            raise syntax_error(error) from None
        if isinstance(parsed, Query):
            parsed = Query(_TABLE_STATEMENT.sub("SELECT * FROM ", parsed.text, count=1))
        session = statement.session
        trace = Trace(session.catalog, session.schema, parsed, self._relations)
        statement.trace = trace
        ctx = Context(statement, self._store, self._storage, self.locks, self._system, trace)
        if isinstance(parsed, Query):
            statement.statement_type = "SELECT"
            return run_query(ctx, parsed.text)
        if isinstance(parsed, Dml):
            statement.statement_type = parsed.kind
            return _DML[parsed.kind](ctx, parsed.text)
        if isinstance(parsed, Unsupported):
            raise unsupported(parsed.feature)
        verb = VERBS.get(type(parsed))
        if verb is None:
            raise unsupported(type(parsed).__name__)
        statement.statement_type = verb.statement_type
        self._authorise(ctx, verb, parsed)
        return verb.run(ctx, parsed)

    def _authorise(self, ctx: Context, verb: Verb, command: Command) -> None:
        needed = list(verb.access(ctx, command))
        try:
            with self._store.read() as tx:
                authorise(tx, ctx.principal, needed)
        except ApiError:
            # Another session may have made or dropped an object since it was looked up.
            again = list(verb.access(ctx, command))
            if again == needed:
                raise
            with self._store.read() as tx:
                authorise(tx, ctx.principal, again)

    def finished(self, statement: Statement) -> None:
        """Remove what a statement that has ended kept for itself."""
        folder = self._storage.scratch / statement.id
        if folder.exists():
            shutil.rmtree(folder, ignore_errors=True)
