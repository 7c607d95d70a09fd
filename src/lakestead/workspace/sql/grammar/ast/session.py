"""USE, SET and RESET."""

from __future__ import annotations

from dataclasses import dataclass

from .statement import Command, Name


@dataclass(frozen=True, slots=True)
class UseCatalog(Command):
    """USE CATALOG c, also written SET CATALOG c."""

    catalog: str


@dataclass(frozen=True, slots=True)
class UseSchema(Command):
    """USE [SCHEMA] s, or with two parts USE catalog.schema."""

    schema: Name


@dataclass(frozen=True, slots=True)
class SetOption(Command):
    """SET key = value; the value is the raw text, quotes included."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class ShowOptions(Command):
    """SET, SET -v or SET key: ``key`` None lists all, ``verbose`` with their meaning."""

    key: str | None = None
    verbose: bool = False


@dataclass(frozen=True, slots=True)
class SetTimeZone(Command):
    """SET TIME ZONE; ``zone`` is a zone name or offset, None is LOCAL."""

    zone: str | None


@dataclass(frozen=True, slots=True)
class ResetOption(Command):
    """RESET [key]; None resets all."""

    key: str | None = None
