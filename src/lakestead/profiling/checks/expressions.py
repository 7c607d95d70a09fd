"""SQL that users write in rules: whether it is what it should be."""

from __future__ import annotations

from collections.abc import Iterable

from lakestead.core.errors import MissingExtra
from lakestead.profiling.slicing import mistakes


def expression_problems(expression: str, columns: Iterable[str]) -> list[str]:
    """Return what is wrong with an expression over a row.

    Args:
        expression: in Databricks' SQL.
        columns: the names of the columns that it may name.

    Raises:
        MissingExtra: sqlglot is not installed.
    """
    known = dict.fromkeys(columns, "")
    return [f"'{expression}' {mistake}" for mistake in mistakes(expression, known)]


def query_problems(query: str) -> list[str]:
    """Return why a text is not one query; nothing if it is.

    Raises:
        MissingExtra: sqlglot is not installed.
    """
    try:
        from sqlglot import exp, parse
        from sqlglot.errors import SqlglotError
    except ImportError:
        raise MissingExtra("checking rules", "profiling") from None
    try:
        trees = [tree for tree in parse(query, dialect="databricks") if tree is not None]
    except SqlglotError as error:
        return [f"'{query}' cannot be parsed: {str(error).splitlines()[0]}"]
    return [] if len(trees) == 1 and isinstance(trees[0], exp.Query) else [f"'{query}' is not one query"]
