"""Changing tables of which the principal does not see everything: rows filtered out, or values masked.

The expressions of a statement must see no more than a query would. Where they would see more of the table as
it is, UPDATE and DELETE are carried out by writing the table anew from what the principal sees, beside what
is there; other statements are refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from lakestead.core.names import quote, quote_name
from lakestead.engine.sail import EngineError
from lakestead.workspace.access import MANAGE, has
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.sql.conditions import engine_error
from lakestead.workspace.sql.context import Context
from lakestead.workspace.sql.dml.write import Target, run
from lakestead.workspace.sql.policies import Guard
from lakestead.workspace.sql.text import tokens_of
from lakestead.workspace.store.base import new_id
from lakestead.workspace.store.objects import TableColumn

# Not all of these can be compared.
_NESTED = ("array", "map", "struct", "variant")


def obstructed(
    ctx: Context, target: Target, *expressions: str, apart_from: str | None = None
) -> Guard | None:
    """Return what stands between a table and the expressions of a statement.

    Args:
        ctx: the statement.
        target: its table, held.
        expressions: all that it evaluates for rows of the table.
        apart_from: the name of another relation whose columns they use.

    Returns:
        The row filter, if it hides a row from the principal, and the masks of those columns that are named
        and seen altered. None when the statement can work on the table as it is.
    """
    guard = target.binder.guard(target.table)
    if guard is None:
        return None
    masks = {
        column.name.lower(): guard.value(column)
        for column in target.columns
        if column.name.lower() in guard.masks
        and any(names(one, column.name, apart_from) for one in expressions)
        and (
            column.type.startswith(_NESTED)
            or _exists(ctx, target, guard, f"NOT (({guard.value(column)}) <=> {guard.own(column)})")
        )
    }
    condition = guard.condition
    if condition and not _exists(ctx, target, guard, f"NOT coalesce(({condition}), false)"):
        condition = None
    return replace(guard, condition=condition, masks=masks) if masks or condition else None


def _exists(ctx: Context, target: Target, guard: Guard, condition: str) -> bool:
    query = f"SELECT 1 AS found FROM {target.name} AS {guard.alias} WHERE {condition} LIMIT 1"
    return bool(ctx.query(query).num_rows)


def names(text: str, column: str, apart_from: str | None) -> bool:
    """Return whether an expression may use a column of the table."""
    tokens = tokens_of(text)
    words = [text[one.start : one.end].strip("`").lower() for one in tokens]
    for place, token in enumerate(tokens):
        before = words[place - 1] if place else ""
        if token.key == "*" and before in ("", "(", ",", ".", "select", "distinct", "all"):
            return True
        if token.kind not in ("word", "quoted") or words[place] != column.lower():
            continue
        others = before == "." and place > 1 and words[place - 2] == (apart_from or "").lower()
        if not others or (place > 2 and words[place - 3] == "."):
            return True
    return False


def refuse_stars(text: str) -> None:
    """Refuse a star that could stand for all columns of the table, what is there among them."""
    tokens = tokens_of(text)
    for place, token in enumerate(tokens):
        before = tokens[place - 1].key if place else ""
        counts = before == "(" and place > 1 and tokens[place - 2].key == "COUNT"
        if token.key == "*" and before in ("(", ",", ".") and not counts:
            raise unsupported("* in a change of a table of which not everything is seen")


def refuse(ctx: Context, target: Target, statement: str, *expressions: str) -> None:
    """Refuse a statement that would change what its principal does not see, or use values it does not see.

    Raises:
        ApiError: NOT_IMPLEMENTED.
    """
    guard = obstructed(ctx, target, *expressions)
    if guard is not None:
        why = "row filter hides rows of it" if guard.condition else "column mask hides values that it uses"
        raise unsupported(f"{statement} of a table of which not everything is seen: a {why}")


def refuse_merge(target: Target, guard: Guard | None) -> None:
    """Refuse a MERGE into a table that something stands before.

    Raises:
        ApiError: NOT_IMPLEMENTED with Databricks' conditions.
    """
    if guard is None:
        return
    prefix, what = (
        ("ROW_LEVEL_SECURITY", "a row filter that hides rows")
        if guard.condition
        else ("COLUMN_MASKS", "masks on columns that the statement uses")
    )
    raise ApiError(
        ErrorCode.NOT_IMPLEMENTED,
        f"MERGE INTO does not support the target table {quote_name(*target.table.path)}: it has {what}.",
        condition=f"{prefix}_MERGE_UNSUPPORTED_TARGET",
        sqlstate="0A000",
    )


def refuse_files(ctx: Context, target: Target) -> None:
    """Refuse to show the names of a table's files, in which the values of its partitions stand.

    Raises:
        ApiError: PERMISSION_DENIED, unless the principal manages the table.
    """
    if target.has_policies and not has(target.binder.tx, ctx.principal, MANAGE, target.table):
        raise ApiError(
            ErrorCode.PERMISSION_DENIED,
            f"Insufficient privileges: User is not an owner of Table '{target.table.full_name}': the files "
            "of a table with a row filter or column mask are shown to those who manage it.",
        )


@contextmanager
def discreet(target: Target) -> Iterator[None]:
    """Raise that a row breaks a rule of a table without the row's values, where policies may hide them."""
    try:
        yield
    except (ApiError, EngineError) as error:
        failure = error if isinstance(error, ApiError) else engine_error(str(error))
        if failure.code is not ErrorCode.CHECK_VIOLATION or not target.has_policies:
            raise
        raise ApiError(
            failure.code,
            "A row would break a CHECK constraint or generated column; it is not shown, as the table has a "
            "row filter or column mask.",
        ) from None


def delete(ctx: Context, target: Target, guard: Guard, alias: str | None, condition: str) -> int:
    """Delete the rows for which a condition holds, among those that are seen.

    Args:
        ctx: the statement.
        target: its table, held.
        guard: what stands before it.
        alias: how the condition calls it.
        condition: bound; empty for all rows.

    Returns:
        How many were deleted.
    """
    refuse_stars(condition)
    return _Anew(ctx, target, guard, alias, condition).write(None)


def update(
    ctx: Context,
    target: Target,
    guard: Guard,
    alias: str | None,
    condition: str,
    values: Mapping[str, str],
) -> int:
    """Change the rows for which a condition holds, among those that are seen.

    Args:
        ctx: the statement.
        target: its table, held.
        guard: what stands before it.
        alias: how the expressions call it.
        condition: bound; empty for all rows.
        values: bound, by the names of their columns.

    Returns:
        How many were changed.
    """
    for one in (condition, *values.values()):
        refuse_stars(one)
    made = next((one.name for one in target.columns if one.generation and one.name in values), None)
    if made is not None:
        raise ApiError(ErrorCode.INVALID_STATEMENT, f"Column {quote(made)} makes its own values.")
    return _Anew(ctx, target, guard, alias, condition).write(values)


class _Anew:
    """A table to be written anew: what is seen of it by the names of its columns, and what is there."""

    def __init__(self, ctx: Context, target: Target, guard: Guard, alias: str | None, condition: str) -> None:
        self._ctx = ctx
        self._target = target
        # Nobody can know these names, and so use what is there.
        secret = new_id()
        self._own = {one.name: quote(f"{secret} {place}") for place, one in enumerate(target.columns)}
        visible = quote(f"{secret} visible")
        table = (
            f"(SELECT *, coalesce(({guard.condition or 'true'}), false) AS {visible} "
            f"FROM {target.name} AS {guard.alias}) AS {guard.alias}"
        )
        # Nothing of a hidden row can reach an expression, in whatever order the engine evaluates them.
        seen = [
            f"CASE WHEN {guard.alias}.{visible} THEN {guard.value(one)} END AS {quote(one.name)}, "
            f"{guard.own(one)} AS {self._own[one.name]}"
            for one in target.columns
        ]
        rows = f"SELECT {', '.join(seen)}, {guard.alias}.{visible} AS {visible} FROM {table}"
        self._rows = f"({rows}) AS {quote(alias or target.table.name)}"
        self._hit = f"{visible} AND ({condition or 'true'})"

    def write(self, values: Mapping[str, str] | None) -> int:
        """Write the rows that are not hit, and with new values those that are, if there are such values.

        Returns:
            How many rows are hit.
        """
        found = self._ctx.query(f"SELECT count(*) AS n FROM {self._rows} WHERE {self._hit}")
        count = int(found.column("n")[0].as_py())
        if count:
            query = f"{self._selected({})} WHERE NOT coalesce(({self._hit}), false)"
            if values is not None:
                query += f" UNION ALL {self._selected(values)} WHERE {self._hit}"
            names = ", ".join(quote(one.name) for one in self._written)
            run(self._ctx, self._target, f"INSERT OVERWRITE {self._target.name} ({names}) {query}")
        return count

    @property
    def _written(self) -> list[TableColumn]:
        return [one for one in self._target.columns if one.generation is None]

    def _selected(self, values: Mapping[str, str]) -> str:
        listed = ", ".join(
            f"{values.get(one.name, self._own[one.name])} AS {quote(one.name)}" for one in self._written
        )
        return f"SELECT {listed} FROM {self._rows}"
