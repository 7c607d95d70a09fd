"""DESCRIBE."""

from __future__ import annotations

from dataclasses import dataclass

from .statement import Command, Fragment, Name


@dataclass(frozen=True, slots=True)
class DescribeTable(Command):
    """DESCRIBE [TABLE] [EXTENDED] t [column] [AS JSON], for a table or view."""

    table: Name
    extended: bool = False
    column: Name | None = None
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class DescribeHistory(Command):
    """DESCRIBE HISTORY t [LIMIT n]."""

    table: Name
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class DescribeDetail(Command):
    """DESCRIBE DETAIL t."""

    table: Name


@dataclass(frozen=True, slots=True)
class DescribeCatalog(Command):
    """DESCRIBE CATALOG."""

    catalog: Name
    extended: bool = False


@dataclass(frozen=True, slots=True)
class DescribeSchema(Command):
    """DESCRIBE SCHEMA."""

    schema: Name
    extended: bool = False


@dataclass(frozen=True, slots=True)
class DescribeVolume(Command):
    """DESCRIBE VOLUME."""

    volume: Name


@dataclass(frozen=True, slots=True)
class DescribeFunction(Command):
    """DESCRIBE FUNCTION."""

    function: Name
    extended: bool = False


@dataclass(frozen=True, slots=True)
class DescribeQuery(Command):
    """DESCRIBE [QUERY] q: the columns the query would return."""

    query: Fragment
