"""UPDATE and DELETE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lakestead.core.names import quote, quote_name
from lakestead.engine.delta.log import Metadata
from lakestead.engine.delta.rules import has_rules, verify_rows
from lakestead.engine.delta.table import open_table
from lakestead.workspace.errors import unsupported
from lakestead.workspace.sql.analysis import has_subquery
from lakestead.workspace.sql.context import Context
from lakestead.workspace.sql.dml import expressions, guarded
from lakestead.workspace.sql.dml.tokens import Cursor
from lakestead.workspace.sql.dml.write import Target, counts, hold, refusals, run
from lakestead.workspace.sql.grammar.lexer import Token
from lakestead.workspace.sql.service import Outcome


@dataclass(frozen=True, slots=True)
class Change:
    """A parsed UPDATE or DELETE.

    Attributes:
        table: the name as written.
        alias: the table's alias.
        assigned: the tokens of the SET list; none for DELETE.
        where: the WHERE clause with its first word; empty without one.
    """

    table: tuple[str, ...]
    alias: str | None
    assigned: tuple[Token, ...]
    where: str

    @property
    def condition(self) -> str:
        """What stands behind WHERE."""
        return self.where[len("WHERE") :]


def parse(text: str) -> Change:
    """Read an UPDATE or DELETE.

    Raises:
        ApiError: SYNTAX_ERROR.
    """
    cursor = Cursor(text)
    if cursor.accept("DELETE", "FROM"):
        return Change(cursor.name(), _alias(cursor, "WHERE"), (), cursor.rest())
    cursor.expect("UPDATE")
    name, alias = cursor.name(), _alias(cursor, "SET")
    cursor.expect("SET")
    listed = cursor.tokens_until("WHERE")
    if not listed:
        raise cursor.error()
    return Change(name, alias, tuple(listed), cursor.rest())


def update(ctx: Context, text: str) -> Outcome:
    """Carry out an UPDATE.

    Raises:
        ApiError, EngineError: it is refused or fails; nothing was changed.
    """
    parsed = parse(text)
    listed, where = parsed.assigned, parsed.where
    with hold(ctx, parsed.table) as target, guarded.discreet(target):
        alias = target.called(parsed.alias)
        assigned = expressions.assignments(text, listed)
        listing = expressions.set_list(text, listed, target.columns)
        values = [one.value for one in assigned if one.value is not None]
        guard = guarded.obstructed(ctx, target, *values, parsed.condition)
        if guard is not None:
            if any(one.qualifier and one.qualifier[-1].lower() != (alias or "").lower() for one in assigned):
                raise unsupported("Changing a field of a struct in a table of which not everything is seen")
            new = _given(target, text, listed)
            bound = target.binder.expression(parsed.condition)
            return counts(ctx, guarded.update(ctx, target, guard, alias, bound, new))
        changes = target.binder.expression(listing)
        condition = target.binder.expression(where)
        _verify(ctx, target, alias, text, listed, condition)
        metrics = run(ctx, target, f"UPDATE {target.name} {_as(alias)} SET {changes} {condition}")
    return counts(ctx, metrics.get("numUpdatedRows", 0))


def _verify(
    ctx: Context, target: Target, alias: str | None, text: str, listed: Sequence[Token], where: str
) -> None:
    """Verify that the changed rows will keep the table's rules: the engine does not, for UPDATE.

    The table is held, so that they are the rows that will be changed.
    """
    metadata = Metadata.of(open_table(target.location))
    if not has_rules(metadata):
        return
    given = _given(target, text, listed)
    old = alias or target.table.name
    after = ", ".join(
        f"{given.get(column.name, quote_name(old, column.name))} AS {quote(column.name)}"
        for column in target.columns
    )
    with refusals():
        verify_rows(f"(SELECT {after} FROM {target.name} {_as(alias)} {where})", metadata, ctx.query)


def _given(target: Target, text: str, listed: Sequence[Token]) -> dict[str, str]:
    """Return the bound values of a SET list, by the names of their columns."""
    return {
        target.column(one.column).name: expressions.cast(
            target.column(one.column),
            f"({target.binder.expression(one.value)})",
        )
        if one.value is not None
        else expressions.default(target.column(one.column))
        for one in expressions.assignments(text, listed)
    }


def delete(ctx: Context, text: str) -> Outcome:
    """Carry out a DELETE.

    Raises:
        ApiError, EngineError: it is refused or fails; nothing was changed.
    """
    parsed = parse(text)
    where = parsed.where
    with hold(ctx, parsed.table) as target:
        alias = target.called(parsed.alias)
        guard = guarded.obstructed(ctx, target, parsed.condition)
        if guard is not None:
            bound = target.binder.expression(parsed.condition)
            return counts(ctx, guarded.delete(ctx, target, guard, alias, bound))
        condition = target.binder.expression(where)
        if has_subquery(where):
            return _delete_by_rewriting(ctx, target, alias, condition)
        metrics = run(ctx, target, f"DELETE FROM {target.name} {_as(alias)} {condition}")
    return counts(ctx, metrics.get("numDeletedRows", 0))


def _delete_by_rewriting(ctx: Context, target: Target, alias: str | None, where: str) -> Outcome:
    """Delete by keeping the other rows: the engine plans no subqueries in DELETE.

    Both statements see the same version, as the table is held, and the second is one commit.
    """
    source = f"{target.name} {_as(alias)}"
    found = ctx.query(f"SELECT count(*) AS n FROM {source} {where}")
    deleted = int(found.column("n")[0].as_py())
    if deleted:
        predicate = where.lstrip()[len("WHERE") :]
        written = [column for column in target.columns if column.generation is None]
        names = ", ".join(quote(column.name) for column in written)
        kept = f"SELECT {names} FROM {source} WHERE NOT coalesce(({predicate}), false)"
        run(ctx, target, f"INSERT OVERWRITE {target.name} ({names}) {kept}")
    return counts(ctx, deleted)


def _alias(cursor: Cursor, following: str) -> str | None:
    """Read the alias of the table that is changed, if there is one."""
    if cursor.accept("AS") or not (cursor.at(following) or cursor.peek().kind == "end"):
        return cursor.name()[0]
    return None


def _as(alias: str | None) -> str:
    return f"AS {quote(alias)}" if alias else ""
