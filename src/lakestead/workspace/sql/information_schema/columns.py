"""COLUMNS: those of every table and view, which may be hundreds of thousands."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
from sqlalchemy import case

from lakestead.core.datatypes import from_arrow
from lakestead.workspace.sql.information_schema.objects import provided
from lakestead.workspace.sql.information_schema.scope import (
    CATALOG,
    NAME,
    OBJECT,
    SCHEMA,
    Scope,
    assemble,
    concat,
)
from lakestead.workspace.sql.information_schema.types import type_columns
from lakestead.workspace.sql.information_schema.views import VIEWS
from lakestead.workspace.store.objects import Kind, TableColumn

# What the standard has and Databricks does not use, with the values that Databricks gives.
_CONSTANTS = {
    "is_identity": "NO",
    "is_generated": "NEVER",
    "is_system_time_period_start": "NO",
    "is_system_time_period_end": "NO",
    "is_updatable": "YES",
}


def columns(scope: Scope) -> pa.Table:
    """Return the columns of tables and views, those of ``information_schema`` among them."""
    tables = scope.rows(
        scope.objects(
            Kind.TABLE,
            OBJECT.id,
            CATALOG.name.label("table_catalog"),
            SCHEMA.name.label("table_schema"),
            OBJECT.name.label("table_name"),
            OBJECT.spec["partition_columns"].as_string().label("partition_columns"),
        )
    )
    query = (
        scope.objects(
            Kind.TABLE,
            TableColumn.table_id,
            TableColumn.name.label("column_name"),
            TableColumn.position.label("position"),
            TableColumn.default.label("column_default"),
            case((TableColumn.nullable, "YES"), else_="NO").label("is_nullable"),
            TableColumn.type.label("type"),
            TableColumn.comment,
        )
        .join(TableColumn, TableColumn.table_id == OBJECT.id)
        .order_by(TableColumn.position)
    )
    rows = scope.rows(query)
    owners = pa.array(rows["table_id"], pa.string())
    names = {one: _of_table(tables, one, owners) for one in ("table_catalog", "table_schema", "table_name")}
    described = (
        dict(rows)
        | names
        | type_columns(rows["type"])
        | {
            "ordinal_position": [position + 1 for position in rows["position"]],
            "partition_index": _partition_indices(tables, rows),
        }
    )
    return concat("columns", assemble("columns", described, **_CONSTANTS), _built_in(scope))


def _of_table(tables: dict[str, Any], name: str, owners: pa.Array) -> pa.Array:
    """Return a value of each column's table."""
    position = pa.compute.index_in(owners, pa.array(tables["id"], pa.string()))
    return pa.array(tables[name], pa.string()).take(position)


def _partition_indices(tables: dict[str, Any], rows: dict[str, Any]) -> list[int | None]:
    indices = {
        (table, column): index
        for table, partitioned in zip(tables["id"], tables["partition_columns"], strict=True)
        if partitioned not in (None, "[]")
        for index, column in enumerate(json.loads(partitioned))
    }
    if not indices:
        return [None] * len(rows["table_id"])
    return [indices.get(one) for one in zip(rows["table_id"], rows["column_name"], strict=True)]


def _built_in(scope: Scope) -> pa.Table:
    names, _made = provided(scope)
    described = [
        (catalog, view, position, field)
        for catalog in names
        for view, schema in VIEWS.items()
        for position, field in enumerate(schema, 1)
    ]
    values = {
        "table_catalog": [catalog for catalog, *_ in described],
        "table_name": [view for _, view, *_ in described],
        "column_name": [field.name for *_, field in described],
        "ordinal_position": [position for _, _, position, _ in described],
        "is_nullable": ["YES" if field.nullable else "NO" for *_, field in described],
    } | type_columns([from_arrow(field.type).ddl for *_, field in described])
    return assemble("columns", values, table_schema=NAME, **_CONSTANTS | {"is_updatable": "NO"})
