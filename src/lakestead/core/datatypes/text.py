"""Reads a data type from SQL text."""

from __future__ import annotations

import re
from typing import NamedTuple, get_args

from . import kinds
from .kinds import Char, DataType, Decimal, Interval, Primitive, TypeSyntaxError, Unit, Varchar
from .nested import Array, Field, Map, Struct

_MAX_DEPTH = 100
_PRIMITIVES = {name: Primitive(name) for name in kinds.PRIMITIVE_NAMES} | {
    "byte": kinds.BYTE,
    "integer": kinds.INT,
    "long": kinds.LONG,
    "null": kinds.VOID,
    "real": kinds.FLOAT,
    "short": kinds.SHORT,
    "timestamp_ltz": kinds.TIMESTAMP,
}
_DECIMALS = ("decimal", "dec", "numeric")
_REFUSED = ("geometry", "geography", "object", "time", "user_defined_type")
_TOKEN = re.compile(
    r"\s*(?:(?P<word>\w+)|`(?P<quoted>[^`]*(?:``[^`]*)*)`"
    r"|(?P<string>'[^'\\]*(?:\\.[^'\\]*)*'|\"[^\"\\]*(?:\\.[^\"\\]*)*\")|(?P<symbol>[<>(),:]))",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "%": "\\%", "_": "\\_"}


class _Token(NamedTuple):
    kind: str
    value: str
    position: int


def parse_type(text: str) -> DataType:
    """Return the data type that a text names, in any case and with any of Databricks' aliases.

    Args:
        text: such as ``BIGINT``, ``decimal(10, 2)`` or ``struct<a: int NOT NULL COMMENT 'x'>``.

    Raises:
        TypeSyntaxError: when the text names no type, or one that is not supported.
    """
    parser = _Parser(text)
    parsed = parser.type()
    parser.end()
    return parsed


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._tokenize()
        self._index = 0
        self._depth = 0

    def _tokenize(self) -> list[_Token]:
        tokens: list[_Token] = []
        position, end = 0, len(self._text.rstrip())
        while position < end:
            found = _TOKEN.match(self._text, position)
            if found is None or found.lastgroup is None:
                start = end - len(self._text[position:end].lstrip())
                raise TypeSyntaxError(self._text, start, f"unexpected '{self._text[start]}'")
            kind, value = found.lastgroup, found.group(found.lastgroup)
            tokens.append(_Token(kind, value, found.start(kind)))
            position = found.end()
        return [*tokens, _Token("end", "", len(self._text))]

    def _fault(self, detail: str = "", token: _Token | None = None) -> TypeSyntaxError:
        token = token or self._tokens[self._index]
        near = f"unexpected '{token.value}'" if token.kind != "end" else "unexpected end"
        return TypeSyntaxError(self._text, token.position, detail or near)

    def _next(self, kind: str) -> _Token:
        token = self._tokens[self._index]
        if token.kind != kind:
            raise self._fault()
        self._index += 1
        return token

    def _accept(self, value: str) -> bool:
        token = self._tokens[self._index]
        if token.kind not in ("word", "symbol") or token.value.lower() != value:
            return False
        self._index += 1
        return True

    def _expect(self, value: str) -> None:
        if not self._accept(value):
            raise self._fault()

    def end(self) -> None:
        if self._tokens[self._index].kind != "end":
            raise self._fault()

    def type(self) -> DataType:
        token = self._next("word")
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self._fault(f"nested more than {_MAX_DEPTH} levels deep", token)
        parsed = self._named(token, token.value.lower())
        self._depth -= 1
        return parsed

    def _named(self, token: _Token, name: str) -> DataType:
        if name == "interval":
            return self._interval()
        if name == "string":
            return self._string()
        if name in _PRIMITIVES:
            return _PRIMITIVES[name]
        if name in _DECIMALS:
            return self._decimal()
        if name in ("char", "character"):
            return Char(self._length())
        if name == "varchar":
            return Varchar(self._length())
        if name in ("array", "map", "struct"):
            return self._nested(name)
        if name in _REFUSED:
            raise self._fault(f"type {name} is not supported", token)
        raise self._fault(f"unknown type '{token.value}'", token)

    def _string(self) -> DataType:
        if self._accept("collate"):
            collation = self._next("word")
            if collation.value.upper() != "UTF8_BINARY":
                raise self._fault(f"collation {collation.value} is not supported", collation)
        return kinds.STRING

    def _number(self) -> int:
        token = self._next("word")
        if not (token.value.isascii() and token.value.isdigit() and len(token.value) <= 10):
            raise self._fault(token=token)
        return int(token.value)

    def _length(self) -> int:
        self._expect("(")
        token = self._tokens[self._index]
        length = self._number()
        if length < 1:
            raise self._fault("a length must be at least 1", token)
        self._expect(")")
        return length

    def _decimal(self) -> Decimal:
        if not self._accept("("):
            return Decimal()
        token = self._tokens[self._index]
        precision = self._number()
        scale = self._number() if self._accept(",") else 0
        if not 1 <= precision <= 38:
            raise self._fault("a precision must be from 1 to 38", token)
        if scale > precision:
            raise self._fault(f"scale {scale} is greater than precision {precision}", token)
        self._expect(")")
        return Decimal(precision, scale)

    def _unit(self) -> Unit | None:
        return next((unit for unit in get_args(Unit) if self._accept(unit)), None)

    def _interval(self) -> DataType:
        token = self._tokens[self._index]
        first = self._unit()
        if first is None:
            return kinds.CALENDAR_INTERVAL
        if not self._accept("to"):
            return Interval(first, first)
        last = self._unit()
        units = get_args(Unit)
        of_months = first in ("year", "month")
        if last is None or units.index(last) <= units.index(first) or (last == "month") != of_months:
            raise self._fault("an interval goes from a larger unit to a smaller of its kind", token)
        return Interval(first, last)

    def _nested(self, name: str) -> DataType:
        self._expect("<")
        nested: DataType
        if name == "array":
            nested = Array(self.type())
        elif name == "map":
            key = self.type()
            self._expect(",")
            nested = Map(key, self.type())
        else:
            nested = Struct(self._fields())
        self._expect(">")
        return nested

    def _fields(self) -> tuple[Field, ...]:
        token = self._tokens[self._index]
        if token.kind == "symbol" and token.value == ">":
            return ()
        fields = [self._field()]
        while self._accept(","):
            fields.append(self._field())
        names = [field.name.lower() for field in fields]
        if len(set(names)) < len(names):
            raise self._fault("two fields have the same name", token)
        return tuple(fields)

    def _field(self) -> Field:
        token = self._tokens[self._index]
        if token.kind == "quoted" and token.value:
            self._index += 1
            name = token.value.replace("``", "`")
        else:
            name = self._next("word").value
        self._accept(":")
        data_type = self.type()
        nullable = not self._accept("not")
        if not nullable:
            self._expect("null")
        comment = _unquote(self._next("string").value) if self._accept("comment") else None
        return Field(name, data_type, nullable, comment)


def _unquote(literal: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found.group(1), found.group(1)), literal[1:-1])
