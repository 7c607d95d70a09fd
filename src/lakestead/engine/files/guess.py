"""The types of text columns, found by the engine's own casts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lakestead.core.datatypes import BOOLEAN, DATE, DOUBLE, INT, LONG, STRING, TIMESTAMP, DataType
from lakestead.engine.delta.rules import Query
from lakestead.engine.files.relation import Relation, TextColumn

# From the narrowest: a column has the first type that fits all of its values.
_TESTS: tuple[tuple[DataType, str], ...] = (
    (INT, "{0} RLIKE '^[+-]?[0-9]+$' AND try_cast({0} AS INT) IS NOT NULL"),
    (LONG, "{0} RLIKE '^[+-]?[0-9]+$' AND try_cast({0} AS BIGINT) IS NOT NULL"),
    (DOUBLE, "{0} RLIKE '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$|^NaN$|^-?Inf(inity)?$'"),
    (DATE, "{0} RLIKE '^[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}$' AND try_cast({0} AS DATE) IS NOT NULL"),
    (TIMESTAMP, "{0} RLIKE '^[0-9]{{4}}-[0-9]' AND try_cast({0} AS TIMESTAMP) IS NOT NULL"),
    (BOOLEAN, "lower({0}) IN ('true', 'false')"),
)


@dataclass(frozen=True, slots=True)
class _Test:
    kind: DataType
    condition: str


def guessed(relation: Relation, query: Query) -> Relation:
    """Return a relation whose text columns have the types that all of their values fit.

    Args:
        relation: text columns among others.
        query: runs a query of the engine.
    """
    columns = [column for column in relation.columns if isinstance(column, TextColumn)]
    if not columns:
        return relation
    tests = [_tests(column, relation) for column in columns]
    counts = [
        expression
        for column, some in zip(columns, tests, strict=True)
        for expression in (
            _count(_text(column, relation), "true"),
            *(_count("1", one.condition) for one in some),
        )
    ]
    where = f" WHERE {relation.where}" if relation.where else ""
    (row,) = query(f"SELECT {', '.join(_named(counts))} FROM {relation.source}{where}").to_pylist()
    found = iter(row.values())
    types: dict[str, DataType] = {}
    for column, some in zip(columns, tests, strict=True):
        values = next(found)
        fits = [one.kind for one in some if next(found) == values]
        types[column.name] = fits[0] if fits and values else STRING
    return replace(
        relation,
        columns=tuple(
            replace(one, type=types[one.name]) if isinstance(one, TextColumn) else one
            for one in relation.columns
        ),
    )


def _text(column: TextColumn, relation: Relation) -> str:
    return column.read(STRING, relation.values)


def _tests(column: TextColumn, relation: Relation) -> list[_Test]:
    text = _text(column, relation)
    tests = [_Test(kind, condition.format(text)) for kind, condition in _TESTS]
    lenient = replace(relation.values, lenient=True)
    if lenient.date_format:
        tests = [one for one in tests if one.kind != DATE]
        tests.append(_Test(DATE, f"{lenient.cast(text, DATE)} IS NOT NULL"))
    if lenient.timestamp_format:
        tests = [one for one in tests if one.kind != TIMESTAMP]
        tests.append(_Test(TIMESTAMP, f"{lenient.cast(text, TIMESTAMP)} IS NOT NULL"))
    return tests


def _count(value: str, condition: str) -> str:
    return f"count({value}) FILTER (WHERE {condition})"


def _named(expressions: Sequence[str]) -> list[str]:
    return [f"{expression} AS n{place}" for place, expression in enumerate(expressions)]
