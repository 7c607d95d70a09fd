"""A cursor over the tokens of one statement, with the pieces of grammar that many statements share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from lakestead.core.names import InvalidName, split_name

from .ast import Fragment, Name, Pairs
from .errors import SqlSyntaxError
from .lexer import Token, string_value, tokenize

T = TypeVar("T")

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_QUERY_STARTS = frozenset({"SELECT", "WITH", "VALUES", "FROM", "TABLE", "(", "MAP", "REDUCE"})


class Reader:
    """Reads a statement from left to right; every method raises SqlSyntaxError at the token that does not fit."""

    __slots__ = ("text", "_tokens", "_index", "_named", "_positional")

    def __init__(self, text: str, named: Mapping[str, str], positional: Sequence[str]) -> None:
        self.text = text
        self._tokens = tokenize(text)
        self._index = 0
        self._named = named
        self._positional = positional

    # Looking and moving

    @property
    def token(self) -> Token:
        """The next token."""
        return self._tokens[self._index]

    def ahead(self, count: int) -> Token:
        """The token ``count`` places behind the next one, or the end."""
        return self._tokens[min(self._index + count, len(self._tokens) - 1)]

    def advance(self) -> Token:
        """Return the next token and move past it; the end stays."""
        token = self._tokens[self._index]
        if token.kind != "end":
            self._index += 1
        return token

    def at(self, *keys: str) -> bool:
        """Whether the next tokens are these words or symbols, in this order."""
        return all(self.ahead(place).key == key for place, key in enumerate(keys))

    def at_any(self, *keys: str) -> bool:
        """Whether the next token is one of these."""
        return self._tokens[self._index].key in keys

    def accept(self, *keys: str) -> bool:
        """Move past these tokens if they all come next, and say whether they did."""
        if not self.at(*keys):
            return False
        self._index += len(keys)
        return True

    def accept_any(self, *keys: str) -> str:
        """Move past the next token if it is one of these and return it, else return ""."""
        return self.advance().key if self.at_any(*keys) else ""

    def expect(self, *keys: str) -> None:
        """Move past these tokens."""
        for key in keys:
            if not self.accept(key):
                raise self.error()

    def end(self) -> None:
        """Check that nothing but semicolons follows."""
        while self.accept(";"):
            pass
        if self.token.kind != "end":
            raise self.error()

    def source(self, token: Token) -> str:
        """The text of a token as it was written."""
        return self.text[token.start : token.end]

    def error(self, token: Token | None = None) -> SqlSyntaxError:
        """The syntax error at a token, by default the next one."""
        token = token or self.token
        near = "end of input" if token.kind == "end" else f"'{self.source(token)[:60]}'"
        return SqlSyntaxError(self.text, token.start, f"Syntax error at or near {near}.")

    # Names

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
        parts = self._name_part()
        while self.accept("."):
            parts += self._name_part()
        return parts

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

    # Literals

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

    # Lists

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

    # Text that is kept as it is

    def _fragment(self, first: int) -> Fragment:
        """The text from the token at index ``first`` up to the next one, which must not be empty."""
        if first == self._index:
            raise self.error()
        start = self._tokens[first].start
        return Fragment(self.text[start : self._tokens[self._index - 1].end], start)

    def _skip_token(self) -> None:
        """Move past the next token, or if it is a bracket past all that it holds."""
        opening = self.advance()
        if opening.kind == "end":
            raise self.error()
        if opening.key not in _CLOSING:
            return
        closing = [_CLOSING[opening.key]]
        while closing:
            token = self.token
            if (
                token.kind == "end"
                or token.key == ";"
                or (token.key in (")", "]", "}") and token.key != closing[-1])
            ):
                raise self.error()
            if token.key in _CLOSING:
                closing.append(_CLOSING[token.key])
            elif token.key == closing[-1]:
                closing.pop()
            self.advance()

    def expression(self, *stops: str) -> Fragment:
        """Read an expression up to a comma, closing bracket, semicolon, the end, or one of the words ``stops``.

        NOT is a stop only before NULL, and NULL never after IS, so that IS NOT NULL stays in the expression.
        """
        first = self._index
        while self.token.kind != "end" and self.token.key not in (",", ")", "]", "}", ";"):
            if self.token.key in stops and self._index > first and self._stops(self.token):
                break
            self._skip_token()
        return self._fragment(first)

    def _stops(self, token: Token) -> bool:
        if token.key != "NOT":
            return True
        return self.ahead(1).key == "NULL" and self._tokens[self._index - 1].key != "IS"

    def bracketed(self) -> Fragment:
        """Read parentheses and return the text between them."""
        self.expect("(")
        first = self._index
        while not self.at(")"):
            if self.at_any("]", "}", ";"):
                raise self.error()
            self._skip_token()
        inner = self._fragment(first)
        self.advance()
        return inner

    def rest(self) -> Fragment:
        """Read to the end of the statement."""
        first = self._index
        while self.token.kind != "end" and not self.at(";"):
            if self.at_any(")", "]", "}"):
                raise self.error()
            self._skip_token()
        return self._fragment(first)

    def query(self) -> Fragment:
        """Read a query to the end of the statement."""
        if self.token.key not in _QUERY_STARTS:
            raise self.error()
        return self.rest()

    def type(self) -> str:
        """Read a data type and return its text."""
        first = self._index
        if self.token.kind != "word":
            raise self.error()
        if self.advance().key == "INTERVAL":
            self.accept_any("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
            if self.accept("TO"):
                self.advance()
        if self.at("("):
            self._skip_token()
        elif self.at("<"):
            self._skip_angles()
        else:
            self.accept("<>")
        if self.accept("COLLATE"):
            self.name()
        return self._fragment(first).text

    def _skip_angles(self) -> None:
        depth = 0
        while True:
            if self.at_any(";", ")", "]", "}"):
                raise self.error()
            depth += {"<": 1, ">": -1}.get(self.token.key, 0)
            self._skip_token()
            if depth == 0:
                return
