"""Identity values: given out once, in the order of the statements, also after a kill."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import select

from lakestead.core.names import quote
from lakestead.workspace.sql.context import Context
from lakestead.workspace.sql.dml.write import Target
from lakestead.workspace.store.objects import TableColumn


@contextmanager
def numbered(ctx: Context, target: Target, given: Sequence[TableColumn]) -> Iterator[Sequence[TableColumn]]:
    """Give the columns of a table to a statement that adds rows, its identity columns ready to be numbered.

    The table is held by the statement. The next value is marked as unknown before the rows are written
    and found from the
    table's rows afterwards, so that a process killed in between can never give a value out twice.

    Args:
        ctx: the statement.
        target: the table.
        given: columns for which the statement itself has values.
    """
    identities = [column for column in target.columns if column.identity is not None]
    made = [column for column in identities if column not in given]
    if not identities:
        yield target.columns
        return
    for column in made:
        if column.identity is not None and column.identity["next"] is None:
            after_rows(ctx, target, column)
    ready = _marked(ctx, made)
    yield [ready.get(column.name, column) for column in target.columns]
    for column in made:
        after_rows(ctx, target, ready[column.name])


def _marked(ctx: Context, columns: Sequence[TableColumn]) -> dict[str, TableColumn]:
    """Mark the next values as unknown; return columns that still know them, for this statement."""
    ready: dict[str, TableColumn] = {}
    for column in columns:
        spec = dict(column.identity or {})
        ready[column.name] = TableColumn(
            id=column.id, name=column.name, type=column.type, nullable=column.nullable, identity=spec
        )
        _remember(ctx, column, None)
    return ready


def _remember(ctx: Context, column: TableColumn, value: int | None) -> None:
    with ctx.store.write() as tx:
        stored = tx.execute(select(TableColumn).where(TableColumn.id == column.id)).scalar_one()
        # The highest value that was given out stays given out, though its row be deleted.
        stored.identity = {**(stored.identity or {}), "next": value}
    column.identity = {**(column.identity or {}), "next": value}


def after_rows(ctx: Context, target: Target, column: TableColumn) -> None:
    """Make the next value the first after those in the table and after those known to be given out.

    Args:
        ctx: the statement.
        target: the table, held.
        column: its identity column, with the last known next value or None.
    """
    spec = column.identity or {}
    extreme = "max" if spec["step"] > 0 else "min"
    found = ctx.query(f"SELECT {extreme}({quote(column.name)}) AS last FROM {target.name}")
    last = found.column("last")[0].as_py()
    following = known = spec["next"] if spec["next"] is not None else spec["start"]
    if last is not None:
        steps = (last - spec["start"]) // spec["step"] + 1
        following = spec["start"] + steps * spec["step"]
    _remember(ctx, column, max(known, following) if spec["step"] > 0 else min(known, following))
