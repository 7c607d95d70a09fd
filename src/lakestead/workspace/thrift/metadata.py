"""Metadata calls: what is in the metastore, with the columns that JDBC's and ODBC's metadata functions have.

What they list is read from INFORMATION_SCHEMA, so a client sees by them just what it may see by SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from databricks.sql.thrift_api.TCLIService.ttypes import (
    TGetCatalogsReq,
    TGetColumnsReq,
    TGetFunctionsReq,
    TGetSchemasReq,
    TGetTablesReq,
    TGetTableTypesReq,
)
from sqlalchemy.orm import Session

from lakestead.core.datatypes import parse_type
from lakestead.workspace.http import Call
from lakestead.workspace.sql.context import rows
from lakestead.workspace.sql.information_schema import Scope
from lakestead.workspace.sql.information_schema.columns import columns as read_columns
from lakestead.workspace.sql.information_schema.objects import catalogs, schemata, tables
from lakestead.workspace.sql.information_schema.routines import routines
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.sql.session import SqlSession
from lakestead.workspace.thrift.jdbc import jdbc_type

TABLE_TYPES = ("TABLE", "VIEW")
_VIEW_TYPES = {"VIEW", "MATERIALIZED_VIEW", "METRIC_VIEW"}
# JDBC's and ODBC's codes.
_FUNCTION_NO_TABLE, _FUNCTION_RETURNS_TABLE = 1, 2

Row = Mapping[str, Any]


def get_catalogs(call: Call, session: SqlSession, request: TGetCatalogsReq) -> Outcome:
    """List the catalogs."""
    with call.workspace.store.read() as tx:
        names = catalogs(Scope(tx, call.principal)).column("catalog_name").to_pylist()
    return rows(columns_of("TABLE_CAT"), [[name] for name in sorted(names)])


def get_schemas(call: Call, session: SqlSession, request: TGetSchemasReq) -> Outcome:
    """List the schemas whose names and catalogs match patterns."""
    found = _listed(call, schemata, {"catalog_name": request.catalogName, "schema_name": request.schemaName})
    values = sorted((one["catalog_name"], one["schema_name"]) for one in found)
    return rows(columns_of("TABLE_SCHEM TABLE_CATALOG"), [(schema, catalog) for catalog, schema in values])


def get_tables(call: Call, session: SqlSession, request: TGetTablesReq) -> Outcome:
    """List the tables and views whose names match patterns, temporary views too."""
    wanted = {kind.upper() for kind in request.tableTypes or TABLE_TYPES}
    patterns = _table_patterns(request)
    values = []
    for one in _listed(call, tables, patterns):
        kind = "VIEW" if one["table_type"] in _VIEW_TYPES else "TABLE"
        if kind in wanted:
            place = (one["table_catalog"], one["table_schema"], one["table_name"])
            values.append((*place, kind, one["comment"] or "", *_NO_TYPES))
    if "VIEW" in wanted and not (request.catalogName or request.schemaName):
        matching = _matching(list(session.temporary_views), request.tableName)
        values += [("", "", name, "VIEW", "", *_NO_TYPES) for name in matching]
    return rows(_TABLES, sorted(values, key=lambda one: (one[3], *one[:3])))


def get_columns(call: Call, session: SqlSession, request: TGetColumnsReq) -> Outcome:
    """List the columns whose names match patterns, of tables whose names do."""
    patterns = _table_patterns(request) | {"column_name": request.columnName}
    values = [_column(one) for one in _listed(call, read_columns, patterns)]
    return rows(_COLUMNS, sorted(values, key=lambda one: (*one[:3], one[16])))


def get_table_types(call: Call, session: SqlSession, request: TGetTableTypesReq) -> Outcome:
    """List the kinds of tables."""
    return rows(columns_of("TABLE_TYPE"), [[kind] for kind in TABLE_TYPES])


def get_functions(call: Call, session: SqlSession, request: TGetFunctionsReq) -> Outcome:
    """List the functions whose names match patterns."""
    patterns = {
        "routine_catalog": request.catalogName,
        "routine_schema": request.schemaName,
        "routine_name": request.functionName,
    }
    values = [
        (
            *(one[key] for key in patterns),
            one["comment"] or "",
            _FUNCTION_RETURNS_TABLE if one["data_type"] == "TABLE" else _FUNCTION_NO_TABLE,
            one["specific_name"],
        )
        for one in _listed(call, routines, patterns)
    ]
    return rows(_FUNCTIONS, sorted(values))


def _table_patterns(request: TGetTablesReq | TGetColumnsReq) -> dict[str, str | None]:
    return {
        "table_catalog": request.catalogName,
        "table_schema": request.schemaName,
        "table_name": request.tableName,
    }


def _listed(
    call: Call, read: Callable[[Scope], pa.Table], patterns: Mapping[str, str | None]
) -> Iterator[Row]:
    """Read a view of INFORMATION_SCHEMA and give the rows that match.

    Args:
        call: who asks.
        read: the view.
        patterns: patterns by column, the catalog's and schema's first; no or an empty pattern matches all.
    """
    catalog, schema = (_exact(pattern) for pattern in list(patterns.values())[:2])
    with call.workspace.store.read() as tx:
        table = read(_scope(tx, call, catalog, schema))
    for column, pattern in patterns.items():
        if pattern:
            table = table.filter(pc.match_like(table.column(column), pattern, ignore_case=True))
    return iter(table.to_pylist())


def _scope(tx: Session, call: Call, catalog: str | None, schema: str | None) -> Scope:
    # A schema alone does not narrow what is read: its name may be in any catalog.
    return Scope(tx, call.principal, catalog, schema if catalog else None)


def _exact(pattern: str | None) -> str | None:
    """Return the one name that a pattern matches, or None if it may match several."""
    if not pattern:
        return None
    plain = pattern.replace("\\_", "").replace("\\%", "")
    return None if "_" in plain or "%" in plain else pattern.replace("\\", "").lower()


def _matching(names: list[str], pattern: str | None) -> list[str]:
    if not pattern:
        return names
    array = pa.array(names, pa.string())
    return [str(name) for name in array.filter(pc.match_like(array, pattern, ignore_case=True)).to_pylist()]


def _column(one: Row) -> tuple[Any, ...]:
    kind = parse_type(one["full_data_type"])
    described = jdbc_type(kind)
    nullable = one["is_nullable"] == "YES"
    return (
        one["table_catalog"],
        one["table_schema"],
        one["table_name"],
        one["column_name"],
        described.code,
        kind.sql,
        described.size,
        None,
        described.digits,
        described.radix,
        int(nullable),
        one["comment"] or "",
        one["column_default"],
        None,
        None,
        None,
        # Spark counts from 0 here; drivers that JDBC wants to count from 1 add it themselves.
        one["ordinal_position"] - 1,
        "YES" if nullable else "NO",
        None,
        None,
        None,
        None,
        "YES" if one["is_identity"] == "YES" else "NO",
    )


def columns_of(text: str) -> list[tuple[str, str]]:
    """Return columns written as ``NAME[:type]``, strings unless they say otherwise."""
    pairs = (column.partition(":") for column in text.split())
    return [(name, kind or "string") for name, _, kind in pairs]


_TABLES = columns_of(
    "TABLE_CAT TABLE_SCHEM TABLE_NAME TABLE_TYPE REMARKS TYPE_CAT TYPE_SCHEM TYPE_NAME "
    "SELF_REFERENCING_COL_NAME REF_GENERATION"
)
# The last five of them, which are about types of tables that there are none of.
_NO_TYPES = (None, None, None, None, None)
_COLUMNS = columns_of(
    "TABLE_CAT TABLE_SCHEM TABLE_NAME COLUMN_NAME DATA_TYPE:int TYPE_NAME COLUMN_SIZE:int "
    "BUFFER_LENGTH:tinyint DECIMAL_DIGITS:int NUM_PREC_RADIX:int NULLABLE:int REMARKS COLUMN_DEF "
    "SQL_DATA_TYPE:int SQL_DATETIME_SUB:int CHAR_OCTET_LENGTH:int ORDINAL_POSITION:int IS_NULLABLE "
    "SCOPE_CATALOG SCOPE_SCHEMA SCOPE_TABLE SOURCE_DATA_TYPE:smallint IS_AUTO_INCREMENT"
)
_FUNCTIONS = columns_of("FUNCTION_CAT FUNCTION_SCHEM FUNCTION_NAME REMARKS FUNCTION_TYPE:int SPECIFIC_NAME")
