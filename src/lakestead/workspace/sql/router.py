"""Statements in: parse, resolve, authorise, rewrite, run."""

from __future__ import annotations

from lakestead.core.datatypes import from_arrow
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.sql.statement import Column, Statement
from lakestead.workspace.storage import Storage
from lakestead.workspace.store.base import Store


class Router:
    """Carries out statements.

    Args:
        store: the metastore.
        storage: where files lie.
    """

    def __init__(self, store: Store, storage: Storage) -> None:
        self._store = store
        self._storage = storage

    def recover(self) -> None:
        """Bring tables and metastore into agreement after a kill."""

    def execute(self, statement: Statement) -> Outcome:
        """Carry out a statement in the thread of the caller.

        Raises:
            ApiError: it cannot be carried out.
        """
        run = statement.session.engine.run(statement.text)
        statement.running(run)
        stream = run.stream()
        columns = tuple(Column(field.name, from_arrow(field.type, field.metadata)) for field in stream.schema)
        return Outcome(columns, stream)
