"""Values as text in the spelling of the Statement Execution API, whole columns at once.

Numbers are as Java prints them, timestamps as ``2024-05-01T12:00:00.000Z``, binary is base64, and arrays,
maps and structs are JSON in which values are strings too.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from lakestead.core.datatypes import (
    BINARY,
    CALENDAR_INTERVAL,
    DOUBLE,
    FLOAT,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    VARIANT,
    Array,
    DataType,
    Decimal,
    Interval,
    Map,
    Struct,
)
from lakestead.workspace.results.intervals import interval_text, months_text
from lakestead.workspace.results.variant import variant_json

_QUOTE, _BACKSLASH = '"', "\\"
# How JSON writes the control characters inside a string.
_CONTROL = {chr(code): json.dumps(chr(code))[1:-1] for code in range(0x20)}


def texts(column: pa.Array, kind: DataType) -> pa.Array:
    """Return the values of a column as strings; null stays null.

    Args:
        column: the values; intervals of years and months as 32-bit numbers of months.
        kind: what they are.
    """
    if isinstance(kind, Array):
        return _lists(column, _json(column.values, kind.element), "[", "]")
    if isinstance(kind, Map):
        keys = quoted(texts(column.keys, kind.key))
        pairs = pc.binary_join_element_wise(keys, _json(column.items, kind.value), ":")
        return _lists(column, pairs, "{", "}")
    if isinstance(kind, Struct):
        return _structs(column, kind)
    if isinstance(kind, Decimal):
        return _decimals(column)
    if isinstance(kind, Interval):
        return _each(column, months_text if kind.of_months else interval_text)
    whole = _WHOLE.get(kind)
    if whole is not None:
        return whole(column)
    single = _SINGLE.get(kind)
    return pc.cast(column, pa.string()) if single is None else _each(column, single)


def quoted(text: pa.Array) -> pa.Array:
    """Return strings as JSON strings, and null as ``null``."""
    if pc.any(pc.match_substring_regex(text, r'["\\\x00-\x1f]')).as_py():
        text = pc.replace_substring(text, _BACKSLASH, _BACKSLASH * 2)
        text = pc.replace_substring(text, _QUOTE, _BACKSLASH + _QUOTE)
        if pc.any(pc.match_substring_regex(text, r"[\x00-\x1f]")).as_py():
            for character, escape in _CONTROL.items():
                text = pc.replace_substring(text, character, escape)
    return pc.fill_null(pc.binary_join_element_wise(_QUOTE, text, _QUOTE, ""), "null")


def _json(column: pa.Array, kind: DataType) -> pa.Array:
    """Return values as JSON: nested ones and variants as they are, others as strings; null as ``null``."""
    text = texts(column, kind)
    raw = isinstance(kind, Array | Map | Struct) or kind == VARIANT
    return pc.fill_null(text, "null") if raw else quoted(text)


def _each(column: pa.Array, text: Callable[..., str]) -> pa.Array:
    """Convert value by value what Arrow has no function for."""
    return pa.array([None if value is None else text(value) for value in column.to_pylist()], pa.string())


def _lists(column: pa.Array, items: pa.Array, start: str, end: str) -> pa.Array:
    """Return lists as text; ``items`` are the texts of all their items, without nulls."""
    lists = pa.ListArray.from_arrays(column.offsets.cast(pa.int32()), items)
    inside = pc.binary_join(lists, ",")
    return pc.if_else(column.is_null(), None, pc.binary_join_element_wise(start, inside, end, ""))


def _structs(column: pa.StructArray, kind: Struct) -> pa.Array:
    parts = [
        pc.binary_join_element_wise(
            json.dumps(field.name, ensure_ascii=False), _json(values, field.type), ":"
        )
        for field, values in zip(kind.fields, column.flatten(), strict=True)
    ]
    inside = pc.binary_join_element_wise(*parts, ",")
    return pc.if_else(column.is_null(), None, pc.binary_join_element_wise("{", inside, "}", ""))


def _decimals(column: pa.Array) -> pa.Array:
    """Return decimals with all digits of their scale; Arrow gives very small ones an exponent."""
    text = pc.cast(column, pa.string())
    return _each(column, "{:f}".format) if pc.any(pc.match_substring(text, "E")).as_py() else text


def _timestamps(column: pa.Array) -> pa.Array:
    """Return timestamps in ISO 8601: milliseconds are always there, microseconds when there are any."""
    short = pc.cast(column, pa.timestamp("ms", column.type.tz), safe=False)
    text = pc.cast(short, pa.string())
    whole = pc.equal(pc.cast(short, column.type), column)
    if pc.all(whole).as_py() is False:
        text = pc.if_else(
            whole, text, pc.cast(pc.cast(column, pa.timestamp("us", column.type.tz)), pa.string())
        )
    return pc.replace_substring(text, " ", "T")


def _floats(column: pa.Array) -> pa.Array:
    """Return numbers as Java prints them: ``1.0``, ``1.5E10``, ``NaN``, ``-Infinity``."""
    text = pc.cast(column, pa.string())
    text = pc.replace_substring_regex(text, r"^(-?\d+)$", r"\1.0")
    size = pc.abs(column)
    plain = pc.and_(pc.greater_equal(size, 1e-3), pc.less(size, 1e7))
    special = pc.invert(pc.fill_null(pc.or_(plain, pc.equal(size, 0)), True))
    if not pc.any(special).as_py():
        return text
    return pc.replace_with_mask(text, special, _scientific(text.filter(special)))


def _scientific(text: pa.Array) -> pa.Array:
    """Return numbers in Java's scientific notation: one digit before the point, at least one after it."""
    # Arrow writes exponents of its own below -6 and above 9.
    for power in (7, 8, 9):
        text = pc.replace_substring_regex(text, rf"^(-?\d)(\d{{{power}}})\.(\d+)$", rf"\1.\2\3E{power}")
    for power in (4, 5, 6):
        pattern = rf"^(-?)0\.0{{{power - 1}}}([1-9])(\d*)$"
        text = pc.replace_substring_regex(text, pattern, rf"\1\2.\3E-{power}")
    text = pc.replace_substring_regex(text, r"^(-?\d)(\.\d+)?e\+?(-?)0*(\d+)$", r"\1\2E\3\4")
    text = pc.replace_substring_regex(text, r"(\.\d*?)0*E", r"\1E")
    text = pc.replace_substring_regex(text, r"^(-?\d)\.?E", r"\1.0E")
    return pc.replace_substring(pc.replace_substring(text, "inf", "Infinity"), "nan", "NaN")


_WHOLE: dict[DataType, Callable[[pa.Array], pa.Array]] = {
    FLOAT: _floats,
    DOUBLE: _floats,
    TIMESTAMP: _timestamps,
    TIMESTAMP_NTZ: _timestamps,
}
_SINGLE: dict[DataType, Callable[..., str]] = {
    BINARY: lambda value: base64.b64encode(value).decode(),
    CALENDAR_INTERVAL: interval_text,
    VARIANT: variant_json,
}
