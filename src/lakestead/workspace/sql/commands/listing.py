"""What SHOW has in common: rows of INFORMATION_SCHEMA, filtered by patterns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lakestead.core.datatypes import from_arrow
from lakestead.engine.arrow import stream
from lakestead.workspace.access import USE_CATALOG, USE_SCHEMA, Access, browses
from lakestead.workspace.catalog.lookup import get
from lakestead.workspace.sql import information_schema
from lakestead.workspace.sql.context import Context
from lakestead.workspace.sql.information_schema import Scope
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.sql.statement import Column
from lakestead.workspace.store.objects import Kind


def listed(
    ctx: Context,
    read: Callable[[Scope], pa.Table],
    *patterns: tuple[str, str | None],
    catalog: str | None = None,
    schema: str | None = None,
) -> pa.Table:
    """Return the rows of a view that the principal may see.

    Args:
        ctx: the statement.
        read: the view.
        patterns: columns, and the patterns that they must match.
        catalog: only this catalog; None for all.
        schema: only this schema of it.

    Raises:
        ApiError: CATALOG_NOT_FOUND, SCHEMA_NOT_FOUND.
    """
    with ctx.store.read() as tx:
        if catalog not in (None, information_schema.SYSTEM):
            get(tx, Kind.CATALOG, (catalog,))
        if catalog is not None and schema not in (None, information_schema.NAME):
            get(tx, Kind.SCHEMA, (catalog, schema))
        table = read(Scope(tx, ctx.principal, catalog, schema))
    for column, pattern in patterns:
        if pattern is not None:
            table = table.filter(matches(table.column(column), pattern))
    return table


def shown(table: pa.Table, **columns: Any) -> Outcome:
    """Return a result made of columns, without a step through Python values.

    Args:
        table: where named columns are taken from.
        columns: in order: the name of a column of the table, an array, or a boolean for every row.
    """
    arrays = {}
    for name, source in columns.items():
        if isinstance(source, bool):
            arrays[name] = pa.repeat(pa.scalar(source), table.num_rows)
        else:
            arrays[name] = table.column(source) if isinstance(source, str) else source
    return tabular(pa.table(arrays))


def tabular(table: pa.Table) -> Outcome:
    """Return a table as the result of a command."""
    described = tuple(Column(field.name, from_arrow(field.type)) for field in table.schema)
    return Outcome(described, stream(table.combine_chunks()), is_query=False)


def matching(names: Sequence[str], pattern: str | None) -> list[str]:
    """Return the names that match a pattern."""
    if pattern is None:
        return list(names)
    array = pa.array(names, pa.string())
    return [str(name) for name in array.filter(matches(array, pattern)).to_pylist()]


def matches(names: pa.Array | pa.ChunkedArray, pattern: str) -> pa.Array | pa.ChunkedArray:
    """Return which names match a pattern as SHOW takes it.

    ``*`` is any text and ``|`` separates alternatives; otherwise it is a regular expression, in any case.
    ``%`` is any text too: clients of JDBC and ODBC send it.

    Args:
        names: strings.
    """
    found = pc.invert(pc.is_valid(names))
    for alternative in pattern.strip().split("|"):
        # RE2 takes linear time whatever the pattern; one that is no regular expression matches nothing.
        text = alternative.replace("*", ".*").replace("%", ".*")
        try:
            found = pc.or_(found, pc.match_substring_regex(names, f"^(?:{text})$", ignore_case=True))
        except pa.ArrowInvalid:
            continue
    return found


def enter(ctx: Context, path: tuple[str, ...]) -> Iterable[Access]:
    """Yield what listing a catalog or schema needs: USE of it, or BROWSE.

    Args:
        ctx: the statement.
        path: catalog, or catalog and schema.
    """
    if path[0] == information_schema.SYSTEM:
        return
    if path[-1] == information_schema.NAME:
        path = path[:1]
    kind, privilege = ((Kind.CATALOG, USE_CATALOG), (Kind.SCHEMA, USE_SCHEMA))[len(path) - 1]
    with ctx.store.read() as tx:
        allowed = browses(tx, ctx.principal, get(tx, kind, path))
    if not allowed:
        yield Access(privilege, kind, path)
