"""How a MERGE is written."""

from __future__ import annotations

from dataclasses import dataclass

from lakestead.core.names import quote
from lakestead.workspace.errors import unsupported
from lakestead.workspace.sql.dml.tokens import Cursor
from lakestead.workspace.sql.grammar.lexer import Token


@dataclass(frozen=True, slots=True)
class Clause:
    """A WHEN clause.

    Attributes:
        rows: which rows it is for: ``MATCHED``, ``NOT MATCHED`` or ``NOT MATCHED BY SOURCE``.
        condition: what must hold besides; empty for nothing.
        action: ``UPDATE``, ``DELETE`` or ``INSERT``.
        everything: UPDATE SET * or INSERT *.
        assigned: the tokens of a SET list.
        columns: those of INSERT (…).
        values: the text of each value of VALUES (…); None for DEFAULT.
    """

    rows: str
    condition: str
    action: str
    everything: bool = False
    assigned: tuple[Token, ...] = ()
    columns: tuple[str, ...] = ()
    values: tuple[str | None, ...] = ()

    @property
    def when(self) -> str:
        """Its words up to THEN."""
        return f"WHEN {self.rows} AND {self.condition}" if self.condition else f"WHEN {self.rows}"


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
    rows, condition = _when(cursor)
    if cursor.accept("DELETE"):
        return Clause(rows, condition, "DELETE")
    if cursor.accept("UPDATE"):
        cursor.expect("SET")
        if cursor.accept("*"):
            if cursor.at("EXCEPT"):
                raise unsupported("MERGE … UPDATE SET * EXCEPT")
            return Clause(rows, condition, "UPDATE", everything=True)
        return Clause(rows, condition, "UPDATE", assigned=tuple(cursor.tokens_until("WHEN")))
    cursor.expect("INSERT")
    if cursor.accept("*"):
        return Clause(rows, condition, "INSERT", everything=True)
    columns = tuple(_last(cursor, part) for part in cursor.parenthesised()) if cursor.at("(") else ()
    cursor.expect("VALUES")
    values = tuple(
        None if len(part) == 1 and part[0].key == "DEFAULT" else cursor.text[part[0].start : part[-1].end]
        for part in cursor.parenthesised()
    )
    return Clause(rows, condition, "INSERT", columns=columns, values=values)


def _when(cursor: Cursor) -> tuple[str, str]:
    cursor.expect("WHEN")
    rows = "NOT MATCHED" if cursor.accept("NOT") else "MATCHED"
    cursor.expect("MATCHED")
    if rows == "NOT MATCHED" and cursor.accept("BY"):
        if cursor.accept("SOURCE"):
            rows = "NOT MATCHED BY SOURCE"
        else:
            cursor.expect("TARGET")
    condition = ""
    if cursor.accept("AND"):
        condition = cursor.until("THEN")
        if not condition:
            raise cursor.error()
    cursor.expect("THEN")
    return rows, condition


def _last(cursor: Cursor, part: list[Token]) -> str:
    return cursor.raw(part[-1:])
