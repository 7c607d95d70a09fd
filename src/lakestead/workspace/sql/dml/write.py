"""What every statement that changes rows does: take the table, run, and count from the table's own log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lakestead.core.names import quote, quote_name
from lakestead.engine.delta import tail
from lakestead.engine.delta.errors import DeltaError, DeltaErrorKind
from lakestead.engine.delta.locks import retry
from lakestead.workspace.access import Access, authorise
from lakestead.workspace.catalog.lookup import get
from lakestead.workspace.catalog.policies import Policies
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql.binder import Binder
from lakestead.workspace.sql.context import Context, rows
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.store.objects import Kind, Securable, TableColumn


@dataclass(frozen=True, slots=True)
class Target:
    """The table that a statement writes, held against other writers while the statement runs.

    Attributes:
        table: its record, with columns.
        binder: binds the rest of the statement.
        location: where its files are.
        name: its name in the engine, quoted; what is read there is neither filtered nor masked.
    """

    table: Securable
    binder: Binder
    location: str
    name: str

    @property
    def columns(self) -> list[TableColumn]:
        """Its columns, in order."""
        return self.table.columns

    @property
    def has_policies(self) -> bool:
        """Whether it has a row filter or column masks."""
        return bool(Policies.of(self.table))

    def called(self, alias: str | None) -> str | None:
        """Return what a statement has to call it by, besides its name in the engine; None for nothing.

        Args:
            alias: the one that was written.
        """
        return alias or (self.table.name if self.has_policies else None)

    def column(self, name: str) -> TableColumn:
        """Return a column by its name in any case.

        Raises:
            ApiError: COLUMN_NOT_FOUND.
        """
        for column in self.columns:
            if column.name.lower() == name.lower():
                return column
        raise ApiError(
            ErrorCode.COLUMN_NOT_FOUND,
            f"A column with name {quote(name)} cannot be resolved in {quote_name(*self.table.path)}.",
        )


@contextmanager
def hold(ctx: Context, parts: tuple[str, ...]) -> Iterator[Target]:
    """Hold the table that a statement writes: authorised, registered, and this statement's until the end.

    Args:
        ctx: the statement.
        parts: the table's name as written.

    Raises:
        ApiError: the table does not exist, is a view, may not be written, or was held by another
        statement for too long.
    """
    path = ctx.full_name(parts)
    if len(path) != 3 or path[1] == "information_schema":
        raise ApiError(ErrorCode.TABLE_NOT_FOUND, f"The table or view {quote_name(*parts)} cannot be found.")
    with ctx.store.read() as tx:
        authorise(tx, ctx.principal, [Access(one, Kind.TABLE, path) for one in ("SELECT", "MODIFY")])
        location = get(tx, Kind.TABLE, path).location
    if location is None:
        raise ApiError(ErrorCode.TABLE_EXPECTED, f"{quote_name(*path)} is a view; a table is expected.")
    with ctx.hold(location), ctx.store.read() as tx:
        # Read again: it may have been dropped or replaced while this statement waited for it.
        table = get(tx, Kind.TABLE, path)
        if table.location != location:
            raise ApiError(
                ErrorCode.CONCURRENT_WRITE, f"{quote_name(*path)} was replaced by another statement."
            )
        binder = Binder(ctx, tx)
        ctx.statement.touched.setdefault(path, None)
        ctx.trace.writes(table)
        yield Target(table, binder, location, binder.writable(table))


def run(ctx: Context, target: Target, sql: str) -> dict[str, int]:
    """Run one statement that changes the table, and return its metrics.

    Args:
        ctx: the statement.
        target: the table, held.
        sql: in the engine's dialect.

    Returns:
        The commit's ``operationMetrics``; empty when nothing was committed.

    Raises:
        EngineError, ApiError: it fails; nothing was changed.
    """

    def attempt() -> dict[str, int]:
        before = tail.version(target.location)
        for _ in ctx.run(sql).batches:
            pass
        return tail.metrics(target.location, before)

    try:
        return retry(attempt, check=ctx.statement.check)
    except DeltaError as error:
        raise delta_failure(error) from None


_CODES = {
    DeltaErrorKind.CONFLICT: ErrorCode.CONCURRENT_WRITE,
    DeltaErrorKind.LOCKED: ErrorCode.CONCURRENT_WRITE,
    DeltaErrorKind.SCHEMA: ErrorCode.SCHEMA_MISMATCH,
    DeltaErrorKind.NOT_NULL: ErrorCode.NOT_NULL_VIOLATION,
    DeltaErrorKind.CHECK: ErrorCode.CHECK_VIOLATION,
    DeltaErrorKind.VERSION: ErrorCode.VERSION_NOT_FOUND,
    DeltaErrorKind.DEPENDENT: ErrorCode.INVALID_STATEMENT,
    DeltaErrorKind.UNSUPPORTED: ErrorCode.NOT_IMPLEMENTED,
    DeltaErrorKind.FILES: ErrorCode.FAILED_READ_FILE,
    DeltaErrorKind.EXISTS: ErrorCode.CONSTRAINT_EXISTS,
    DeltaErrorKind.MISSING: ErrorCode.CONSTRAINT_NOT_FOUND,
    DeltaErrorKind.APPEND_ONLY: ErrorCode.INVALID_STATEMENT,
}


def delta_failure(error: DeltaError) -> ApiError:
    """Return a table's refusal as a statement's error."""
    return ApiError(_CODES.get(error.kind, ErrorCode.ENGINE_ERROR), error.message)


@contextmanager
def refusals() -> Iterator[None]:
    """Raise a table's refusal as a statement's error."""
    try:
        yield
    except DeltaError as error:
        raise delta_failure(error) from None


def counts(ctx: Context, affected: int, **parts: int) -> Outcome:
    """Return the result row of a statement that changed rows.

    Args:
        ctx: the statement.
        affected: all rows changed.
        parts: further columns, e.g. ``num_inserted_rows``.
    """
    ctx.statement.rows_affected = affected
    values = {"num_affected_rows": affected, **parts}
    return rows([(name, "bigint") for name in values], [list(values.values())])
