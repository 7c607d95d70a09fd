"""Databricks SQL's types, Arrow's and Python's: which is which, and what a file holds."""

from __future__ import annotations

import pyarrow as pa

from lakestead.core.datatypes import (
    STRING,
    VARIANT,
    VOID,
    Array,
    Char,
    DataType,
    Field,
    Interval,
    Map,
    Struct,
    UnsupportedType,
    Varchar,
    from_arrow,
)
from lakestead.core.errors import SourceError


def storage(kind: DataType) -> pa.DataType:
    """Return the Arrow type in which a file holds values: a VARIANT is its JSON."""
    return pa.string() if kind == VARIANT else kind.to_arrow()


def is_scalar(kind: DataType) -> bool:
    """Return whether values can be bound as parameters, one each."""
    return not isinstance(kind, Array | Map | Struct)


def settled(name: str, arrow: pa.DataType) -> DataType:
    """Return the type of a new column.

    Where only nulls were seen, it is STRING, as are times of day and UUIDs, for which there are no types.

    Args:
        name: of the column, for errors.
        arrow: the type of its values.

    Raises:
        SourceError: tables cannot keep such values.
    """
    if pa.types.is_time(arrow) or _is_uuid(arrow):
        return STRING
    try:
        return _without_void(name, from_arrow(arrow))
    except UnsupportedType as error:
        raise SourceError(f"column '{name}': {error}; cast it to another type") from None


def _is_uuid(arrow: pa.DataType) -> bool:
    return isinstance(arrow, pa.BaseExtensionType) and arrow.extension_name == "arrow.uuid"


def _without_void(name: str, kind: DataType) -> DataType:
    if kind == VOID or isinstance(kind, Char | Varchar):
        return STRING
    if isinstance(kind, Interval):
        raise SourceError(f"column '{name}': tables have no {kind.sql}; give a number of seconds")
    if isinstance(kind, Array):
        return Array(_without_void(name, kind.element))
    if isinstance(kind, Map):
        return Map(_without_void(name, kind.key), _without_void(name, kind.value))
    if isinstance(kind, Struct):
        if not kind.fields:
            raise SourceError(f"column '{name}': all its dicts are empty; name its type by `schema`")
        return Struct(tuple(Field(one.name, _without_void(name, one.type)) for one in kind.fields))
    return kind


def cast(name: str, values: pa.Array, kind: DataType) -> pa.Array:
    """Return a column of Arrow in the type that a file holds.

    Args:
        name: for errors.
        values: of any Arrow type.
        kind: of the table's column.

    Raises:
        SourceError: values would be lost or changed.
    """
    target = storage(kind)
    if values.type == target:
        return values
    if _is_uuid(values.type) and target == pa.string():
        return pa.array([None if one is None else str(one) for one in values.to_pylist()], target)
    if (
        pa.types.is_timestamp(values.type)
        and pa.types.is_timestamp(target)
        and values.type.tz
        and not target.tz
    ):
        raise SourceError(f"column '{name}' is {kind.sql}, which cannot keep the zone of its values")
    try:
        return values.cast(target)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
        raise SourceError(
            f"column '{name}': values of Arrow's type {values.type} do not all go into {kind.sql}"
        ) from None
