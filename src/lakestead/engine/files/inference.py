"""The types of JSON documents, by Spark's rules."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from decimal import Decimal as Number
from typing import Any

from lakestead.core.datatypes import (
    BOOLEAN,
    DOUBLE,
    LONG,
    STRING,
    TIMESTAMP,
    VOID,
    Array,
    DataType,
    Decimal,
    Field,
    Struct,
)
from lakestead.engine.files.options import Options

_TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?\Z")
_MAX_LONG = 2**63 - 1
_MAX_DIGITS = 38


class Inference:
    """The smallest type that all documents seen so far fit.

    Args:
        options: inferTimestamp, primitivesAsString and prefersDecimal change it.
    """

    def __init__(self, options: Options) -> None:
        self._timestamps = options.flag("infertimestamp")
        self._strings = options.flag("primitivesasstring")
        self._decimals = options.flag("prefersdecimal")
        self._type: DataType = VOID

    def see(self, documents: Iterable[str | None]) -> None:
        """Look at documents; those that are no JSON objects are passed over."""
        for text in documents:
            try:
                document = json.loads(text or "", parse_float=Number)
            except ValueError:
                continue
            if isinstance(document, dict):
                self._type = merged(self._type, self._of(document))

    @property
    def fields(self) -> tuple[Field, ...]:
        """Columns by name; those that were always null are strings."""
        kind = _settled(self._type)
        return kind.fields if isinstance(kind, Struct) else ()

    def _of(self, value: Any) -> DataType:
        match value:
            case None:
                return VOID
            case dict():
                return Struct(tuple(Field(name, self._of(value[name])) for name in sorted(value)))
            case list():
                element: DataType = VOID
                for one in value:
                    element = merged(element, self._of(one))
                return Array(element)
            case _ if self._strings:
                return STRING
            case bool():
                return BOOLEAN
            case int():
                return LONG if -_MAX_LONG <= value <= _MAX_LONG else _decimal(Number(value))
            case Number():
                return _decimal(value) if self._decimals else DOUBLE
            case _:
                return TIMESTAMP if self._timestamps and _TIMESTAMP.match(value) else STRING


def _decimal(value: Number) -> DataType:
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return DOUBLE
    scale = max(-exponent, 0)
    precision = max(len(digits) + max(exponent, 0), scale)
    return Decimal(precision, scale) if precision <= _MAX_DIGITS else DOUBLE


def merged(first: DataType, second: DataType) -> DataType:
    """Return the smallest type that values of both fit; text if there is no other."""
    if first == second or second == VOID:
        return first
    if first == VOID:
        return second
    match first, second:
        case Struct(), Struct():
            fields = {one.name: one.type for one in first.fields}
            for one in second.fields:
                fields[one.name] = merged(fields.get(one.name, VOID), one.type)
            return Struct(tuple(Field(name, fields[name]) for name in sorted(fields)))
        case Array(), Array():
            return Array(merged(first.element, second.element))
        case Decimal(), Decimal():
            whole = max(first.precision - first.scale, second.precision - second.scale)
            scale = max(first.scale, second.scale)
            return Decimal(whole + scale, scale) if whole + scale <= _MAX_DIGITS else DOUBLE
    numbers = {first, second}
    if DOUBLE in numbers and (LONG in numbers or any(isinstance(one, Decimal) for one in numbers)):
        return DOUBLE
    if LONG in numbers and any(isinstance(one, Decimal) for one in numbers):
        other = first if isinstance(first, Decimal) else second
        return merged(other, Decimal(20, 0))
    return STRING


def _settled(kind: DataType) -> DataType:
    """Return a type with text in the places of which nothing is known."""
    match kind:
        case Struct():
            return Struct(tuple(Field(one.name, _settled(one.type)) for one in kind.fields))
        case Array():
            return Array(_settled(kind.element))
        case _:
            return STRING if kind == VOID else kind
