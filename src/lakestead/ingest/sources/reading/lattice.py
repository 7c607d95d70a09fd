"""The narrowest type that holds all values of two types."""

from __future__ import annotations

from lakestead.core.datatypes import (
    BYTE,
    DOUBLE,
    FLOAT,
    INT,
    LONG,
    SHORT,
    VOID,
    Array,
    DataType,
    Decimal,
    Field,
    Struct,
)

# Digits that the values of an integer type may have.
_DIGITS = {BYTE: 3, SHORT: 5, INT: 10, LONG: 19}
_INTEGERS = (BYTE, SHORT, INT, LONG)
_MOST = 38


def widest(one: DataType, other: DataType) -> DataType | None:
    """Return the type that holds the values of both exactly; None if there is none but text.

    A float or double takes in integers of up to 32 bits, and no decimals.
    """
    if one == other or other == VOID:
        return one
    if one == VOID:
        return other
    if one in _DIGITS and other in _DIGITS:
        return max(one, other, key=_INTEGERS.index)
    if isinstance(one, (Struct, Array)) and type(one) is type(other):
        return _nested(one, other)
    if FLOAT in (one, other) or DOUBLE in (one, other):
        rest = {one, other} - {FLOAT, DOUBLE}
        return DOUBLE if rest <= {BYTE, SHORT, INT} else None
    return _decimal(one, other)


def _decimal(one: DataType, other: DataType) -> DataType | None:
    sizes = [_size(kind) for kind in (one, other)]
    found = [size for size in sizes if size is not None]
    if len(found) < 2:
        return None
    before, after = max(size[0] for size in found), max(size[1] for size in found)
    return Decimal(before + after, after) if before + after <= _MOST else None


def _size(kind: DataType) -> tuple[int, int] | None:
    """Return the digits before and behind the point."""
    if isinstance(kind, Decimal):
        return kind.precision - kind.scale, kind.scale
    return (_DIGITS[kind], 0) if kind in _DIGITS else None


def _nested(one: Array | Struct, other: DataType) -> DataType | None:
    if isinstance(one, Array):
        assert isinstance(other, Array)
        element = widest(one.element, other.element)
        return Array(element, one.contains_null or other.contains_null) if element else None
    assert isinstance(other, Struct)
    if [field.name for field in one.fields] != [field.name for field in other.fields]:
        return None
    fields = []
    for mine, theirs in zip(one.fields, other.fields, strict=True):
        kind = widest(mine.type, theirs.type)
        if kind is None:
            return None
        fields.append(Field(mine.name, kind, mine.nullable or theirs.nullable, mine.comment))
    return Struct(tuple(fields))
