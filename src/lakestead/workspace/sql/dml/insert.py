"""INSERT in all its forms.

Every insert becomes one shape for the engine: all columns of the table, in order, each value cast to its
column's type, with
defaults and identity values where the statement gives none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lakestead.core.names import quote
from lakestead.workspace.catalog.tables import CHECK
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.sql.context import Context
from lakestead.workspace.sql.dml import expressions, guarded
from lakestead.workspace.sql.dml.identity import numbered
from lakestead.workspace.sql.dml.tokens import Cursor
from lakestead.workspace.sql.dml.write import Target, counts, hold, run
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.sql.text import Edit, apply, tokens_of
from lakestead.workspace.sql.words import describe_bound, understood
from lakestead.workspace.store.objects import TableColumn

# More rows than any query has.
_ALL = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Insert:
    """A parsed INSERT.

    Attributes:
        table: the name as written.
        overwrite: INSERT OVERWRITE.
        partition: PARTITION (column = value, …); a value None takes the column from the query.
        columns: the column list, None without one.
        by_name: BY NAME.
        replace_where: the predicate of REPLACE WHERE.
        source: the query, its WITH in front.
    """

    table: tuple[str, ...]
    overwrite: bool
    partition: tuple[tuple[str, str | None], ...]
    columns: tuple[str, ...] | None
    by_name: bool
    replace_where: str | None
    source: str


def parse(text: str) -> Insert:
    """Read an INSERT.

    Raises:
        ApiError: SYNTAX_ERROR.
    """
    cursor = Cursor(text)
    prefix = cursor.take_with()
    cursor.expect("INSERT")
    overwrite = cursor.accept("OVERWRITE")
    if not overwrite:
        cursor.expect("INTO")
    cursor.accept("TABLE")
    table = cursor.name()
    partition: tuple[tuple[str, str | None], ...] = ()
    if cursor.accept("PARTITION"):
        partition = _partition(cursor)
    by_name = cursor.accept("BY", "NAME")
    columns: tuple[str, ...] | None = None
    if cursor.at("(") and cursor.peek(1).key not in ("SELECT", "WITH", "VALUES", "FROM", "TABLE", "("):
        columns = tuple(cursor.raw(part) for part in cursor.parenthesised())
    by_name = cursor.accept("BY", "NAME") or by_name
    predicate = None
    if cursor.accept("REPLACE"):
        if not cursor.accept("WHERE"):
            raise unsupported(f"INSERT … REPLACE {cursor.peek().key}")
        predicate = cursor.until("SELECT", "WITH", "VALUES", "FROM", "TABLE")
    source = cursor.rest()
    if not source:
        raise cursor.error()
    return Insert(table, overwrite, partition, columns, by_name, predicate, prefix + source)


def _partition(cursor: Cursor) -> tuple[tuple[str, str | None], ...]:
    found: list[tuple[str, str | None]] = []
    for part in cursor.parenthesised():
        value = cursor.text[part[2].start : part[-1].end] if len(part) > 2 and part[1].key == "=" else None
        found.append((cursor.raw(part[:1]), value))
    return tuple(found)


def execute(ctx: Context, text: str) -> Outcome:
    """Carry out an INSERT.

    Args:
        ctx: the statement.
        text: with parameters put in.

    Raises:
        ApiError, EngineError: it is refused or fails; nothing was written.
    """
    insert = parse(text)
    with hold(ctx, insert.table) as target:
        if insert.overwrite or insert.replace_where is not None:
            guarded.refuse(ctx, target, "INSERT OVERWRITE", insert.replace_where or "")
        source, names = _source(ctx, target, insert)
        static = {name.lower(): value for name, value in insert.partition if value is not None}
        given = [target.column(name) for name in names if name.lower() not in static]
        _check_given(target, given)
        aliases = [f"c{index}" for index in range(len(given))]
        with numbered(ctx, target, given) as columns:
            written, projection = _projection(target, columns, given, aliases, static)
            if _is_checked(target):
                source = _apart(source)
            body = f"SELECT {projection} FROM ({source}) AS source({', '.join(aliases)})"
            where = insert.replace_where
            if insert.overwrite and static:
                where = " AND ".join(
                    f"{quote(target.column(name).name)} = {expressions.cast(target.column(name), value)}"
                    for name, value in static.items()
                )
            if where is not None:
                _check_replace_where(ctx, where, body)
            verb = "OVERWRITE" if insert.overwrite and not static else "INTO"
            clause = f"REPLACE WHERE {where}" if where is not None else f"({written})"
            metrics = run(ctx, target, f"INSERT {verb} {target.name} {clause} {body}")
    inserted = metrics.get("numOutputRows", 0)
    return counts(ctx, inserted, num_inserted_rows=inserted)


def _is_checked(target: Target) -> bool:
    """Return whether not every row may go into a table."""
    return any(not column.nullable or column.generation for column in target.columns) or any(
        constraint.kind == CHECK for constraint in target.table.constraints
    )


def _apart(source: str) -> str:
    """Return a query that is evaluated before what is asked of its rows.

    The engine would join its checks with the query's own filters, and refuse rows that these keep out; no
    filter goes through a LIMIT.
    """
    return source if _is_values(source) else f"SELECT * FROM ({source}) LIMIT {_ALL}"


def _is_values(source: str) -> bool:
    return source.lstrip().upper().startswith("VALUES")


def _source(ctx: Context, target: Target, insert: Insert) -> tuple[str, Sequence[str]]:
    """Return the bound query and the names of the columns it fills."""
    text = insert.source
    names: Sequence[str] | None = insert.columns
    if names is None and not insert.by_name:
        static = {name.lower() for name, value in insert.partition if value is not None}
        names = [column.name for column in target.columns if column.name.lower() not in static]
    if names is not None:
        text = _defaults(text, [target.column(name) for name in names])
    bound = understood(ctx, target.binder.query(text))
    if names is None:
        names = [column.name for column in describe_bound(ctx, bound)]
    return bound, names


def _defaults(text: str, columns: Sequence[TableColumn]) -> str:
    """Replace the DEFAULTs in a VALUES list by the columns' own."""
    if not _is_values(text) or "default" not in text.lower():
        return text
    edits: list[Edit] = []
    for row in expressions.split(tokens_of(text)[1:-1]):
        inner = row[1:-1] if row and row[0].key == "(" else row
        for index, value in enumerate(expressions.split(inner)):
            if len(value) == 1 and value[0].key == "DEFAULT" and index < len(columns):
                edits.append(Edit(value[0].start, value[0].end, expressions.default(columns[index])))
    return apply(text, edits)


def _check_given(target: Target, given: Sequence[TableColumn]) -> None:
    names = [column.name for column in given]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ApiError(ErrorCode.COLUMN_EXISTS, f"The column {quote(min(twice))} is given more than once.")
    for column in given:
        expressions.refuse_explicit(column)


def _projection(
    target: Target,
    columns: Sequence[TableColumn],
    given: Sequence[TableColumn],
    aliases: Sequence[str],
    static: dict[str, str],
) -> tuple[str, str]:
    """Return the list of columns written and the list of their values."""
    alias_of = {column.name: alias for column, alias in zip(given, aliases, strict=True)}
    names: list[str] = []
    values: list[str] = []
    for column in columns:
        if column.name in alias_of:
            value = expressions.cast(column, alias_of[column.name])
        elif column.name.lower() in static:
            value = expressions.cast(column, static[column.name.lower()])
        elif column.identity is not None:
            value = expressions.identity(column, "row_number() OVER (ORDER BY 1)")
        elif column.generation is not None:
            continue
        else:
            value = expressions.default(column)
        names.append(quote(column.name))
        values.append(f"{value} AS {quote(column.name)}")
    return ", ".join(names), ", ".join(values)


def _check_replace_where(ctx: Context, predicate: str, body: str) -> None:
    """Check that the new rows are all of the kind that is replaced: the engine would take any.

    Raises:
        ApiError: a row does not match the predicate.
    """
    stray = ctx.query(f"SELECT 1 FROM ({body}) WHERE NOT coalesce(({predicate}), false) LIMIT 1")
    if stray.num_rows:
        raise ApiError(
            ErrorCode.CHECK_VIOLATION,
            "Written data does not conform to partial table overwrite condition or constraint "
            f"'{predicate}'.",
            condition="DELTA_REPLACE_WHERE_MISMATCH",
            sqlstate="44000",
        )
