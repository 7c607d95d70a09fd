"""Statements that the workspace's own services send: monitors, alerts, dashboards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa
from sqlalchemy import select

from lakestead.engine.arrow import Batch, decode
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal, load_principal
from lakestead.workspace.sql.service import SqlService
from lakestead.workspace.sql.statement import Client, Column, Parameter, Statement
from lakestead.workspace.statements.pool import EnginePool
from lakestead.workspace.store.base import Store
from lakestead.workspace.store.principals import Identity


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement gave.

    Attributes:
        statement_id: of the statement, as in query history.
        columns: names and types as Databricks reports them.
        schema: Arrow schema of the rows.
        batches: the rows, chunk by chunk as they come (once).
        statement: the statement itself, e.g. to be cancelled.
    """

    statement_id: str
    columns: tuple[Column, ...]
    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    statement: Statement

    def table(self) -> pa.Table:
        """Read all rows that have not been read into memory."""
        return pa.Table.from_batches(self.batches, self.schema)


class Asking:
    """Runs statements of services as the principal on whose behalf they act, with that one's privileges.

    They are in query history, lineage and audit like any client's.

    Args:
        store: knows the principals.
        sql: runs the statements.
        pool: has engine sessions.
    """

    def __init__(self, store: Store, sql: SqlService, pool: EnginePool) -> None:
        self._store = store
        self._sql = sql
        self._pool = pool

    @contextmanager
    def answer(
        self,
        principal: str,
        text: str,
        parameters: Sequence[Parameter] = (),
        *,
        client: Client,
        catalog: str | None = None,
        schema: str | None = None,
        row_limit: int | None = None,
        timeout: float | None = None,
        submitted: Callable[[Statement], None] = lambda _: None,
    ) -> Iterator[Answer]:
        """Run a statement and give its answer, whose rows can be read until the context ends.

        Args:
            principal: name of the user or service principal whose privileges count.
            text: one SQL statement.
            parameters: values for its markers.
            client: what query history says of who sent it; ``application`` names the service.
            catalog: where two-part names look, by default ``main``.
            schema: where one-part names look, by default ``default``.
            row_limit: give at most so many rows.
            timeout: seconds after which it is stopped.
            submitted: gets the statement at once, for who may have to cancel it.

        Raises:
            ApiError: why the statement failed or was cancelled; NOT_FOUND when the principal is no more.
        """
        session = self._pool.take(self._principal(principal), catalog, schema)
        try:
            statement = self._sql.submit(
                session,
                text,
                parameters,
                client=client,
                row_limit=row_limit,
                timeout=timeout,
                finished=self._pool.give_back,
            )
        except ApiError:  # its warehouse is no more
            session.engine.close()
            raise
        submitted(statement)
        try:
            statement.wait_result()
            result = statement.result
            if result is None or statement.error is not None:
                raise statement.error or ApiError(ErrorCode.CANCELLED, "The statement was closed.")
            yield Answer(statement.id, result.columns, result.schema, _rows(statement), statement)
        finally:
            self._sql.close(statement)

    def table(
        self, principal: str, text: str, parameters: Sequence[Parameter] = (), *, client: Client
    ) -> pa.Table:
        """Run a statement with a small answer, and return it; arguments and errors as of :meth:`answer`."""
        with self.answer(principal, text, parameters, client=client) as answer:
            return answer.table()

    def _principal(self, name: str) -> Principal:
        with self._store.read() as tx:
            identity = tx.scalars(select(Identity).where(Identity.name == name)).one_or_none()
            if identity is None or not identity.active:
                raise ApiError(
                    ErrorCode.NOT_FOUND,
                    f"The statement cannot run as {name}: no active user or service principal has that name.",
                )
            return load_principal(tx, identity)


def _rows(statement: Statement) -> Iterator[pa.RecordBatch]:
    result = statement.result
    assert result is not None
    index = 0
    while (chunk := result.spool.chunk(index)) is not None:
        with chunk.open() as messages:
            yield from decode(result.schema, Batch(chunk.rows, messages.read()))
        index += 1
