"""What carrying out one statement has at hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import delete

from lakestead.core.datatypes import parse_type
from lakestead.engine.arrow import Stream, stream
from lakestead.engine.delta.errors import DeltaError, DeltaErrorKind
from lakestead.engine.delta.locks import Locks
from lakestead.engine.delta.tail import forget_checkpoint, local_version
from lakestead.workspace.access import Access
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.sql.session import SqlSession
from lakestead.workspace.sql.statement import Column, Statement
from lakestead.workspace.storage import Storage
from lakestead.workspace.store.base import Store
from lakestead.workspace.store.objects import Intent, Securable
from lakestead.workspace.system.catalog import SystemTables
from lakestead.workspace.system.lineage.trace import Trace

_PAST = re.compile(r"\bAS\s+OF\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Context:
    """A statement under way, and the services that carry it out.

    Attributes:
        statement: what runs; its ``check()`` is called between steps, so that it can be cancelled.
        store: the metastore.
        storage: where files lie.
        locks: one writer at a time for each table.
        system: the data of the system catalog.
        trace: what the statement's names mean, noted for its lineage.
    """

    statement: Statement
    store: Store
    storage: Storage
    locks: Locks
    system: SystemTables
    trace: Trace

    @property
    def session(self) -> SqlSession:
        """The session it runs in."""
        return self.statement.session

    @property
    def principal(self) -> Principal:
        """Who runs it."""
        return self.session.principal

    def full_name(self, name: Sequence[str], depth: int = 3) -> tuple[str, ...]:
        """Complete a name from the session's current catalog and schema, in lower case.

        Args:
            name: parts as written.
            depth: 3 for what is in a schema, 2 for schemas, 1 for catalogs.
        """
        missing = depth - len(name)
        current = (self.session.catalog, self.session.schema)[: depth - 1]
        return tuple(part.lower() for part in (*current[: max(missing, 0)], *name))

    def scratch(self) -> Path:
        """Return a folder for this statement's own files; it is removed when the statement has ended."""
        folder = self.storage.scratch / self.statement.id
        folder.mkdir(exist_ok=True)
        return folder

    @contextmanager
    def hold(self, location: str) -> Iterator[None]:
        """Keep every other statement from writing the table at a location.

        Raises:
            ApiError: the statement was cancelled while it waited, or another held the table for too long.
        """
        try:
            with self.locks.hold(location, check=self.statement.check):
                before = local_version(location)
                try:
                    yield
                finally:
                    after = local_version(location)
                    if before is not None and after is not None:
                        self.statement.writes.append((location, before, after))
        except DeltaError as error:
            if error.kind is not DeltaErrorKind.LOCKED:
                raise
            raise ApiError(ErrorCode.CONCURRENT_WRITE, error.message) from None

    @contextmanager
    def intent(self, table: Securable, changes: bool = True) -> Iterator[None]:
        """Note that the columns of a table's files are about to change, until the metastore has followed.

        Args:
            table: its record.
            changes: whether they really are; if not, nothing is noted.
        """
        if not changes:
            yield
            return
        with self.store.write() as tx:
            tx.merge(Intent(table_id=table.id))
        yield
        with self.store.write() as tx:
            tx.execute(delete(Intent).where(Intent.table_id == table.id))

    def run(self, sql: str) -> Stream:
        """Run a statement of the engine's dialect, cancellable, and return its result as it comes.

        Raises:
            EngineError: the engine refuses it or it fails.
        """
        self.statement.check()
        self.statement.compiled()
        if _PAST.search(sql):
            for location in filter(None, self.statement.touched.values()):
                forget_checkpoint(location)
        run = self.session.engine.run(sql)
        self.statement.running(run)
        return run.stream()

    def query(self, sql: str) -> pa.Table:
        """Run a statement of the engine's dialect and read its whole (small) result."""
        return self.run(sql).table()


def rows(columns: Sequence[tuple[str, str]], values: Iterable[Sequence[Any]] = ()) -> Outcome:
    """Return the outcome of a command: a small table.

    Args:
        columns: (name, DDL type) of each.
        values: the rows.
    """
    types = [parse_type(ddl) for _, ddl in columns]
    schema = pa.schema(
        [pa.field(name, kind.to_arrow()) for (name, _), kind in zip(columns, types, strict=True)]
    )
    data = list(zip(*values, strict=True)) or [()] * len(columns)
    table = pa.Table.from_arrays(
        [pa.array(list(column), field.type) for column, field in zip(data, schema, strict=True)],
        schema=schema,
    )
    described = tuple(Column(name, kind) for (name, _), kind in zip(columns, types, strict=True))
    return Outcome(described, stream(table), is_query=False)


def done() -> Outcome:
    """Return the outcome of a command that has nothing to show."""
    return rows([])


@dataclass(frozen=True, slots=True)
class Verb:
    """How a kind of command is authorised and carried out.

    Attributes:
        access: what the principal needs; called before ``run``, and the only place that says so.
        run: carries it out.
        statement_type: its name in query history, e.g. ``CREATE``.
    """

    access: Callable[[Context, Any], Iterable[Access]]
    run: Callable[[Context, Any], Outcome]
    statement_type: str = "OTHER"
