"""Objects of the metastore in the shapes of the REST API: ``CatalogInfo``, ``TableInfo`` and the like."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import object_session

from lakestead.core.datatypes import DataType, Decimal, Field, Interval, parse_type
from lakestead.workspace.access import ancestry
from lakestead.workspace.catalog import locations
from lakestead.workspace.catalog.functions import Function, Parameter
from lakestead.workspace.catalog.policies import Policies, Policy, function_name
from lakestead.workspace.store.objects import Securable, TableColumn, TableConstraint

Json = dict[str, Any]


def catalog(target: Securable) -> Json:
    """Return a catalog as ``CatalogInfo``."""
    return _common(target) | {
        "catalog_type": _catalog_type(target),
        "isolation_mode": "OPEN",
        "properties": target.properties,
        "securable_type": "CATALOG",
    }


def schema(target: Securable) -> Json:
    """Return a schema as ``SchemaInfo``."""
    return _common(target) | {
        "catalog_name": target.path[0],
        "catalog_type": _catalog_type(ancestry(target)[1]),
        "properties": target.properties,
        "schema_id": target.id,
    }


def volume(target: Securable) -> Json:
    """Return a volume as ``VolumeInfo``."""
    return _in_schema(target) | {
        "storage_location": locations.url(target.location or ""),
        "volume_id": target.id,
        "volume_type": target.spec["volume_type"],
    }


def table(target: Securable, *, columns: bool = True, properties: bool = True, users: bool = True) -> Json:
    """Return a table or view as ``TableInfo``.

    Args:
        target: the table.
        columns: whether its columns are wanted.
        properties: whether its properties are wanted.
        users: whether its owner and who changed it are wanted.
    """
    info = _in_schema(target) | {"table_id": target.id, "table_type": target.spec["table_type"]}
    if target.is_view:
        info["view_definition"] = target.spec["view_text"]
        dependencies = [{"table": {"table_full_name": name}} for name in target.spec.get("dependencies", ())]
        info["view_dependencies"] = {"dependencies": dependencies}
    else:
        info["data_source_format"] = target.spec.get("format", "DELTA").upper()
        info["storage_location"] = locations.url(target.location or "")
        info["table_constraints"] = [constraint(one) for one in target.constraints if one.kind != "CHECK"]
    have = Policies.of(target)
    if have.row_filter is not None:
        info["row_filter"] = _policy(target, have.row_filter, "input")
    if columns:
        partitions = target.spec.get("partition_columns", [])
        info["columns"] = [
            column(one, at, partitions)
            | ({"mask": _policy(target, mask, "using")} if (mask := have.mask(one.name)) else {})
            for at, one in enumerate(target.columns)
        ]
    if properties:
        info["properties"] = target.properties
    return (
        info
        if users
        else {key: value for key, value in info.items() if key not in ("owner", "created_by", "updated_by")}
    )


def summary(target: Securable) -> Json:
    """Return a table or view as ``TableSummary``."""
    return {"full_name": target.full_name, "table_type": target.spec["table_type"]}


def column(one: TableColumn, position: int, partitions: list[str]) -> Json:
    """Return a column as ``ColumnInfo``.

    Args:
        one: the column.
        position: from 0.
        partitions: names of the table's partition columns, in order.
    """
    kind = parse_type(one.type)
    info = _typed(one.name, kind, one.nullable, one.comment) | {
        "position": position,
        "nullable": one.nullable,
    }
    if one.name in partitions:
        info["partition_index"] = partitions.index(one.name)
    return info


def _policy(target: Securable, one: Policy, prefix: str) -> Json:
    """Return a policy as ``TableRowFilter`` (lists begin with ``input``) or ``ColumnMask`` (``using``)."""
    tx = object_session(target)
    assert tx is not None
    arguments = [
        {"column": given.column} if given.column is not None else {"constant": given.text}
        for given in one.arguments
    ]
    return {
        "function_name": ".".join(function_name(tx, one)),
        f"{prefix}_column_names": list(one.columns),
        f"{prefix}_arguments": arguments,
    }


def constraint(one: TableConstraint) -> Json:
    """Return a primary or foreign key as ``TableConstraint``."""
    common: Json = {"name": one.name, "child_columns": one.columns, "rely": one.rely}
    if one.parent_table is None:
        return {"primary_key_constraint": common | {"timeseries_columns": one.timeseries_columns}}
    parent = {"parent_table": one.parent_table.full_name, "parent_columns": one.parent_columns}
    return {"foreign_key_constraint": common | parent}


def function(target: Securable) -> Json:
    """Return a function as ``FunctionInfo``."""
    does = Function.of(target)
    info = _in_schema(target) | {
        "function_id": target.id,
        "specific_name": target.name,
        "input_params": {"parameters": _parameters(does.parameters, "PARAM")},
        "routine_body": "SQL",
        "routine_definition": does.body,
        "parameter_style": "S",
        "is_deterministic": does.deterministic,
        "is_null_call": False,
        "security_type": "DEFINER",
        "sql_data_access": "READS_SQL_DATA" if does.reads_data else "CONTAINS_SQL",
    }
    if does.returns is not None:
        kind = parse_type(does.returns)
        return info | {"data_type": kind.uc_name, "full_data_type": kind.sql}
    columns = does.returns_table or ()
    text = ", ".join(f"{one.name} {parse_type(one.type).sql}" for one in columns)
    return info | {
        "data_type": "TABLE_TYPE",
        "full_data_type": f"({text})",
        "return_params": {"parameters": _parameters(columns, "COLUMN")},
    }


def _parameters(parameters: Iterable[Parameter], kind: str) -> list[Json]:
    return [
        _typed(one.name, parse_type(one.type), True, one.comment)
        | {"position": position, "parameter_mode": "IN", "parameter_type": kind}
        | ({} if one.default is None else {"parameter_default": one.default})
        for position, one in enumerate(parameters)
    ]


def _typed(name: str, kind: DataType, nullable: bool, comment: str | None) -> Json:
    """Return what columns and parameters say of their name and type."""
    info: Json = {
        "name": name,
        "type_name": kind.uc_name,
        "type_text": kind.ddl,
        "type_json": json.dumps(Field(name, kind, nullable, comment).to_delta(), separators=(",", ":")),
    }
    if isinstance(kind, Decimal):
        info |= {"type_precision": kind.precision, "type_scale": kind.scale}
    if isinstance(kind, Interval):
        info["type_interval_type"] = kind.sql.removeprefix("INTERVAL ")
    return info if comment is None else info | {"comment": comment}


def _in_schema(target: Securable) -> Json:
    path = target.path
    return _common(target) | {"catalog_name": path[0], "schema_name": path[1]}


def _common(target: Securable) -> Json:
    info = {
        "name": target.name,
        "full_name": target.full_name,
        "owner": target.owner,
        "metastore_id": ancestry(target)[-1].id,
        "created_at": target.created_at,
        "created_by": target.created_by,
        "updated_at": target.updated_at,
        "updated_by": target.updated_by,
    }
    return info if target.comment is None else info | {"comment": target.comment}


def _catalog_type(target: Securable) -> str:
    return "SYSTEM_CATALOG" if target.name == "system" else "MANAGED_CATALOG"
