"""ALTER TABLE: what happens to columns, constraints, clustering and row filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from .statement import Command, Fragment, Name
from .tables import Clustering, Column, Constraint, Policy


@dataclass(frozen=True, slots=True)
class Position:
    """FIRST (``after`` is None) or AFTER a sibling column."""

    after: str | None = None


@dataclass(frozen=True, slots=True)
class NewColumn:
    """A column of ADD COLUMNS; ``parent`` is the path of the struct that gets it, () at the top level."""

    column: Column
    parent: Name = ()
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class AddColumns(Command):
    """ADD COLUMN[S]; ``constraints`` are those written inline."""

    table: Name
    columns: tuple[NewColumn, ...]
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class DropColumns(Command):
    """DROP COLUMN[S]; a nested field is its path."""

    table: Name
    columns: tuple[Name, ...]
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class RenameColumn(Command):
    """RENAME COLUMN; ``column`` is the path, ``new_name`` the new last part."""

    table: Name
    column: Name
    new_name: str


@dataclass(frozen=True, slots=True)
class SetType:
    """TYPE t; the type's text."""

    type: str


@dataclass(frozen=True, slots=True)
class SetComment:
    """COMMENT 'x'."""

    comment: str


@dataclass(frozen=True, slots=True)
class SetNullable:
    """SET NOT NULL (False) or DROP NOT NULL (True)."""

    nullable: bool


@dataclass(frozen=True, slots=True)
class SetDefault:
    """SET DEFAULT expression, or DROP DEFAULT (None)."""

    default: Fragment | None


@dataclass(frozen=True, slots=True)
class SyncIdentity:
    """SYNC IDENTITY: move the identity's start past the values the column holds."""


@dataclass(frozen=True, slots=True)
class SetMask:
    """SET MASK, or DROP MASK (None)."""

    mask: Policy | None


Change: TypeAlias = SetType | SetComment | SetNullable | SetDefault | Position | SyncIdentity | SetMask


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """One change of one column, given by its path."""

    column: Name
    change: Change


@dataclass(frozen=True, slots=True)
class AlterColumns(Command):
    """ALTER COLUMN; the changes are made together. Column tags are SetTags and UnsetTags."""

    table: Name
    changes: tuple[ColumnChange, ...]


@dataclass(frozen=True, slots=True)
class AddConstraint(Command):
    """ADD [CONSTRAINT n] PRIMARY KEY, FOREIGN KEY or CHECK."""

    table: Name
    constraint: Constraint


@dataclass(frozen=True, slots=True)
class DropConstraint(Command):
    """DROP CONSTRAINT by name."""

    table: Name
    name: str
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class DropPrimaryKey(Command):
    """DROP PRIMARY KEY; ``cascade`` also drops the foreign keys that point at it."""

    table: Name
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class DropForeignKey(Command):
    """DROP FOREIGN KEY (columns)."""

    table: Name
    columns: tuple[str, ...]
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class ClusterBy(Command):
    """ALTER TABLE … CLUSTER BY."""

    table: Name
    clustering: Clustering


@dataclass(frozen=True, slots=True)
class SetRowFilter(Command):
    """SET ROW FILTER f ON (…), or DROP ROW FILTER (None)."""

    table: Name
    filter: Policy | None
