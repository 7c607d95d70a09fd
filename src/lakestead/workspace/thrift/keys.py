"""Metadata calls about keys and types."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
from databricks.sql.thrift_api.TCLIService.ttypes import (
    TGetCrossReferenceReq,
    TGetPrimaryKeysReq,
    TGetTypeInfoReq,
)

from lakestead.workspace.http import Call
from lakestead.workspace.sql.context import rows
from lakestead.workspace.sql.information_schema import Scope
from lakestead.workspace.sql.information_schema.constraints import (
    key_column_usage,
    referential_constraints,
    table_constraints,
)
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.sql.session import SqlSession
from lakestead.workspace.thrift.jdbc import type_info
from lakestead.workspace.thrift.metadata import Row, columns_of

# JDBC's codes: importedKeyNoAction, importedKeyNotDeferrable.
_NO_ACTION = 3
_NOT_DEFERRABLE = 7

Name = tuple[str | None, str | None, str | None]


def get_primary_keys(call: Call, session: SqlSession, request: TGetPrimaryKeysReq) -> Outcome:
    """List the columns of a table's primary key."""
    wanted = (request.catalogName, request.schemaName, request.tableName)
    keys = {
        _constraint(one)
        for one in _read(call, table_constraints)
        if one["constraint_type"] == "PRIMARY KEY" and _is(wanted, _table(one))
    }
    values = [
        (*_table(one), one["column_name"], one["ordinal_position"], one["constraint_name"])
        for one in _read(call, key_column_usage)
        if _constraint(one) in keys
    ]
    return rows(_PRIMARY_KEYS, sorted(values))


def get_cross_reference(call: Call, session: SqlSession, request: TGetCrossReferenceReq) -> Outcome:
    """List the columns of foreign keys from one table, or to one, or from one to the other."""
    parent = (request.parentCatalogName, request.parentSchemaName, request.parentTableName)
    foreign = (request.foreignCatalogName, request.foreignSchemaName, request.foreignTableName)
    usage: dict[Name, list[Row]] = {}
    for one in _read(call, key_column_usage):
        usage.setdefault(_constraint(one), []).append(one)
    values = [
        _reference(one, referred)
        for key in _read(call, referential_constraints)
        for one in usage.get(_constraint(key), [])
        for referred in usage.get(_constraint(key, "unique_constraint"), [])
        if referred["ordinal_position"] == one["position_in_unique_constraint"]
        and _is(foreign, _table(one))
        and _is(parent, _table(referred))
    ]
    return rows(_CROSS_REFERENCE, sorted(values, key=lambda one: (*one[4:7], one[11], one[8])))


def get_type_info(call: Call, session: SqlSession, request: TGetTypeInfoReq) -> Outcome:
    """List the data types."""
    return rows(_TYPE_INFO, type_info())


def _read(call: Call, view: Callable[[Scope], pa.Table]) -> Iterator[Row]:
    with call.workspace.store.read() as tx:
        return iter(view(Scope(tx, call.principal)).to_pylist())


def _constraint(one: Row, prefix: str = "constraint") -> Name:
    return one[f"{prefix}_catalog"], one[f"{prefix}_schema"], one[f"{prefix}_name"]


def _table(one: Row) -> tuple[str, str, str]:
    return one["table_catalog"], one["table_schema"], one["table_name"]


def _is(wanted: Name, found: Name) -> bool:
    """Return whether a name is the one wanted; the parts that are not given may be any."""
    return all(not one or one.lower() == other for one, other in zip(wanted, found, strict=True))


def _reference(one: Row, referred: Row) -> tuple[Any, ...]:
    return (
        *_table(referred),
        referred["column_name"],
        *_table(one),
        one["column_name"],
        one["ordinal_position"],
        _NO_ACTION,
        _NO_ACTION,
        one["constraint_name"],
        referred["constraint_name"],
        _NOT_DEFERRABLE,
    )


# KEQ_SEQ is how Hive misspelt it, and how drivers read it.
_PRIMARY_KEYS = columns_of("TABLE_CAT TABLE_SCHEM TABLE_NAME COLUMN_NAME KEQ_SEQ:int PK_NAME")
_CROSS_REFERENCE = columns_of(
    "PKTABLE_CAT PKTABLE_SCHEM PKTABLE_NAME PKCOLUMN_NAME FKTABLE_CAT FKTABLE_SCHEM FKTABLE_NAME "
    "FKCOLUMN_NAME KEQ_SEQ:int UPDATE_RULE:int DELETE_RULE:int FK_NAME PK_NAME DEFERRABILITY:int"
)
_TYPE_INFO = columns_of(
    "TYPE_NAME DATA_TYPE:int PRECISION:int LITERAL_PREFIX LITERAL_SUFFIX CREATE_PARAMS NULLABLE:smallint "
    "CASE_SENSITIVE:boolean SEARCHABLE:smallint UNSIGNED_ATTRIBUTE:boolean FIXED_PREC_SCALE:boolean "
    "AUTO_INCREMENT:boolean LOCAL_TYPE_NAME MINIMUM_SCALE:smallint MAXIMUM_SCALE:smallint "
    "SQL_DATA_TYPE:int SQL_DATETIME_SUB:int NUM_PREC_RADIX:int"
)
