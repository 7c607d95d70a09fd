"""Slicing expressions: whether they can be evaluated for each row of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakestead.core.errors import MissingExtra
from lakestead.profiling.metadata import Columns

if TYPE_CHECKING:
    from sqlglot.expressions import Expression


def mistakes(expression: str, columns: Columns | None = None) -> list[str]:
    """Return what is wrong with a slicing expression, in words.

    Args:
        expression: a column or a predicate, in Databricks' SQL.
        columns: of the table; whether the columns that it names are there is not looked at without.

    Raises:
        MissingExtra: sqlglot is not installed.
    """
    try:
        from sqlglot import exp
    except ImportError:
        raise MissingExtra("checking slicing expressions", "profiling") from None
    parsed = _parsed(expression)
    if isinstance(parsed, str):
        return [parsed]
    if parsed.find(exp.AggFunc, exp.Window, exp.Query) is not None:
        return ["must say something of a single row: no aggregates, windows or queries"]
    named = {column.parts[0].name for column in parsed.find_all(exp.Column)}
    if not named:
        return ["names no column"]
    known = {name.lower() for name in columns} if columns is not None else None
    return [
        f"names the column '{name}', which is not there"
        for name in sorted(named)
        if known is not None and name.lower() not in known
    ]


def _parsed(expression: str) -> Expression | str:
    """Return the one expression that a text is, or why it is none."""
    from sqlglot import exp, parse_one
    from sqlglot.errors import SqlglotError

    try:
        query = parse_one(f"SELECT\n{expression}\n", dialect="databricks")
    except SqlglotError:
        return "cannot be parsed as SQL"
    clauses = [name for name, value in query.args.items() if value and name not in ("expressions", "kind")]
    if not isinstance(query, exp.Select) or len(query.expressions) != 1 or clauses:
        return "is not one expression"
    only = query.expressions[0]
    if isinstance(only, exp.Alias | exp.Star):
        return "is not one expression"
    return only if isinstance(only, exp.Expression) else "is not one expression"
