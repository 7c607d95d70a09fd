"""Tables: their columns and constraints, and the statements that make, empty and change them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from .statement import Command, Fragment, Name, Pairs


@dataclass(frozen=True, slots=True)
class Identity:
    """GENERATED {ALWAYS | BY DEFAULT} AS IDENTITY; ``always`` forbids explicit values."""

    always: bool
    start: int = 1
    step: int = 1


@dataclass(frozen=True, slots=True)
class Policy:
    """A column mask or row filter; ``arguments`` are column names or literals as SQL text."""

    function: Name
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column definition; ``type`` is the type's text. Inline constraints stand with the table's own."""

    name: str
    type: str
    not_null: bool = False
    default: Fragment | None = None
    generated: Fragment | None = None
    identity: Identity | None = None
    comment: str | None = None
    mask: Policy | None = None


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """PRIMARY KEY; ``timeseries`` names the one column marked so."""

    columns: tuple[str, ...]
    name: str | None = None
    timeseries: str | None = None
    rely: bool = False


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """FOREIGN KEY; empty ``parent_columns`` means the parent's primary key."""

    columns: tuple[str, ...]
    parent: Name
    parent_columns: tuple[str, ...] = ()
    name: str | None = None
    rely: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """CHECK (expression)."""

    expression: Fragment
    name: str | None = None


Constraint: TypeAlias = PrimaryKey | ForeignKey | Check


@dataclass(frozen=True, slots=True)
class Clustering:
    """CLUSTER BY; CLUSTER BY NONE has no ``columns`` and is not ``auto``."""

    columns: tuple[Name, ...] = ()
    auto: bool = False


@dataclass(frozen=True, slots=True)
class CreateTable(Command):
    """CREATE TABLE, CREATE OR REPLACE TABLE, REPLACE TABLE (``mode``), with AS query or without.

    A column that PARTITIONED BY gives with its type stands last in ``columns``.
    """

    name: Name
    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    mode: Literal["CREATE", "CREATE OR REPLACE", "REPLACE"] = "CREATE"
    if_not_exists: bool = False
    external: bool = False
    using: str | None = None
    options: Pairs = ()
    partitioned_by: tuple[str, ...] = ()
    cluster_by: Clustering | None = None
    location: str | None = None
    comment: str | None = None
    properties: Pairs = ()
    row_filter: Policy | None = None
    collation: str | None = None
    query: Fragment | None = None


@dataclass(frozen=True, slots=True)
class CreateTableLike(Command):
    """CREATE TABLE … LIKE; only what stands here is taken from the statement, the rest from ``source``."""

    name: Name
    source: Name
    if_not_exists: bool = False
    using: str | None = None
    location: str | None = None
    properties: Pairs = ()


@dataclass(frozen=True, slots=True)
class Truncate(Command):
    """TRUNCATE TABLE."""

    name: Name
