"""SHOW TABLES and SHOW COLUMNS of whole catalogs: what drivers ask for their metadata calls."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lakestead.core.datatypes import parse_type
from lakestead.workspace.access import Access
from lakestead.workspace.sql.commands.listing import enter, listed
from lakestead.workspace.sql.context import Context, Verb, rows
from lakestead.workspace.sql.grammar import ast
from lakestead.workspace.sql.information_schema.columns import columns
from lakestead.workspace.sql.information_schema.objects import tables
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.thrift.jdbc import jdbc_type

_TABLES = [
    ("namespace", "string"),
    ("tableName", "string"),
    ("isTemporary", "boolean"),
    ("information", "string"),
    ("catalogName", "string"),
    ("tableType", "string"),
    ("remarks", "string"),
]
_COLUMNS = [
    ("col_name", "string"),
    ("catalogName", "string"),
    ("namespace", "string"),
    ("tableName", "string"),
    ("columnType", "string"),
    ("columnSize", "int"),
    ("decimalDigits", "int"),
    ("radix", "int"),
    ("isNullable", "string"),
    ("remarks", "string"),
    ("ordinalPosition", "int"),
    ("isAutoIncrement", "string"),
    ("isGenerated", "string"),
]


def show_tables(ctx: Context, command: ast.ShowCatalogTables) -> Outcome:
    """Carry out SHOW TABLES IN CATALOG and IN ALL CATALOGS."""
    patterns = (("table_schema", command.schema_pattern), ("table_name", command.pattern))
    return rows(_TABLES, [_table(one) for one in listed(ctx, tables, *patterns, catalog=_catalog(command))])


def _table(one: dict[str, Any]) -> tuple[Any, ...]:
    kind = "VIEW" if one["table_type"] == "VIEW" else "TABLE"
    place = one["table_schema"], one["table_name"], False, None, one["table_catalog"]
    return (*place, kind, one["comment"] or "")


def show_columns(ctx: Context, command: ast.ShowCatalogColumns) -> Outcome:
    """Carry out SHOW COLUMNS IN CATALOG."""
    patterns = (
        ("table_schema", command.schema_pattern),
        ("table_name", command.table_pattern),
        ("column_name", command.pattern),
    )
    return rows(
        _COLUMNS, [_column(one) for one in listed(ctx, columns, *patterns, catalog=_catalog(command))]
    )


def _column(one: dict[str, Any]) -> tuple[Any, ...]:
    kind = parse_type(one["full_data_type"])
    described = jdbc_type(kind)
    return (
        one["column_name"],
        one["table_catalog"],
        one["table_schema"],
        one["table_name"],
        kind.sql,
        described.size,
        described.digits,
        described.radix,
        "true" if one["is_nullable"] == "YES" else "false",
        one["comment"] or "",
        one["ordinal_position"],
        "NO",
        "NO",
    )


def _catalog(command: ast.ShowCatalogTables | ast.ShowCatalogColumns) -> str | None:
    return command.catalog.lower() if command.catalog is not None else None


def _access(ctx: Context, command: ast.ShowCatalogTables | ast.ShowCatalogColumns) -> Iterable[Access]:
    catalog = _catalog(command)
    return () if catalog is None else enter(ctx, (catalog,))


VERBS: dict[type, Verb] = {
    ast.ShowCatalogTables: Verb(_access, show_tables, "SHOW"),
    ast.ShowCatalogColumns: Verb(_access, show_columns, "SHOW"),
}
