"""What a parsed text can be, and the small values that every command shares."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

Name: TypeAlias = tuple[str, ...]
"""The raw parts of a possibly qualified name: unquoted, case kept. ``delta.`/p` `` is ``("delta", "/p")``."""

Pairs: TypeAlias = tuple[tuple[str, str], ...]
"""Properties, options or tags in the order they were written; keys are case kept."""

DmlKind: TypeAlias = Literal["INSERT", "UPDATE", "DELETE", "MERGE"]


class Kind(StrEnum):
    """The kinds of securable that SQL names. DATABASE is read as SCHEMA."""

    METASTORE = "METASTORE"
    CATALOG = "CATALOG"
    SCHEMA = "SCHEMA"
    TABLE = "TABLE"
    VIEW = "VIEW"
    COLUMN = "COLUMN"
    VOLUME = "VOLUME"
    FUNCTION = "FUNCTION"


@dataclass(frozen=True, slots=True)
class Fragment:
    """A query or expression as exact source text; ``start`` is its offset in characters in the statement."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Query:
    """A statement that returns rows: SELECT, WITH, VALUES, FROM, TABLE, EXPLAIN."""

    text: str


@dataclass(frozen=True, slots=True)
class Dml:
    """A statement that changes rows; ``kind`` is its main verb, also behind a WITH."""

    kind: DmlKind
    text: str


class Command:
    """Every other statement. Each is a frozen dataclass of its own."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Unsupported(Command):
    """A statement of Databricks that the workspace does not serve; ``feature`` names it."""

    feature: str
