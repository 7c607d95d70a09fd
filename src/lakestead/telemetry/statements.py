"""What a span may tell of a statement: its operation, its tables, and its text without values.

A scanner, not a parser: it takes microseconds, knows every statement, and never fails. Names after FROM,
JOIN, INTO and the like are tables; names that WITH defines are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ANALYSED = 32_768  # characters; what is longer is a list of values, after the tables
_TEXT = 4_096  # characters
_SUMMARY = 255  # characters, as OpenTelemetry asks

_TOKEN = re.compile(
    r"""(?P<skip>\s+|--[^\n]*|/\*.*?(?:\*/|\Z))"""
    # Raw strings end at the first quote, whatever stands before it.
    r"""|(?P<string>\b[rR](?:'[^']*(?:'|\Z)|"[^"]*(?:"|\Z))"""
    r"""|(?:\b[xX])?(?:'(?:[^'\\]|\\.|'')*(?:'|\Z)|"(?:[^"\\]|\\.|"")*(?:"|\Z)))"""
    r"""|(?P<name>(?:`(?:[^`]|``)*`|[^\W\d]\w*)(?:\s*\.\s*(?:`(?:[^`]|``)*`|\w+))*)"""
    r"""|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\w*)"""
    r"""|(?P<parameter>:\w+|\?)"""
    r"""|(?P<mark>.)""",
    re.DOTALL,
)
_LISTS = re.compile(r"\(\s*\?(?:\s*,\s*\?)+\s*\)")
_ROWS = re.compile(r"(\(\?\))(?:\s*,\s*\(\?\))+")
_SPACES = re.compile(r" +")
_AROUND_DOTS = re.compile(r"\s*\.\s*")
_NO_LETTER = re.compile(r"[^a-z_]")
_BEFORE_TABLES = frozenset({"FROM", "JOIN", "INTO", "UPDATE", "TABLE", "OVERWRITE", "VIEW", "OPTIMIZE"})
_NOISE = frozenset({"IF", "NOT", "EXISTS", "ONLY", "LATERAL", "EXTENDED", "FORMATTED"})
_CLAUSES = frozenset({
    "WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "ON", "SET", "SELECT", "UNION", "EXCEPT", "INTERSECT",
    "WHEN", "WINDOW", "QUALIFY", "VALUES", "PIVOT", "UNPIVOT", "CLUSTER", "DISTRIBUTE", "SORT", "OFFSET",
    "TBLPROPERTIES", "LOCATION", "PARTITIONED", "COMMENT", "FORMAT", "DIRECTORY",
})  # fmt: skip
_FUNCTIONS = frozenset({"EXTRACT", "TRIM", "SUBSTRING", "SUBSTR", "OVERLAY"})
_READS = frozenset({"SELECT", "VALUES", "TABLE", "FROM"})
_CHANGES = frozenset({"INSERT", "MERGE", "UPDATE", "DELETE", "COPY", "TRUNCATE", "REPLACE"})
_DEFINES = frozenset({"CREATE", "ALTER", "DROP", "UNDROP", "COMMENT"})
_OBJECTS = frozenset({"TABLE", "VIEW", "SCHEMA", "DATABASE", "CATALOG", "VOLUME", "FUNCTION"})


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as a span shows it.

    Attributes:
        operation: its first word that says what it does, in upper case; empty if it has none.
        kind: what it works on and how, such as `table.query` or `schema.create`.
        tables: the tables that it names, as it writes them, without backticks; each once.
        target: the one of them that it changes or defines, if it does.
        text: what it says, with `?` for values, without comments; cut after 4,096 characters.
    """

    operation: str
    kind: str
    tables: tuple[str, ...]
    target: str | None
    text: str

    @property
    def summary(self) -> str:
        """The operation and the tables."""
        return " ".join((self.operation, *self.tables)).strip()[:_SUMMARY]

    @property
    def sources(self) -> tuple[str, ...]:
        """The tables that it reads."""
        return tuple(table for table in self.tables if table != self.target)


@dataclass(frozen=True, slots=True)
class _Word:
    """A token that is no space.

    Attributes:
        text: as it is written.
        upper: in upper case, if it is a name; else empty.
        depth: in how many brackets it stands.
    """

    text: str
    upper: str
    depth: int

    @property
    def name(self) -> str:
        return _AROUND_DOTS.sub(".", self.text).replace("`", "")


def analyse(text: str) -> Statement:
    """Return what a span may tell of a statement."""
    words, sanitised = _scan(text[:_ANALYSED])
    place = _operation(words)
    operation = words[place].upper if words else ""
    defined = _defined(words)
    found = [(at, words[at].name) for at in _tables(words) if words[at].name.lower() not in defined]
    tables = tuple(dict.fromkeys(name for _, name in found))
    named = _object(words) if operation in _DEFINES else ""
    changed = [name for at, name in found if at > place]
    changes = changed and (operation in _CHANGES or named in ("TABLE", "VIEW"))
    return Statement(
        operation, _kind(operation, named, tables), tables, changed[0] if changes else None, sanitised
    )


def literals(text: str) -> list[str]:
    """Return the values that a statement holds, strings without their quotes; for nobody's eyes."""
    return [
        match.group().lstrip("rRxX")[1:-1] if match.lastgroup == "string" else match.group()
        for match in _TOKEN.finditer(text[:_ANALYSED])
        if match.lastgroup in ("string", "number")
    ]


def _scan(text: str) -> tuple[list[_Word], str]:
    words: list[_Word] = []
    shown: list[str] = []
    depth = 0
    for match in _TOKEN.finditer(text):
        kind, value = match.lastgroup, match.group()
        if kind == "skip":
            shown.append(" ")
            continue
        depth -= value == ")"
        words.append(_Word(value, value.upper() if kind == "name" else "", depth))
        depth += value == "("
        shown.append("?" if kind in ("string", "number") else value)
    joined = _SPACES.sub(" ", "".join(shown)).strip()
    return words, _ROWS.sub(r"\1", _LISTS.sub("(?)", joined))[:_TEXT]


def _operation(words: list[_Word]) -> int:
    """Return where the word is that says what is done: the first, or the one that WITH's queries are for."""
    first = next((at for at, word in enumerate(words) if word.upper), 0)
    if not words or words[first].upper != "WITH":
        return first
    outside = (at for at, word in enumerate(words) if word.depth == 0 and word.upper in _READS | _CHANGES)
    return next(outside, first)


def _defined(words: list[_Word]) -> set[str]:
    """Return the names that WITH gives to queries, in lower case: `name AS (`, `name (columns) AS (`."""
    names: set[str] = set()
    if not any(word.upper == "WITH" for word in words):
        return names
    for at in range(1, len(words) - 1):
        if words[at].upper == "AS" and words[at + 1].text == "(":
            back = at - 1
            if words[back].text == ")":
                while back > 0 and (words[back].text != "(" or words[back].depth != words[at].depth):
                    back -= 1
                back -= 1
            names.add(words[max(back, 0)].name.lower())
    return names


def _tables(words: list[_Word]) -> Iterator[int]:
    """Yield where tables are named."""
    expected = False
    lists: set[int] = set()  # the depths at which a comma is followed by a further table
    # Elsewhere, USING is followed by a format or by columns.
    before = _BEFORE_TABLES | {"USING"} if any(word.upper == "MERGE" for word in words) else _BEFORE_TABLES
    for at, word in enumerate(words):
        if word.upper in before and not (word.upper == "FROM" and _of_function(words, at)):
            expected = True
            if word.upper == "FROM":
                lists.add(word.depth)
        elif word.upper in _CLAUSES:
            expected = False
            lists.discard(word.depth)
        elif word.text == ",":
            expected = word.depth in lists
        elif word.upper in _NOISE:
            continue
        elif word.text == ")":
            lists.discard(word.depth + 1)
            expected = False
        elif word.text != "(":
            called = at + 1 < len(words) and words[at + 1].text == "("
            # `INSERT INTO t (a, b)` names a table; `FROM range(10)` a function.
            if expected and word.upper and not (called and words[at - 1].upper in ("FROM", "JOIN", ",", "")):
                yield at
            expected = False


def _of_function(words: list[_Word], at: int) -> bool:
    """Return whether a FROM is one of EXTRACT(… FROM …), TRIM(…), or IS DISTINCT FROM."""
    if words[at - 1].upper == "DISTINCT" and at > 1 and words[at - 2].upper in ("IS", "NOT"):
        return True
    for back in range(at - 1, 0, -1):
        if words[back].depth == words[at].depth and words[back].upper == "SELECT":
            return False
        if words[back].depth < words[at].depth:
            return words[back - 1].upper in _FUNCTIONS
    return False


def _object(words: list[_Word]) -> str:
    found = next((word.upper for word in words if word.upper in _OBJECTS), "")
    return "SCHEMA" if found == "DATABASE" else found


def _kind(operation: str, named: str, tables: tuple[str, ...]) -> str:
    if operation in _READS:
        return "table.query" if tables else "sql_warehouse.query"
    if operation in _CHANGES:
        return f"table.{operation.lower()}"
    if named:
        return f"{named.lower()}.{operation.lower()}"
    word = _NO_LETTER.sub("", operation.lower())
    return f"sql_warehouse.{word or 'statement'}"
