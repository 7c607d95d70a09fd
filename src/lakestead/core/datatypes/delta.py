"""Reads data types from Delta schemas (the JSON of ``schemaString``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .kinds import (
    PRIMITIVES_BY_DELTA,
    STRING,
    Char,
    DataType,
    Decimal,
    Interval,
    TypeSyntaxError,
    UnsupportedType,
    Varchar,
)
from .nested import CHAR_VARCHAR_KEY, Array, Field, Map, Struct
from .text import parse_type


def field_from_delta(field: Mapping[str, Any]) -> Field:
    """Return a field of a Delta schema.

    Raises:
        UnsupportedType: when the field or its type is malformed or has no equal.
    """
    try:
        name, kind, nullable = field["name"], field["type"], field["nullable"]
    except KeyError as missing:
        raise UnsupportedType(f"a field of a Delta schema lacks {missing}: {dict(field)!r}") from None
    metadata = field.get("metadata") or {}
    return Field(name, from_delta(kind, metadata), nullable, metadata.get("comment"))


def from_delta(kind: str | Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> DataType:
    """Return the type that a Delta schema gives.

    Args:
        kind: the value of "type".
        metadata: the field's metadata, which hold the text of a char or varchar type.

    Raises:
        UnsupportedType: when the type is malformed or has no equal in Databricks SQL.
    """
    stored = _named(kind) if isinstance(kind, str) else _nested(kind)
    text = (metadata or {}).get(CHAR_VARCHAR_KEY)
    return with_lengths(stored, text) if isinstance(text, str) else stored


def with_lengths(stored: DataType, text: str) -> DataType:
    """Return ``stored`` with the chars and varchars that ``text``, such as ``array<varchar(5)>``, has.

    Raises:
        UnsupportedType: when the text is no type.
    """
    try:
        return _overlay(stored, parse_type(text))
    except TypeSyntaxError as error:
        raise UnsupportedType(str(error)) from error


def _overlay(stored: DataType, declared: DataType) -> DataType:
    if stored == STRING and isinstance(declared, Char | Varchar):
        return declared
    if isinstance(stored, Array) and isinstance(declared, Array):
        return Array(_overlay(stored.element, declared.element), stored.contains_null)
    if isinstance(stored, Map) and isinstance(declared, Map):
        key, value = _overlay(stored.key, declared.key), _overlay(stored.value, declared.value)
        return Map(key, value, stored.value_contains_null)
    if (
        isinstance(stored, Struct)
        and isinstance(declared, Struct)
        and len(stored.fields) == len(declared.fields)
    ):
        pairs = zip(stored.fields, declared.fields, strict=True)
        return Struct(
            tuple(
                Field(one.name, _overlay(one.type, other.type), one.nullable, one.comment)
                for one, other in pairs
            )
        )
    return stored


def _named(name: str) -> DataType:
    if name in PRIMITIVES_BY_DELTA:
        return PRIMITIVES_BY_DELTA[name]
    try:
        parsed = parse_type(name)
    except TypeSyntaxError as error:
        raise UnsupportedType(f"Delta type '{name}' is not supported") from error
    if not isinstance(parsed, Decimal | Interval):
        raise UnsupportedType(f"Delta type '{name}' is not supported")
    return parsed


def _nested(kind: Mapping[str, Any]) -> DataType:
    name = kind.get("type")
    try:
        if name == "array":
            return Array(from_delta(kind["elementType"]), kind["containsNull"])
        if name == "map":
            return Map(from_delta(kind["keyType"]), from_delta(kind["valueType"]), kind["valueContainsNull"])
        if name == "struct":
            return Struct(tuple(field_from_delta(field) for field in kind["fields"]))
    except KeyError as missing:
        raise UnsupportedType(f"Delta type {name} lacks {missing}") from None
    raise UnsupportedType(f"Delta type '{name}' is not supported")
