"""Finds the types of texts by looking at all: the first type on a ladder that every value fits exactly.

A number with a leading zero stays text, a number with a point is a decimal of as many places as the values
have, and a time says by its zone which kind of timestamp it is: nothing is lost by the type that is found.
Numbers with more digits than people write, all of them as a double is printed, are doubles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakestead.core.datatypes import (
    BOOLEAN,
    BYTE,
    DATE,
    DOUBLE,
    INT,
    LONG,
    SHORT,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    VOID,
    DataType,
    Decimal,
)
from lakestead.ingest.sources.duck_types import duck_type, quoted

from .lattice import widest
from .session import text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SAMPLE = 1000
# Columns asked about in one statement: planning takes long for very wide ones.
_COLUMNS_AT_A_TIME = 100
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = _DAY + "[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?"
_ZONE = "(Z|[+-][0-9]{2}(:[0-9]{2})?)"
_WHOLE = "-?(0|[1-9][0-9]*)"
_DECIMAL = _WHOLE + "([.][0-9]+)?"


@dataclass(frozen=True, slots=True)
class Rung:
    """A type that texts may have.

    Attributes:
        kind: the type; of a decimal, one with the scale still open.
        holds: SQL for whether the text `{c}` is one of its values.
        reads: SQL for the text `{c}`, made of the one that is stored.
    """

    kind: DataType
    holds: str
    reads: str = "{c}"


def matches(pattern: str, column: str = "{c}") -> str:
    """Return SQL for whether a text is of a pattern from its beginning to its end."""
    escaped = text(pattern).replace("{", "{{").replace("}", "}}")
    return f"regexp_full_match({column}, {escaped})"


def cast(kind: DataType, pattern: str, column: str = "{c}") -> Rung:
    """Return the rung of values of a pattern that can also be cast."""
    holds = f"{matches(pattern)} AND TRY_CAST({column} AS {duck_type(kind)}) IS NOT NULL"
    return Rung(kind, holds)


_OPEN = Decimal(38, 0)
# Numbers of up to so many digits may as well be decimals.
_DIGITS_OF_DOUBLE = 15
# Of decimals: the digits before and behind the point, and whether a double is printed so.
_SIZES = (
    "[max(length(ltrim(split_part({c}, '.', 1), '-'))), max(length(split_part({c}, '.', 2))),"
    " bool_and(strpos({c}, '.') = 0 AND length({c}) <= 15 OR {c} = TRY_CAST({c} AS DOUBLE)::VARCHAR)::INT]"
)
_NUMBER = "-?[0-9.]{1,20}([eE][-+]?[0-9]+)?|-?(?i:nan|inf|infinity)"
_UNPADDED = "-?(0?[^0-9]|[1-9]|0$).*"
TEXT = (
    Rung(BOOLEAN, "lower({c}) IN ('true', 'false')"),
    cast(LONG, _WHOLE),
    Rung(_OPEN, matches(_DECIMAL)),
    Rung(DOUBLE, f"{cast(DOUBLE, _NUMBER).holds} AND {matches(_UNPADDED)}"),
    cast(DATE, _DAY),
    cast(TIMESTAMP_NTZ, _TIME),
    cast(TIMESTAMP, _TIME + _ZONE),
)
"""Texts of a file of delimited values."""

_INNER = "trim({c}, '\"')"
JSON = (
    Rung(BOOLEAN, "{c} IN ('true', 'false')"),
    cast(LONG, _WHOLE),
    Rung(_OPEN, matches(_WHOLE)),
    Rung(DOUBLE, matches("-?[0-9]{1,17}([.][0-9]+)?([eE][-+]?[0-9]+)?")),
    cast(DATE, f'"{_DAY}"', _INNER),
    cast(TIMESTAMP_NTZ, f'"{_TIME}"', _INNER),
    cast(TIMESTAMP, f'"{_TIME}{_ZONE}"', _INNER),
)
"""JSON values as they are written; objects, arrays and what is mixed are text."""


def infer(
    session: DuckDBPyConnection,
    relation: str,
    names: Sequence[str],
    rungs: Sequence[Rung],
    known: Mapping[str, DataType] | None = None,
) -> dict[str, DataType]:
    """Return the types of columns of texts; VOID where there is no value at all.

    Args:
        session: where the relation can be read.
        relation: what stands behind FROM; read a few times.
        names: the columns.
        rungs: the types to try, narrowest first; what fits none is a string.
        known: lower-case name → the type to try before those.
    """
    ladders = {name: _ladder(rungs, (known or {}).get(name.lower())) for name in names}
    found: dict[str, DataType] = {}
    for start in range(0, len(names), _COLUMNS_AT_A_TIME):
        some = names[start : start + _COLUMNS_AT_A_TIME]
        found |= _infer(session, relation, {name: ladders[name] for name in some})
    return found


def _ladder(rungs: Sequence[Rung], known: DataType | None) -> list[Rung]:
    """Return rungs, before them that of a type that values should have if they can."""
    of_numbers = next(rung for rung in rungs if rung.kind is _OPEN)
    if known == STRING:
        return [Rung(STRING, "true")]
    if isinstance(known, Decimal):
        fits = f"length(split_part({{c}}, '.', 2)) <= {known.scale}"
        fits += f" AND TRY_CAST({{c}} AS {duck_type(known)}) IS NOT NULL"
        return [Rung(known, f"{matches(_DECIMAL)} AND {fits}", of_numbers.reads), *rungs]
    if known in (BYTE, SHORT, INT):
        return [cast(known, _WHOLE), *rungs]
    return [*(rung for rung in rungs if rung.kind == known and rung is not of_numbers), *rungs]


def _infer(
    session: DuckDBPyConnection, relation: str, ladders: Mapping[str, Sequence[Rung]]
) -> dict[str, DataType]:
    names = list(ladders)
    sample = f"(FROM {relation} LIMIT {_SAMPLE})"
    first = _ask(session, sample, [(name, rung) for name in names for rung in ladders[name]])
    left = {name: [rung for rung in ladders[name] if first[name, rung] is not None] for name in names}
    found: dict[str, DataType] = {}
    while True:
        found |= {name: STRING for name in names if name not in found and not left[name]}
        questions = [(name, left[name][0]) for name in names if name not in found]
        if not questions:
            return {name: found[name] for name in names}
        for (name, _), answer in _ask(session, relation, questions).items():
            if answer is None:
                left[name].pop(0)
            else:
                found[name] = answer


def _ask(
    session: DuckDBPyConnection, relation: str, questions: Sequence[tuple[str, Rung]]
) -> Mapping[tuple[str, Rung], DataType | None]:
    """Return for each question the type if all values have it, VOID if there is no value, else None."""
    row = session.execute(f"SELECT {', '.join(_questions(questions))} FROM {relation}").fetchone()
    assert row is not None
    return {question: _answer(question[1], said) for question, said in zip(questions, row, strict=True)}


def _questions(questions: Iterable[tuple[str, Rung]]) -> Iterable[str]:
    for name, rung in questions:
        column = rung.reads.format(c=f"{quoted(name)}::VARCHAR")
        sizes = _SIZES.format(c=column) if rung.kind is _OPEN else "[0]"
        yield (
            f"CASE WHEN count({column}) = 0 THEN NULL"
            f" WHEN bool_and({column} IS NULL OR {rung.holds.format(c=column)}) THEN {sizes} ELSE [] END"
        )


def _answer(rung: Rung, said: list[int] | None) -> DataType | None:
    if said is None:
        return VOID
    if not said:
        return None
    if rung.kind is not _OPEN:
        return rung.kind
    before, after, printed = said
    if printed and after and before + after > _DIGITS_OF_DOUBLE:
        return DOUBLE
    if before + after > 38:
        return None
    return Decimal(18, after) if before + after <= 18 and after else Decimal(38, after)


def widest_text(one: DataType, other: DataType) -> DataType:
    """Return the type of texts of which some have one type and some another."""
    found = widest(one, other)
    if found is None and DOUBLE in (one, other):
        rest = one if other == DOUBLE else other
        return DOUBLE if rest == LONG or isinstance(rest, Decimal) else STRING
    return found or STRING
