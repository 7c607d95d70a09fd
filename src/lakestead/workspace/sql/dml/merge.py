"""MERGE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lakestead.core.names import quote, quote_name
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.sql.context import Context
from lakestead.workspace.sql.dml import expressions
from lakestead.workspace.sql.dml.identity import numbered
from lakestead.workspace.sql.dml.tokens import Cursor
from lakestead.workspace.sql.dml.write import Target, counts, hold, run
from lakestead.workspace.sql.grammar.lexer import Token
from lakestead.workspace.sql.queries import describe_bound, understood
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.sql.sync import sync_columns
from lakestead.workspace.store.objects import TableColumn

# The column that numbers the source's rows for identity values.
_NUMBER = "lakestead_row_number"


@dataclass(frozen=True, slots=True)
class Clause:
    """A WHEN clause.

    Attributes:
        when: its words up to THEN, with the condition.
        action: ``UPDATE``, ``DELETE`` or ``INSERT``.
        everything: UPDATE SET * or INSERT *.
        assigned: the tokens of a SET list.
        columns: those of INSERT (…).
        values: the text of each value of VALUES (…); None for DEFAULT.
    """

    when: str
    action: str
    everything: bool = False
    assigned: tuple[Token, ...] = ()
    columns: tuple[str, ...] = ()
    values: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Merge:
    """A parsed MERGE."""

    text: str
    evolves: bool
    table: tuple[str, ...]
    alias: str | None
    source: str
    source_alias: str
    condition: str
    clauses: tuple[Clause, ...]


def parse(text: str) -> Merge:
    """Read a MERGE.

    Raises:
        ApiError: SYNTAX_ERROR.
    """
    cursor = Cursor(text)
    prefix = cursor.take_with()
    cursor.expect("MERGE")
    evolves = cursor.accept("WITH", "SCHEMA", "EVOLUTION")
    cursor.expect("INTO")
    table = cursor.name()
    alias = None
    if cursor.accept("AS") or not cursor.at("USING"):
        alias = cursor.name()[0]
    cursor.expect("USING")
    source, source_alias = _source(cursor, prefix)
    cursor.expect("ON")
    condition = cursor.until("WHEN")
    clauses: list[Clause] = []
    while cursor.at("WHEN"):
        clauses.append(_clause(cursor))
    if not condition or not clauses or cursor.peek().kind != "end":
        raise cursor.error()
    return Merge(text, evolves, table, alias, source, source_alias, condition, tuple(clauses))


def _source(cursor: Cursor, prefix: str) -> tuple[str, str]:
    """Read USING's table or query; return it as a query, and the name it has in the statement."""
    if cursor.at("("):
        tokens = cursor.span()
        query = cursor.text[tokens[0].start : tokens[-1].end] if tokens else ""
        alias = "source"
    else:
        if cursor.peek().key == "VALUES":
            raise cursor.error()
        start = cursor.peek().start
        name = cursor.name()
        if cursor.at("("):
            cursor.span()
        tail = cursor.until("AS", "ON") if cursor.peek().key in ("VERSION", "TIMESTAMP", "FOR") else ""
        if tail:
            cursor.expect("AS")
            cursor.accept("OF")
            cursor.until("AS", "ON")
        # A query over the name keeps what follows it, such as VERSION AS OF.
        query, alias = f"SELECT * FROM {cursor.text[start : cursor.peek().start].rstrip()}", name[-1]
    names = ""
    if cursor.accept("AS") or not cursor.at("ON"):
        alias = cursor.name()[0]
        if cursor.at("("):
            listed = [quote(cursor.raw(part)) for part in cursor.parenthesised()]
            names = f"({', '.join(listed)})"
    if names:
        query = f"SELECT * FROM ({query}) AS {quote(alias)}{names}"
    return prefix + query, alias


def _clause(cursor: Cursor) -> Clause:
    cursor.expect("WHEN")
    when = "WHEN " + cursor.until("THEN")
    cursor.expect("THEN")
    if cursor.accept("DELETE"):
        return Clause(when, "DELETE")
    if cursor.accept("UPDATE"):
        cursor.expect("SET")
        if cursor.accept("*"):
            if cursor.at("EXCEPT"):
                raise unsupported("MERGE … UPDATE SET * EXCEPT")
            return Clause(when, "UPDATE", everything=True)
        return Clause(when, "UPDATE", assigned=tuple(cursor.tokens_until("WHEN")))
    cursor.expect("INSERT")
    if cursor.accept("*"):
        return Clause(when, "INSERT", everything=True)
    columns = tuple(_last(cursor, part) for part in cursor.parenthesised()) if cursor.at("(") else ()
    cursor.expect("VALUES")
    values = tuple(
        None if len(part) == 1 and part[0].key == "DEFAULT" else cursor.text[part[0].start : part[-1].end]
        for part in cursor.parenthesised()
    )
    return Clause(when, "INSERT", columns=columns, values=values)


def _last(cursor: Cursor, part: list[Token]) -> str:
    return cursor.raw(part[-1:])


def execute(ctx: Context, text: str) -> Outcome:
    """Carry out a MERGE.

    Raises:
        ApiError, EngineError: it is refused or fails; nothing was changed.
    """
    merge = parse(text)
    with hold(ctx, merge.table) as target:
        source = understood(ctx, target.binder.query(merge.source))
        inserts = [clause for clause in merge.clauses if clause.action == "INSERT"]
        given = [target.column(name) for clause in inserts for name in clause.columns]
        with numbered(ctx, target, given if inserts else target.columns) as columns:
            identities = [one for one in columns if one.identity is not None and one not in given]
            if identities and inserts:
                source = f"SELECT *, row_number() OVER (ORDER BY 1) AS {_NUMBER} FROM ({source})"
            sql = _statement(ctx, target, merge, source, columns)
            with ctx.intent(target.table, merge.evolves):
                metrics = run(ctx, target, sql)
                if merge.evolves:
                    sync_columns(ctx, target.table)
    updated = metrics.get("numTargetRowsUpdated", 0)
    deleted = metrics.get("numTargetRowsDeleted", 0)
    inserted = metrics.get("numTargetRowsInserted", 0)
    return counts(
        ctx,
        updated + deleted + inserted,
        num_updated_rows=updated,
        num_deleted_rows=deleted,
        num_inserted_rows=inserted,
    )


def _statement(
    ctx: Context,
    target: Target,
    merge: Merge,
    source: str,
    columns: Sequence[TableColumn],
) -> str:
    clauses = [_render(ctx, target, merge, clause, source, columns) for clause in merge.clauses]
    evolution = "WITH SCHEMA EVOLUTION " if merge.evolves else ""
    alias = f"AS {quote(merge.alias)} " if merge.alias else ""
    return (
        f"MERGE {evolution}INTO {target.name} {alias}"
        f"USING ({source}) AS {quote(merge.source_alias)} ON {target.binder.expression(merge.condition)} "
        + " ".join(clauses)
    )


def _render(
    ctx: Context,
    target: Target,
    merge: Merge,
    clause: Clause,
    source: str,
    columns: Sequence[TableColumn],
) -> str:
    when = target.binder.expression(clause.when) + " THEN "
    if clause.action == "DELETE":
        return when + "DELETE"
    own = [column for column in columns if column.default or column.identity is not None]
    if clause.action == "UPDATE":
        if clause.everything:
            return when + "UPDATE SET *"
        listed = expressions.set_list(merge.text, clause.assigned, target.columns)
        return when + "UPDATE SET " + target.binder.expression(listed)
    if clause.everything and not own:
        return when + "INSERT *"
    values = _insert_values(ctx, target, merge, clause, source)
    for column in columns:
        if column.name.lower() in values:
            continue
        if column.identity is not None:
            number = quote_name(merge.source_alias, _NUMBER)
            values[column.name.lower()] = expressions.identity(column, number)
        elif column.generation is None:
            values[column.name.lower()] = expressions.default(column)
    names = ", ".join(quote(target.column(name).name) for name in values)
    return when + f"INSERT ({names}) VALUES ({', '.join(values.values())})"


def _insert_values(ctx: Context, target: Target, merge: Merge, clause: Clause, source: str) -> dict[str, str]:
    """Return the values that an INSERT clause gives, by column in lower case."""
    if clause.everything:
        found = [column.name for column in describe_bound(ctx, source) if column.name != _NUMBER]
        known = {column.name.lower(): column for column in target.columns}
        new = [name for name in found if name.lower() not in known]
        if new and merge.evolves:
            raise unsupported("MERGE WITH SCHEMA EVOLUTION into a table with defaults or identity columns")
        names = [name for name in found if name.lower() in known]
        for name in names:
            expressions.refuse_explicit(known[name.lower()])
        return {
            name.lower(): expressions.cast(known[name.lower()], quote_name(merge.source_alias, name))
            for name in names
        }
    names = list(clause.columns) or [column.name for column in target.columns]
    if len(names) != len(clause.values):
        raise ApiError(
            ErrorCode.INSERT_ARITY,
            f"The INSERT clause names {len(names)} columns and gives {len(clause.values)} values.",
        )
    values: dict[str, str] = {}
    for name, value in zip(names, clause.values, strict=True):
        column = target.column(name)
        if value is None:
            values[name.lower()] = expressions.default(column)
            continue
        expressions.refuse_explicit(column)
        values[name.lower()] = expressions.cast(column, f"({target.binder.expression(value)})")
    return values
