"""ROUTINES, PARAMETERS and ROUTINE_COLUMNS: SQL functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from lakestead.workspace.sql.information_schema.scope import CATALOG, OBJECT, SCHEMA, Scope, assemble, changes
from lakestead.workspace.sql.information_schema.types import type_columns
from lakestead.workspace.store.objects import Kind

_NAMES = ("catalog", "schema", "name")


def routines(scope: Scope) -> pa.Table:
    """Return the functions."""
    found = _functions(scope)
    specs = found["spec"]
    scalar = type_columns([spec["returns"] for spec in specs])
    returns_table = [
        None if spec["returns_table"] is None else _table_type(spec["returns_table"]) for spec in specs
    ]
    values = {
        **found,
        **scalar,
        **{f"routine_{part}": found[f"specific_{part}"] for part in _NAMES},
        "data_type": _either(["TABLE" if one else None for one in returns_table], scalar["data_type"]),
        "full_data_type": _either(returns_table, scalar["full_data_type"]),
        "routine_definition": [spec["body"] for spec in specs],
        "is_deterministic": ["YES" if spec["deterministic"] else "NO" for spec in specs],
        "sql_data_access": ["READS SQL DATA" if spec["reads_data"] else "CONTAINS SQL" for spec in specs],
    }
    return assemble(
        "routines",
        values,
        routine_type="FUNCTION",
        routine_body="SQL",
        parameter_style="SQL",
        is_null_call="YES",
        security_type="DEFINER",
    )


def parameters(scope: Scope) -> pa.Table:
    """Return the parameters of the functions, numbered from 0 as Databricks does."""
    described = list(_listed(scope, "parameters"))
    values = _described(described) | {
        "parameter_name": [one["name"] for *_, one in described],
        "parameter_default": [one["default"] for *_, one in described],
    }
    return assemble("parameters", values, parameter_mode="IN", is_result="NO", as_locator="NO")


def routine_columns(scope: Scope) -> pa.Table:
    """Return the columns of what table functions return, numbered from 0 as Databricks does."""
    described = list(_listed(scope, "returns_table"))
    values = _described(described) | {"column_name": [one["name"] for *_, one in described]}
    return assemble("routine_columns", values)


def _functions(scope: Scope) -> dict[str, list[Any]]:
    query = scope.objects(
        Kind.FUNCTION,
        CATALOG.name.label("specific_catalog"),
        SCHEMA.name.label("specific_schema"),
        OBJECT.name.label("specific_name"),
        OBJECT.owner.label("routine_owner"),
        OBJECT.comment,
        OBJECT.spec,
        *changes(OBJECT),
    )
    return scope.rows(query)


def _listed(scope: Scope, key: str) -> Iterator[tuple[tuple[str, ...], int, dict[str, Any]]]:
    """Yield the name of the function, the position, and the parameter or column."""
    found = _functions(scope)
    for *name, spec in zip(*(found[f"specific_{part}"] for part in _NAMES), found["spec"], strict=True):
        for position, one in enumerate(spec[key] or ()):
            yield tuple(name), position, one


def _described(listed: list[tuple[tuple[str, ...], int, dict[str, Any]]]) -> dict[str, Any]:
    names = {f"specific_{part}": [name[index] for name, *_ in listed] for index, part in enumerate(_NAMES)}
    return {
        **names,
        **type_columns([one["type"] for *_, one in listed]),
        "ordinal_position": [position for _, position, _ in listed],
        "comment": [one["comment"] for *_, one in listed],
    }


def _table_type(columns: list[dict[str, Any]]) -> str:
    return "TABLE (" + ", ".join(f"{one['name']} {one['type']}" for one in columns) + ")"


def _either(first: list[str | None], other: pa.Array) -> list[str | None]:
    return [one or two for one, two in zip(first, other.to_pylist(), strict=True)]
