"""Splits SQL text into tokens, by the rules of Spark's lexer.

sqlglot's tokenizer is not used here: it swallows the rest of SHOW and similar statements into one string,
knows no dollar quotes, and does not say where an unclosed literal starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from .errors import SqlSyntaxError

TokenKind: TypeAlias = Literal["word", "quoted", "string", "dollar", "number", "symbol", "end"]


class Token(NamedTuple):
    """A token; ``key`` is the upper-case word or the symbol, and "" for anything quoted and the end."""

    kind: TokenKind
    key: str
    start: int
    end: int


_BLANK = re.compile(r"(?:\s+|--(?:\\\n|[^\r\n])*)+")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_TOKEN = re.compile(
    r"""
    (?P<string> [rR]'[^']*' | [rR]"[^"]*" | '[^'\\]*(?:\\.[^'\\]*)*' | "[^"\\]*(?:\\.[^"\\]*)*" )
  | (?P<quoted> `[^`]*(?:``[^`]*)*` )
  | (?P<dollar> \$(?P<tag>\w*)\$.*?\$(?P=tag)\$ )
  | (?P<number> (?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d+)?(?:BD|bd|[LlSsYyFfDd])?(?!\w) )
  | (?P<word> \w+ )
  | (?P<symbol> <> | <=> | != | >= | <= | == | -> | => | :: | \|\| | \|> | [-+*/%&|^~!=<>().,;:?@\[\]{}] )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(
    r"\\(?:u([0-9a-fA-F]{4})|U((?:0010|000[0-9a-fA-F])[0-9a-fA-F]{4})|([0-3][0-7]{2})|(.))", re.DOTALL
)
_ESCAPED = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "%": "\\%", "_": "\\_"}


def skip_blank(text: str, position: int) -> int:
    """Return the offset of the first character from ``position`` on that is neither white space nor comment.

    Raises:
        SqlSyntaxError: when a bracketed comment is not closed.
    """
    while True:
        blank = _BLANK.match(text, position)
        if blank:
            position = blank.end()
        if not text.startswith("/*", position):
            return position
        position = _comment_end(text, position)


def _comment_end(text: str, start: int) -> int:
    """Return the offset behind the comment that opens at ``start``; comments nest."""
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, start):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    detail = "Found an unclosed bracketed comment. Please, append */ at the end of the comment."
    raise SqlSyntaxError(text, start, detail, "UNCLOSED_BRACKETED_COMMENT")


def scan(text: str) -> Iterator[Token]:
    """Yield the tokens of the text, the last one of kind "end".

    Raises:
        SqlSyntaxError: at a character that starts no token, such as the quote of an unclosed literal.
    """
    end = position = skip_blank(text, 0)
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise SqlSyntaxError(text, position, f"Syntax error at or near '{text[position]}'.")
        kind: TokenKind = found.lastgroup  # type: ignore[assignment]  # the groups are the kinds
        key = found.group().upper() if kind in ("word", "symbol") else ""
        end = found.end()
        yield Token(kind, key, position, end)
        position = skip_blank(text, end)
    yield Token("end", "", end, end)


def tokenize(text: str) -> list[Token]:
    """Return all that `scan` yields, and raise what it raises."""
    return list(scan(text))


def string_value(literal: str) -> str:
    """Return what a string literal means; ``literal`` is its source with quotes and r prefix."""
    if literal[0] in "rR":
        return literal[2:-1]
    if "\\" not in literal:
        return literal[1:-1]
    value = _ESCAPE.sub(_unescape, literal[1:-1])
    # Two \u escapes can make one character, as UTF-16 does; a lone half is no text.
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescape(found: re.Match[str]) -> str:
    short, long, octal, other = found.groups()
    if short or long:
        return chr(int(short or long, 16))
    if octal:
        return chr(int(octal, 8))
    return _ESCAPED.get(other, other)
