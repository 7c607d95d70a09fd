"""Which types hold all values of which others, so that Delta can widen a column.

The table is that of https://docs.databricks.com/delta/type-widening.html.
"""

from __future__ import annotations

from .kinds import BYTE, DATE, DOUBLE, FLOAT, INT, LONG, SHORT, TIMESTAMP_NTZ, DataType, Decimal

# Digits that a whole number of each type may have.
_DIGITS = {BYTE: 3, SHORT: 5, INT: 10, LONG: 19}
_WHOLE = (BYTE, SHORT, INT, LONG)


def is_wider(kind: DataType, other: DataType) -> bool:
    """Return whether a type is another than `other` and holds all of its values unchanged."""
    if kind in _WHOLE and other in _WHOLE:
        return _WHOLE.index(kind) > _WHOLE.index(other)
    if isinstance(kind, Decimal):
        if isinstance(other, Decimal):
            grown = kind.scale - other.scale
            return kind != other and grown >= 0 and kind.precision - other.precision >= grown
        return other in _DIGITS and kind.precision - kind.scale >= _DIGITS[other]
    if kind == DOUBLE:
        return other in (FLOAT, BYTE, SHORT, INT)
    return kind == TIMESTAMP_NTZ and other == DATE
