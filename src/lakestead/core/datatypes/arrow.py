"""Reads data types from Arrow schemas."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import get_args

import pyarrow as pa
from pyarrow import types as arrow_types

from . import kinds
from .delta import with_lengths
from .kinds import DataType, Decimal, Interval, Unit, UnsupportedType
from .nested import CHAR_VARCHAR_KEY, INTERVAL_KEY, Array, Field, Map, Struct

Metadata = Mapping[bytes, bytes]

_VARIANT_EXTENSION = b"arrow.parquet.variant"
# Unsigned integers take the next wider signed type.
_BY_ID: dict[int, DataType] = {
    pa.lib.Type_NA: kinds.VOID,
    pa.lib.Type_BOOL: kinds.BOOLEAN,
    pa.lib.Type_INT8: kinds.BYTE,
    pa.lib.Type_INT16: kinds.SHORT,
    pa.lib.Type_INT32: kinds.INT,
    pa.lib.Type_INT64: kinds.LONG,
    pa.lib.Type_UINT8: kinds.SHORT,
    pa.lib.Type_UINT16: kinds.INT,
    pa.lib.Type_UINT32: kinds.LONG,
    pa.lib.Type_UINT64: Decimal(20, 0),
    pa.lib.Type_HALF_FLOAT: kinds.FLOAT,
    pa.lib.Type_FLOAT: kinds.FLOAT,
    pa.lib.Type_DOUBLE: kinds.DOUBLE,
    pa.lib.Type_STRING: kinds.STRING,
    pa.lib.Type_LARGE_STRING: kinds.STRING,
    pa.lib.Type_STRING_VIEW: kinds.STRING,
    pa.lib.Type_BINARY: kinds.BINARY,
    pa.lib.Type_LARGE_BINARY: kinds.BINARY,
    pa.lib.Type_BINARY_VIEW: kinds.BINARY,
    pa.lib.Type_FIXED_SIZE_BINARY: kinds.BINARY,
    pa.lib.Type_DATE32: kinds.DATE,
    pa.lib.Type_DATE64: kinds.DATE,
    pa.lib.Type_INTERVAL_MONTHS: Interval("year", "month"),
    pa.lib.Type_INTERVAL_DAY_TIME: Interval("day", "second"),
    pa.lib.Type_INTERVAL_MONTH_DAY_NANO: kinds.CALENDAR_INTERVAL,
    pa.lib.Type_DURATION: Interval("day", "second"),
}


def field_from_arrow(field: pa.Field) -> Field:
    """Return an Arrow field with its comment.

    Raises:
        UnsupportedType: when the type has no equal in Databricks SQL.
    """
    metadata: Metadata = field.metadata or {}
    comment = metadata.get(b"comment")
    kind = from_arrow(field.type, metadata)
    return Field(field.name, kind, field.nullable, comment.decode() if comment is not None else None)


def from_arrow(kind: pa.DataType, metadata: Metadata | None = None) -> DataType:
    """Return the type that values of an Arrow type have in Databricks SQL.

    Args:
        kind: any Arrow type; encodings (dictionary, views, large offsets) make no difference.
        metadata: the field's metadata: they tell a char or varchar, an interval's units, and a variant.

    Raises:
        UnsupportedType: when the type has no equal in Databricks SQL, such as a time of day.
    """
    metadata = metadata or {}
    if INTERVAL_KEY.encode() in metadata:
        return _interval(metadata[INTERVAL_KEY.encode()])
    if metadata.get(b"ARROW:extension:name") == _VARIANT_EXTENSION:
        return kinds.VARIANT
    stored = _BY_ID.get(kind.id) or _parametric(kind)
    text = metadata.get(CHAR_VARCHAR_KEY.encode())
    return with_lengths(stored, text.decode()) if text is not None else stored


def _parametric(kind: pa.DataType) -> DataType:
    if arrow_types.is_timestamp(kind):
        return kinds.TIMESTAMP if kind.tz else kinds.TIMESTAMP_NTZ
    if arrow_types.is_decimal(kind):
        return _decimal(kind)
    if arrow_types.is_map(kind):
        value = kind.item_field
        return Map(_nested(kind.key_field), _nested(value), value.nullable)
    if arrow_types.is_struct(kind):
        return _struct(kind)
    if isinstance(kind, pa.BaseExtensionType):
        return from_arrow(kind.storage_type)
    if arrow_types.is_dictionary(kind) or arrow_types.is_run_end_encoded(kind):
        return from_arrow(kind.value_type)
    if hasattr(kind, "value_field"):  # the five kinds of list
        return Array(_nested(kind.value_field), kind.value_field.nullable)
    raise UnsupportedType(f"Arrow type {kind} is not supported")


def _nested(field: pa.Field) -> DataType:
    return from_arrow(field.type, field.metadata)


def _decimal(kind: pa.DataType) -> DataType:
    if kind.precision > 38 or not 0 <= kind.scale <= kind.precision:
        raise UnsupportedType(
            f"Arrow type {kind} has more digits than decimal(38) or a scale outside of them"
        )
    return Decimal(kind.precision, kind.scale)


def _struct(kind: pa.DataType) -> DataType:
    fields = [kind.field(place) for place in range(kind.num_fields)]
    # A variant's storage; a struct of the user's own with just these required fields would be taken for one.
    if {(field.name, field.type, field.nullable) for field in fields} == {
        ("value", pa.binary(), False),
        ("metadata", pa.binary(), False),
    }:
        return kinds.VARIANT
    return Struct(tuple(field_from_arrow(field) for field in fields))


def _interval(text: bytes) -> DataType:
    try:
        units = json.loads(text)
        first, last = units["startField"], units["endField"]
    except (ValueError, KeyError, TypeError) as error:
        raise UnsupportedType(f"interval metadata {text!r} is malformed") from error
    if first not in get_args(Unit) or last not in get_args(Unit):
        raise UnsupportedType(f"interval metadata {text!r} is malformed")
    return Interval(first, last)
