"""Catalogs, schemas, volumes and functions, and the changes that every kind of object takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .statement import Command, Fragment, Kind, Name, Pairs


@dataclass(frozen=True, slots=True)
class CreateCatalog(Command):
    """CREATE CATALOG; ``managed_location`` is a URL."""

    name: Name
    if_not_exists: bool = False
    managed_location: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class CreateSchema(Command):
    """CREATE SCHEMA; ``properties`` are its DBPROPERTIES."""

    name: Name
    if_not_exists: bool = False
    managed_location: str | None = None
    comment: str | None = None
    properties: Pairs = ()


@dataclass(frozen=True, slots=True)
class CreateVolume(Command):
    """CREATE [EXTERNAL] VOLUME; an external one has a ``location``."""

    name: Name
    external: bool = False
    if_not_exists: bool = False
    location: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function, or a column of the table it returns; ``type`` is the type's text."""

    name: str
    type: str
    default: Fragment | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class CreateFunction(Command):
    """CREATE FUNCTION. ``returns`` is the scalar's type text; a table function has ``columns`` instead.

    ``columns`` is None for a scalar function and () for RETURNS TABLE with no column list. ``body`` is the
    expression or query behind RETURN, or for PYTHON the text between the dollar quotes.
    """

    name: Name
    parameters: tuple[Parameter, ...]
    body: Fragment
    returns: str | None = None
    columns: tuple[Parameter, ...] | None = None
    language: Literal["SQL", "PYTHON"] = "SQL"
    or_replace: bool = False
    if_not_exists: bool = False
    temporary: bool = False
    deterministic: bool | None = None
    data_access: Literal["CONTAINS SQL", "READS SQL DATA"] | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Drop(Command):
    """DROP; ``cascade`` is for catalogs and schemas, ``temporary`` for functions."""

    kind: Kind
    name: Name
    if_exists: bool = False
    cascade: bool = False
    temporary: bool = False


@dataclass(frozen=True, slots=True)
class Rename(Command):
    """ALTER … RENAME TO; ``new_name`` may be less qualified than ``name``."""

    kind: Kind
    name: Name
    new_name: Name


@dataclass(frozen=True, slots=True)
class SetOwner(Command):
    """ALTER … [SET] OWNER TO; ``owner`` is a user, group or service principal."""

    kind: Kind
    name: Name
    owner: str


@dataclass(frozen=True, slots=True)
class SetTags(Command):
    """SET TAGS; a tag without a value has "". For Kind.COLUMN the last part of ``name`` is the column."""

    kind: Kind
    name: Name
    tags: Pairs


@dataclass(frozen=True, slots=True)
class UnsetTags(Command):
    """UNSET TAGS; for Kind.COLUMN the last part of ``name`` is the column."""

    kind: Kind
    name: Name
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetProperties(Command):
    """SET TBLPROPERTIES or DBPROPERTIES."""

    kind: Kind
    name: Name
    properties: Pairs


@dataclass(frozen=True, slots=True)
class UnsetProperties(Command):
    """UNSET TBLPROPERTIES; without ``if_exists`` a key that is not set is an error."""

    kind: Kind
    name: Name
    keys: tuple[str, ...]
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class CommentOn(Command):
    """COMMENT ON; None removes the comment. For Kind.COLUMN the last part of ``name`` is the column."""

    kind: Kind
    name: Name
    comment: str | None
