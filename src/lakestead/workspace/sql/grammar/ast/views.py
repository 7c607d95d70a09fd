"""Views. What they share with tables (owner, tags, properties, rename, drop) is in objects."""

from __future__ import annotations

from dataclasses import dataclass

from .statement import Command, Fragment, Name, Pairs


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """A column that the view names anew."""

    name: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class CreateView(Command):
    """CREATE VIEW; ``schema_mode`` is the words behind WITH SCHEMA, such as EVOLUTION."""

    name: Name
    query: Fragment
    columns: tuple[ViewColumn, ...] = ()
    or_replace: bool = False
    temporary: bool = False
    if_not_exists: bool = False
    comment: str | None = None
    properties: Pairs = ()
    schema_mode: str | None = None


@dataclass(frozen=True, slots=True)
class AlterViewQuery(Command):
    """ALTER VIEW … AS query."""

    name: Name
    query: Fragment
