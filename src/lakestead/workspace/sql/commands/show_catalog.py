"""SHOW TABLES and SHOW COLUMNS of whole catalogs: what drivers ask for their metadata calls."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from lakestead.core.datatypes import parse_type
from lakestead.workspace.access import Access
from lakestead.workspace.sql.commands.listing import enter, listed, shown
from lakestead.workspace.sql.context import Context, Verb
from lakestead.workspace.sql.grammar import ast
from lakestead.workspace.sql.information_schema.columns import columns
from lakestead.workspace.sql.information_schema.objects import tables
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.thrift.jdbc import jdbc_type


def show_tables(ctx: Context, command: ast.ShowCatalogTables) -> Outcome:
    """Carry out SHOW TABLES IN CATALOG and IN ALL CATALOGS."""
    patterns = (("table_schema", command.schema_pattern), ("table_name", command.pattern))
    found = listed(ctx, tables, *patterns, catalog=_catalog(command))
    is_view = pc.equal(found.column("table_type"), "VIEW")
    return shown(
        found,
        namespace="table_schema",
        tableName="table_name",
        isTemporary=False,
        information=pa.nulls(found.num_rows, pa.string()),
        catalogName="table_catalog",
        tableType=pc.if_else(is_view, "VIEW", "TABLE"),
        remarks=pc.fill_null(found.column("comment"), ""),
    )


def show_columns(ctx: Context, command: ast.ShowCatalogColumns) -> Outcome:
    """Carry out SHOW COLUMNS IN CATALOG."""
    patterns = (
        ("table_schema", command.schema_pattern),
        ("table_name", command.table_pattern),
        ("column_name", command.pattern),
    )
    found = listed(ctx, columns, *patterns, catalog=_catalog(command))
    never = pa.repeat(pa.scalar("NO"), found.num_rows)
    return shown(
        found,
        col_name="column_name",
        catalogName="table_catalog",
        namespace="table_schema",
        tableName="table_name",
        **_types(found.column("full_data_type").combine_chunks()),
        isNullable=pc.if_else(pc.equal(found.column("is_nullable"), "YES"), "true", "false"),
        remarks=pc.fill_null(found.column("comment"), ""),
        ordinalPosition="ordinal_position",
        isAutoIncrement=never,
        isGenerated=never,
    )


def _types(texts: pa.Array) -> dict[str, pa.Array]:
    """Return what is told of the types of columns; each different one is looked at once."""
    encoded = texts.dictionary_encode()
    kinds = [parse_type(text) for text in encoded.dictionary.to_pylist()]
    described = [jdbc_type(kind) for kind in kinds]
    known = {
        "columnType": pa.array([kind.sql for kind in kinds], pa.string()),
        "columnSize": pa.array([one.size for one in described], pa.int32()),
        "decimalDigits": pa.array([one.digits for one in described], pa.int32()),
        "radix": pa.array([one.radix for one in described], pa.int32()),
    }
    return {name: values.take(encoded.indices) for name, values in known.items()}


def _catalog(command: ast.ShowCatalogTables | ast.ShowCatalogColumns) -> str | None:
    return command.catalog.lower() if command.catalog is not None else None


def _access(ctx: Context, command: ast.ShowCatalogTables | ast.ShowCatalogColumns) -> Iterable[Access]:
    catalog = _catalog(command)
    return () if catalog is None else enter(ctx, (catalog,))


VERBS: dict[type, Verb] = {
    ast.ShowCatalogTables: Verb(_access, show_tables, "SHOW"),
    ast.ShowCatalogColumns: Verb(_access, show_columns, "SHOW"),
}
