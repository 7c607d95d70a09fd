"""SHOW. A ``pattern`` is the text of LIKE: ``*`` and ``|`` as in Databricks, and ``%`` from JDBC clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .statement import Command, Name


@dataclass(frozen=True, slots=True)
class ShowCatalogs(Command):
    """SHOW CATALOGS."""

    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class ShowSchemas(Command):
    """SHOW SCHEMAS [IN {[CATALOG] c | ALL CATALOGS}]; no ``catalog`` means the current one."""

    catalog: str | None = None
    pattern: str | None = None
    all_catalogs: bool = False


@dataclass(frozen=True, slots=True)
class ShowTables(Command):
    """SHOW TABLES, or with ``views_only`` SHOW VIEWS; no ``schema`` means the current one."""

    schema: Name | None = None
    pattern: str | None = None
    views_only: bool = False


@dataclass(frozen=True, slots=True)
class ShowTableExtended(Command):
    """SHOW TABLE EXTENDED [IN schema] LIKE pattern."""

    pattern: str
    schema: Name | None = None


@dataclass(frozen=True, slots=True)
class ShowCatalogTables(Command):
    """SHOW TABLES IN CATALOG c [SCHEMA LIKE 'p'] [LIKE 'p']; ``catalog`` None is IN ALL CATALOGS."""

    catalog: str | None
    schema_pattern: str | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class ShowCatalogColumns(Command):
    """SHOW COLUMNS IN CATALOG c [SCHEMA LIKE 'p'] [TABLE LIKE 'p'] [LIKE 'p']; None is IN ALL CATALOGS."""

    catalog: str | None
    schema_pattern: str | None = None
    table_pattern: str | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class ShowColumns(Command):
    """SHOW COLUMNS IN table [IN schema]; the schema stands in ``table``."""

    table: Name


@dataclass(frozen=True, slots=True)
class ShowVolumes(Command):
    """SHOW VOLUMES."""

    schema: Name | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class ShowFunctions(Command):
    """SHOW [USER | SYSTEM | ALL] FUNCTIONS; the pattern may be a function's name."""

    scope: Literal["USER", "SYSTEM", "ALL"] = "ALL"
    schema: Name | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class ShowProperties(Command):
    """SHOW TBLPROPERTIES t [(key)]."""

    table: Name
    key: str | None = None


@dataclass(frozen=True, slots=True)
class ShowCreateTable(Command):
    """SHOW CREATE TABLE, for a table or view."""

    table: Name


@dataclass(frozen=True, slots=True)
class ShowPartitions(Command):
    """SHOW PARTITIONS."""

    table: Name


@dataclass(frozen=True, slots=True)
class ShowUsers(Command):
    """SHOW USERS."""

    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class ShowGroups(Command):
    """SHOW GROUPS."""

    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class ShowCurrentSchema(Command):
    """SHOW CURRENT SCHEMA, also written NAMESPACE or DATABASE."""
