"""Reading the parts of a DML statement, token by token, without touching what stands in them."""

from __future__ import annotations

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql.dml.expressions import split
from lakestead.workspace.sql.grammar.lexer import Token
from lakestead.workspace.sql.text import tokens_of


class Cursor:
    """A place in a statement's tokens.

    Args:
        text: the statement; a semicolon at its end is passed over.
    """

    def __init__(self, text: str) -> None:
        tokens = tokens_of(text)
        while len(tokens) > 1 and tokens[-2].key == ";":
            tokens = [*tokens[:-2], Token("end", "", tokens[-2].start, tokens[-2].start)]
        self.text = text
        self._tokens = tokens
        self._index = 0

    def peek(self, ahead: int = 0) -> Token:
        """Return a coming token without moving."""
        return self._tokens[min(self._index + ahead, len(self._tokens) - 1)]

    def at(self, *keys: str) -> bool:
        """Return whether these words come next."""
        return all(self.peek(ahead).key == key for ahead, key in enumerate(keys))

    def accept(self, *keys: str) -> bool:
        """Move past these words if they come next; return whether they did."""
        if not self.at(*keys):
            return False
        self._index += len(keys)
        return True

    def expect(self, *keys: str) -> None:
        """Move past these words.

        Raises:
            ApiError: SYNTAX_ERROR when something else comes.
        """
        for key in keys:
            if not self.accept(key):
                raise self.error()

    def error(self) -> ApiError:
        """Return the error for the token that comes next."""
        token = self.peek()
        near = self.text[token.start : token.end] if token.kind != "end" else "end of input"
        line = self.text.count("\n", 0, token.start) + 1
        column = token.start - (self.text.rfind("\n", 0, token.start) + 1)
        return ApiError(
            ErrorCode.SYNTAX_ERROR, f"Syntax error at or near '{near[:80]}'. (line {line}, pos {column})"
        )

    def raw(self, tokens: list[Token]) -> str:
        """Return one identifier, unquoted."""
        if len(tokens) != 1 or tokens[0].kind not in ("word", "quoted"):
            raise self.error()
        source = self.text[tokens[0].start : tokens[0].end]
        return source[1:-1].replace("``", "`") if tokens[0].kind == "quoted" else source

    def name(self) -> tuple[str, ...]:
        """Read a dotted name."""
        parts: list[str] = []
        while True:
            parts.append(self.raw([self.peek()]))
            self._index += 1
            if not self.accept("."):
                return tuple(parts)

    def span(self) -> list[Token]:
        """Read what stands in the parentheses that come next; return its tokens."""
        self.expect("(")
        start, depth = self._index, 1
        while depth:
            token = self.peek()
            if token.kind == "end":
                raise self.error()
            depth += (token.key in ("(", "[", "{")) - (token.key in (")", "]", "}"))
            self._index += 1
        return self._tokens[start : self._index - 1]

    def parenthesised(self) -> list[list[Token]]:
        """Read a list in parentheses; return the tokens of each part."""
        return split(self.span())

    def tokens_until(self, *keys: str) -> list[Token]:
        """Read up to the first of these words that stands in no parentheses and in no CASE, or to the end."""
        start, depth = self._index, 0
        while True:
            token = self.peek()
            if token.kind == "end" or (depth == 0 and token.key in keys):
                return self._tokens[start : self._index]
            depth += (token.key in ("(", "[", "{", "CASE")) - (token.key in (")", "]", "}", "END"))
            self._index += 1

    def until(self, *keys: str) -> str:
        """Read as :meth:`tokens_until`; return the text."""
        tokens = self.tokens_until(*keys)
        return self.text[tokens[0].start : tokens[-1].end] if tokens else ""

    def take_with(self) -> str:
        """Read the WITH in front of a statement, if there is one; return its text."""
        start = self.peek().start
        if not self.at("WITH"):
            return ""
        self.until("INSERT", "MERGE", "UPDATE", "DELETE")
        return self.text[start : self.peek().start]

    def rest(self) -> str:
        """Read to the end; return the text."""
        return self.until()
