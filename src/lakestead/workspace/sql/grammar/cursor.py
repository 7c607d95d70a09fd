"""A cursor over the tokens of one statement: looking, moving, and text that is kept as it is written."""

from __future__ import annotations

from .ast import Fragment
from .errors import SqlSyntaxError
from .lexer import Token, tokenize

_UNITS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_QUERY_STARTS = frozenset({"SELECT", "WITH", "VALUES", "FROM", "TABLE", "(", "MAP", "REDUCE"})


class Cursor:
    """Reads tokens from left to right; a method that finds none to its liking raises SqlSyntaxError there."""

    __slots__ = ("_index", "_tokens", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokenize(text)
        self._index = 0

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
        if self._tokens[self._index].key != keys[0]:
            return False
        return all(self.ahead(place).key == keys[place] for place in range(1, len(keys)))

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
        """Read an expression up to a comma, closing bracket, semicolon, the end, or a word of ``stops``.

        A stop is not taken for one inside IS NOT NULL, IS DISTINCT FROM, or as the last part of a name; NOT
        is one only before NULL.
        """
        first = self._index
        while self.token.kind != "end" and self.token.key not in (",", ")", "]", "}", ";"):
            if self.token.key in stops and self._stops(self.token.key):
                break
            self._skip_token()
        return self._fragment(first)

    def _stops(self, word: str) -> bool:
        before = self._tokens[self._index - 1].key
        if word == "NOT":
            return self.ahead(1).key == "NULL" and before != "IS"
        return before != "." and (word, before) != ("FROM", "DISTINCT")

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

    def quoted_text(self) -> Fragment:
        """Read a dollar-quoted text and return what is between the quotes."""
        token = self.token
        if token.kind != "dollar":
            raise self.error()
        self.advance()
        quote = self.text.index("$", token.start + 1) + 1 - token.start
        return Fragment(self.text[token.start + quote : token.end - quote], token.start + quote)

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
            self.accept_any(*_UNITS)
            if self.accept("TO") and not self.accept_any(*_UNITS):
                raise self.error()
        if self.at("("):
            self._skip_token()
        elif self.at("<"):
            self._skip_angles()
        else:
            self.accept("<>")
        if self.accept("COLLATE") and self.advance().kind not in ("word", "quoted"):
            raise self.error()
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
