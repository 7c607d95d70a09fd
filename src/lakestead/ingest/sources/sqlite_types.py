"""What becomes of SQLite's values: of what a column is declared as, if all its values are.

SQLite holds any value in any column. A value that is not of the declared type is reported, never changed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal as Number
from decimal import InvalidOperation
from types import NoneType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lakestead.core import datatypes as types
from lakestead.core.datatypes import DataType, Decimal
from lakestead.core.errors import SourceError

from .column import Reading
from .duck_types import literal

_MAX_DIGITS = 38
_DECIMAL = re.compile(r"(?:DECIMAL|NUMERIC|NUMBER)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\Z")
# In the order of SQLite's own rules, with the types of other databases that they would take for numbers.
_DECLARED: tuple[tuple[str, DataType], ...] = (
    ("BOOL", types.BOOLEAN),
    ("DATETIME", types.TIMESTAMP_NTZ),
    ("TIMESTAMP", types.TIMESTAMP_NTZ),
    ("DATE", types.DATE),
    ("INTERVAL", types.STRING),
    ("POINT", types.STRING),
    ("INT", types.LONG),
    ("CHAR", types.STRING),
    ("CLOB", types.STRING),
    ("TEXT", types.STRING),
    ("BLOB", types.BINARY),
    ("BINARY", types.BINARY),
    ("REAL", types.DOUBLE),
    ("FLOA", types.DOUBLE),
    ("DOUB", types.DOUBLE),
)
# What all values of a column without a type are; a mixture is text.
_STORED: dict[frozenset[str], DataType] = {
    frozenset({"integer"}): types.LONG,
    frozenset({"real"}): types.DOUBLE,
    frozenset({"integer", "real"}): types.DOUBLE,
    frozenset({"blob"}): types.BINARY,
}

_INTEGERS = (types.BOOLEAN, types.BYTE, types.SHORT, types.INT, types.LONG)
_MISFITS = (pa.ArrowException, TypeError, ValueError, InvalidOperation, OverflowError)


def declared_type(declared: str) -> DataType | None:
    """Return the type of a column that is declared so; None if it is declared as nothing."""
    upper = declared.strip().upper()
    if not upper:
        return None
    found = _DECIMAL.match(upper)
    if found:
        precision = int(found.group(1) or _MAX_DIGITS)
        scale = int(found.group(2) or 0) if found.group(1) else 18
        return Decimal(precision, scale) if scale <= precision <= _MAX_DIGITS else types.STRING
    return next((kind for part, kind in _DECLARED if part in upper), types.STRING)


def holds_text(declared: str) -> bool:
    """Whether a column that is declared so, and becomes text, has only texts; numbers are written as text."""
    return bool(declared.strip()) and not _DECIMAL.match(declared.strip().upper())


def stored_type(storage: frozenset[str]) -> DataType:
    """Return the type of a column without a declared one.

    Args:
        storage: the storage classes of its values: integer, real, text, blob, null.
    """
    return _STORED.get(storage - {"null"}, types.STRING)


def array(values: Sequence[Any], reading: Reading) -> pa.Array:
    """Return a column's values as Arrow's.

    Raises:
        SourceError: when one is not of the declared type; names the column and the value.
    """
    try:
        return _read(values, reading)
    except _MISFITS:
        wrong = next(value for value in values if not _fits(value, reading))
        raise SourceError(
            f"column '{reading.name}' is declared {reading.declared or 'as nothing'}, and has the value"
            f" {wrong!r:.100}, which cannot be taken as {reading.column.type.ddl}; take the column in a type"
            f" that holds all its values, such as types: {{{reading.name}: string}}"
        ) from None


def _read(values: Sequence[Any], reading: Reading) -> pa.Array:
    kind = reading.column.type
    if kind in (types.STRING, types.VARIANT) and reading.arriving != types.STRING:
        return pa.array([_text(value) for value in values], pa.string())
    if reading.arriving == types.STRING:  # a text in which the user may see something else
        return pc.cast(_array(values, types.STRING), kind.to_arrow())
    return _array(values, kind)


def _fits(value: Any, reading: Reading) -> bool:
    try:
        _read([value], reading)
    except _MISFITS:
        return False
    return True


def _array(values: Sequence[Any], kind: DataType) -> pa.Array:
    # Arrow itself would cut a fraction off, and take bytes for text.
    if not _stored(kind) >= set(map(type, values)):
        raise TypeError("of another storage class")
    target = kind.to_arrow()
    if isinstance(kind, Decimal):
        return pa.array([None if value is None else Number(repr(value)) for value in values], target)
    if kind == types.BOOLEAN:
        numbers = pa.array(values, pa.int64())
        if not pc.all(pc.is_in(numbers, pa.array([0, 1, None]))).as_py():
            raise ValueError("neither 0 nor 1")
        return numbers.cast(target)
    if kind in (types.DATE, types.TIMESTAMP_NTZ, types.TIMESTAMP):
        return pc.cast(pa.array(values, pa.string()), target)
    return pa.array(values, target)


def _stored(kind: DataType) -> set[type]:
    """Return the types of Python that SQLite's values of a type have."""
    if isinstance(kind, Decimal) or kind in (types.DOUBLE, types.FLOAT):
        return {int, float, NoneType}
    if kind == types.BINARY:
        return {bytes, NoneType}
    return {int if kind in _INTEGERS else str, NoneType}


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return value.hex() if isinstance(value, bytes) else repr(value)


def bound(value: Any) -> str:
    """Return SQL for a bound of a window.

    A time is written as short as it can be, without seconds that are zero: SQLite compares texts, and so any
    longer form of the same time is not below it.
    """
    if isinstance(value, datetime):
        moment = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        text = moment.isoformat(sep=" ")
        if moment.microsecond:
            return literal(text.rstrip("0"))
        return literal(text.removesuffix(":00").removesuffix(" 00:00"))
    if isinstance(value, date):
        return literal(value.isoformat())
    if isinstance(value, Number):
        return format(value, "f")
    return repr(value) if isinstance(value, int | float) else literal(str(value))
