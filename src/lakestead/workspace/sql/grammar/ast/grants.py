"""GRANT, REVOKE and SHOW GRANTS."""

from __future__ import annotations

from dataclasses import dataclass

from .statement import Command, Kind, Name


@dataclass(frozen=True, slots=True)
class Grant(Command):
    """GRANT; privileges are upper case with single spaces (USE CATALOG). The METASTORE has the name ()."""

    privileges: tuple[str, ...]
    kind: Kind
    name: Name
    principal: str


@dataclass(frozen=True, slots=True)
class Revoke(Command):
    """REVOKE; fields as in Grant."""

    privileges: tuple[str, ...]
    kind: Kind
    name: Name
    principal: str


@dataclass(frozen=True, slots=True)
class ShowGrants(Command):
    """SHOW GRANTS [principal] ON kind name."""

    kind: Kind
    name: Name
    principal: str | None = None
