"""Values of a result as text: as CAST(… AS STRING) shows them, and complex ones as JSON."""

from __future__ import annotations

import base64
import datetime
import json
import math
import struct
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal as Number
from typing import Any, cast

import pyarrow as pa

from lakestead.core import datatypes
from lakestead.core.datatypes import Array, DataType, Decimal, Interval, Map, Struct
from lakestead.workspace.results.intervals import interval_text, months_text
from lakestead.workspace.results.variant import variant_json


def texts(values: pa.Array, kind: DataType) -> list[str | None]:
    """Return the values of a column as text.

    Args:
        values: the column, intervals of months as numbers of months (see :func:`.arrow.batches`).
        kind: its type.
    """
    write = writer(kind)
    return [None if value is None else write(value) for value in values.to_pylist()]


def writer(kind: DataType) -> Callable[[Any], str]:
    """Return what writes one value of a type, which is not null, as text."""
    if isinstance(kind, Array | Map | Struct):
        return json_writer(kind)
    if isinstance(kind, Interval):
        return months_text if kind.of_months else interval_text
    if isinstance(kind, Decimal):
        return plain_decimal
    scalar: Callable[[Any], str] = _SCALARS.get(kind, str)
    return scalar


def json_writer(kind: DataType) -> Callable[[Any], str]:
    """Return what writes one value of a type, which may be null, as compact JSON."""
    if isinstance(kind, Array):
        element = json_writer(kind.element)
        return lambda values: _null_or(values, lambda: "[" + ",".join(map(element, values)) + "]")
    if isinstance(kind, Map):
        return _json_map(kind)
    if isinstance(kind, Struct):
        return _json_struct(kind)
    write = writer(kind)
    if kind in _BARE or isinstance(kind, Decimal):
        return lambda value: "null" if value is None else write(value)
    if kind in (datatypes.FLOAT, datatypes.DOUBLE):
        return lambda value: _null_or(
            value, lambda: write(value) if math.isfinite(value) else f'"{write(value)}"'
        )
    if kind == datatypes.BINARY:
        return lambda value: _null_or(value, lambda: f'"{base64.b64encode(value).decode()}"')
    return lambda value: _null_or(value, lambda: json.dumps(write(value), ensure_ascii=False))


def _null_or(value: Any, text: Callable[[], str]) -> str:
    return "null" if value is None else text()


def _json_map(kind: Map) -> Callable[[Any], str]:
    key, item = writer(kind.key), json_writer(kind.value)

    def write(entries: Sequence[tuple[Any, Any]] | None) -> str:
        if entries is None:
            return "null"
        pairs = (f"{json.dumps(key(name), ensure_ascii=False)}:{item(value)}" for name, value in entries)
        return "{" + ",".join(pairs) + "}"

    return write


def _json_struct(kind: Struct) -> Callable[[Any], str]:
    fields = [
        (field.name, json.dumps(field.name, ensure_ascii=False), json_writer(field.type))
        for field in kind.fields
    ]

    def write(record: Mapping[str, Any] | None) -> str:
        if record is None:
            return "null"
        return "{" + ",".join(f"{quoted}:{item(record[name])}" for name, quoted, item in fields) + "}"

    return write


# Scalars


def floating(value: float, shortest: str | None = None) -> str:
    """Return a floating-point number as Java, and so Spark, writes it: ``1.0``, ``1.5E10``, ``NaN``.

    Args:
        value: the number.
        shortest: the shortest decimal that is read as this number, by default in double precision.
    """
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    sign, figures, exponent = Number(shortest or repr(value)).as_tuple()
    minus = "-" if sign else ""
    digits = "".join(map(str, figures)).rstrip("0")
    if not digits:
        return f"{minus}0.0"
    point = len(figures) + cast(int, exponent)
    if not -3 < point <= 7:
        return f"{minus}{digits[0]}.{digits[1:] or '0'}E{point - 1}"
    whole = digits[: max(point, 0)].ljust(point, "0") or "0"
    fraction = "0" * max(-point, 0) + digits[max(point, 0) :]
    return f"{minus}{whole}.{fraction or '0'}"


def single(value: float) -> str:
    """Return a number of single precision as Java writes it."""
    same = struct.pack("f", value)
    attempts = (f"{value:.{digits}g}" for digits in range(1, 10))
    return floating(value, next((text for text in attempts if struct.pack("f", float(text)) == same), None))


def plain_decimal(value: Number) -> str:
    """Return a decimal with all digits of its scale and no exponent."""
    return f"{value:f}"


def moment(value: datetime.datetime) -> str:
    """Return a timestamp as ``2024-01-31 23:59:59.5``, in UTC if it has a zone."""
    text = value.replace(tzinfo=None).isoformat(" ")
    return text.rstrip("0") if value.microsecond else text


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _binary(value: bytes) -> str:
    return value.decode(errors="replace")


_SCALARS: dict[DataType, Callable[[Any], str]] = {
    datatypes.BOOLEAN: _boolean,
    datatypes.FLOAT: single,
    datatypes.DOUBLE: floating,
    datatypes.BINARY: _binary,
    datatypes.TIMESTAMP: moment,
    datatypes.TIMESTAMP_NTZ: moment,
    datatypes.VARIANT: variant_json,
    datatypes.CALENDAR_INTERVAL: interval_text,
}
# What JSON writes without quotes.
_BARE = {
    datatypes.BOOLEAN,
    datatypes.BYTE,
    datatypes.SHORT,
    datatypes.INT,
    datatypes.LONG,
    datatypes.VARIANT,
    datatypes.VOID,
}
