"""The pieces of grammar that many statements share: names, literals and lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from lakestead.core.names import InvalidName, split_name

from .ast import Name, Pairs
from .cursor import Cursor
from .errors import SqlSyntaxError
from .lexer import Token, string_value

T = TypeVar("T")
Clause: TypeAlias = tuple[str, Callable[[], Any]]


class Reader(Cursor):
    """A cursor that knows names, literals, parameter markers and lists."""

    __slots__ = ("_named", "_positional")

    def __init__(self, text: str, named: Mapping[str, str], positional: Sequence[str]) -> None:
        super().__init__(text)
        self._named = named
        self._positional = positional

    def at_name(self) -> bool:
        """Whether a word or a name in backticks comes next."""
        return self.token.kind in ("word", "quoted")

    def identifier(self) -> str:
        """Read one part of a name."""
        token = self.token
        if token.kind == "quoted":
            value = self.source(self.advance())[1:-1].replace("``", "`")
            if not value:
                raise self.error(token)
            return value
        if token.kind != "word":
            raise self.error()
        self.advance()
        word = self.source(token)
        if not word.isascii():
            raise self._invalid_identifier(token, word)
        if self.token.key == "-" and self.token.start == token.end and self.ahead(1).start == token.end + 1:
            raise self._invalid_identifier(token, self.text[token.start : self.ahead(1).end])
        return word

    def _invalid_identifier(self, token: Token, word: str) -> SqlSyntaxError:
        detail = f"The unquoted identifier {word} is invalid and must be back quoted as: `{word}`."
        return SqlSyntaxError(self.text, token.start, detail, "INVALID_IDENTIFIER", "42602")

    def name(self) -> Name:
        """Read a dotted name; any part may be an IDENTIFIER clause."""
        parts = [*self._name_part()]
        while self.accept("."):
            parts.extend(self._name_part())
        return tuple(parts)

    def _name_part(self) -> Name:
        if not self.at("IDENTIFIER", "("):
            return (self.identifier(),)
        start = self.advance()
        self.advance()
        value = self.string()
        while self.accept("||"):
            value += self.string()
        self.expect(")")
        try:
            return split_name(value)
        except InvalidName as error:
            detail = f"'{value}' is not a valid identifier: {error}."
            raise SqlSyntaxError(self.text, start.start, detail, "INVALID_IDENTIFIER", "42602") from error

    def single_name(self) -> str:
        """Read a name that must have one part, as a catalog's has."""
        start = self.token
        name = self.name()
        if len(name) != 1:
            raise self.error(start)
        return name[0]

    def path_or_name(self) -> Name:
        """Read a table's name, or the string form of a path table, which reads as ("delta", path)."""
        return ("delta", self.string()) if self.token.kind == "string" else self.name()

    def at_string(self) -> bool:
        """Whether a string literal or a parameter marker comes next."""
        return self.token.kind == "string" or self.at_any(":", "?")

    def string(self) -> str:
        """Read a string: adjacent literals, which are one, or a parameter marker."""
        if self.at_any(":", "?"):
            return self._parameter()
        if self.token.kind != "string":
            raise self.error()
        value = ""
        while self.token.kind == "string":
            value += string_value(self.source(self.advance()))
        return value

    def _parameter(self) -> str:
        marker = self.advance()
        if marker.key == "?":
            place = sum(token.key == "?" for token in self._tokens[: self._index - 1])
            if place < len(self._positional):
                return self._positional[place]
            name = f"_{marker.start}"
        else:
            name = self.identifier()
            if name in self._named:
                return self._named[name]
        detail = f"Found the unbound parameter: {name}."
        raise SqlSyntaxError(self.text, marker.start, detail, "UNBOUND_SQL_PARAMETER", "42P02")

    def integer(self) -> int:
        """Read a whole number with an optional sign."""
        sign = self.accept_any("+", "-")
        digits = self.source(self.token)
        if self.token.kind != "number" or not digits.isdecimal() or len(digits) > 19:
            raise self.error()
        self.advance()
        return -int(digits) if sign == "-" else int(digits)

    def decimal(self) -> float:
        """Read a number that may have a fraction, without sign."""
        digits = self.source(self.token)
        if self.token.kind != "number" or not digits.replace(".", "", 1).isdecimal():
            raise self.error()
        self.advance()
        return float(digits)

    def separated(self, item: Callable[[], T]) -> tuple[T, ...]:
        """Read one item or more, with commas between."""
        items = [item()]
        while self.accept(","):
            items.append(item())
        return tuple(items)

    def parenthesised(self, item: Callable[[], T]) -> tuple[T, ...]:
        """Read one item or more in parentheses, with commas between."""
        self.expect("(")
        items = self.separated(item)
        self.expect(")")
        return items

    def identifiers(self) -> tuple[str, ...]:
        """Read names of one part in parentheses."""
        return self.parenthesised(self.identifier)

    def clauses(self, next_clause: Callable[[], Clause | None]) -> dict[str, Any]:
        """Read clauses in any order, each at most once, until ``next_clause`` finds none.

        ``next_clause`` moves past a clause's leading words and returns its field and what reads the value.
        """
        values: dict[str, Any] = {}
        while True:
            start = self.token
            clause = next_clause()
            if clause is None:
                return values
            field, read = clause
            if field in values:
                detail = f"Found duplicate clauses: {start.key}. Please, remove one of them."
                raise SqlSyntaxError(self.text, start.start, detail, "DUPLICATE_CLAUSES", "42614")
            values[field] = read()

    def pairs(self) -> Pairs:
        """Read properties in parentheses: ('k' = 'v', a.b = 1, …)."""
        return self.parenthesised(self._pair)

    def _pair(self) -> tuple[str, str]:
        key = self.property_key()
        self.accept("=")
        if self.at_string():
            return key, self.string()
        if self.at_any("TRUE", "FALSE"):
            return key, self.advance().key.lower()
        sign = self.accept_any("+", "-")
        if self.token.kind != "number":
            raise self.error()
        return key, sign + self.source(self.advance())

    def property_key(self) -> str:
        """Read the key of a property: a string or dotted words."""
        if self.token.kind == "string":
            return string_value(self.source(self.advance()))
        parts = [self.identifier()]
        while self.accept("."):
            parts.append(self.identifier())
        return ".".join(parts)
