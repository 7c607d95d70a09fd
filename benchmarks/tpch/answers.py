"""When two answers to a query are the same."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from benchmarks.tpch.queries import is_query, statements

Row = tuple[Any, ...]
_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave.

    Attributes:
        columns: their names.
        rows: in their order.
    """

    columns: tuple[str, ...]
    rows: list[Row]


def answer(number: int, execute: Callable[[str], Answer]) -> Answer:
    """Return the answer to a query.

    Args:
        number: of the query, from 1.
        execute: runs one statement.
    """
    answers = [(statement, execute(statement)) for statement in statements(number)]
    return next(given for statement, given in answers if is_query(statement))


class Reference:
    """DuckDB over the same Parquet files: an engine that shares nothing with ours.

    Args:
        files: the Parquet file of each table.
    """

    def __init__(self, files: dict[str, Path]) -> None:
        self._connection = duckdb.connect()
        for table, file in files.items():
            self._connection.execute(f"CREATE VIEW {table} AS FROM read_parquet('{file}')")

    def __call__(self, statement: str) -> Answer:
        """Run a statement."""
        cursor = self._connection.execute(statement)
        return Answer(tuple(column[0] for column in cursor.description or ()), cursor.fetchall())

    def close(self) -> None:
        """End it."""
        self._connection.close()


def difference(number: int, given: Answer, expected: Answer) -> str | None:
    """Return how an answer differs from what is expected; None when it does not.

    The rows must be the same: where one engine averages or divides into a decimal and the other into a
    float, to the decimal's last digit, else floats within a millionth. The columns that the query sorts by
    must come in the same order; rows that are equal in them may be in any.

    Args:
        number: of the query, from 1.
        given: the answer.
        expected: the right answer.
    """
    if given.columns != expected.columns:
        return f"columns {given.columns} instead of {expected.columns}"
    if len(given.rows) != len(expected.rows):
        return f"{len(given.rows)} rows instead of {len(expected.rows)}"
    for ours, theirs in zip(_sorted(given.rows), _sorted(expected.rows), strict=True):
        if not _same(ours, theirs):
            return f"{ours} instead of {theirs}"
    keys = _order(number, expected.columns)
    for index, (ours, theirs) in enumerate(zip(given.rows, expected.rows, strict=True)):
        if not _same([ours[key] for key in keys], [theirs[key] for key in keys]):
            return f"{ours} in row {index}, where {theirs} should be"
    return None


def _order(number: int, columns: Sequence[str]) -> list[int]:
    """Return the positions of the columns that a query sorts by."""
    query = next(statement for statement in statements(number) if is_query(statement))
    order = sqlglot.parse_one(query, dialect="spark").args.get("order")
    names = [key.this.name.lower() for key in order.find_all(exp.Ordered)] if order else []
    return [columns.index(name) for name in names]


def _sorted(rows: Sequence[Row]) -> list[Row]:
    # What may differ a little comes last, and rounded.
    return sorted(
        rows,
        key=lambda row: (
            [str(value) for value in row if not isinstance(value, float | Decimal)],
            [float(f"{value:.5g}") for value in row if isinstance(value, float | Decimal)],
        ),
    )


def _same(ours: Sequence[Any], theirs: Sequence[Any]) -> bool:
    return all(_equal(one, other) for one, other in zip(ours, theirs, strict=True))


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, float) or isinstance(other, float):
        if one is None or other is None:
            return one is other
        # A decimal beside a float is right to its last digit.
        digit = max((_last_digit(value) for value in (one, other) if isinstance(value, Decimal)), default=0.0)
        return math.isclose(one, other, rel_tol=_TOLERANCE, abs_tol=digit)
    return bool(one == other)


def _last_digit(value: Decimal) -> float:
    return 10.0 ** int(value.as_tuple().exponent)
