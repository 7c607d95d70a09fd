"""TABLE_CONSTRAINTS and the views that say which columns and tables keys are about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
from sqlalchemy.orm import aliased

from lakestead.workspace.catalog.constraints import FOREIGN_KEY, PRIMARY_KEY
from lakestead.workspace.sql.information_schema.scope import CATALOG, OBJECT, SCHEMA, Scope, assemble
from lakestead.workspace.sql.information_schema.views import VIEWS
from lakestead.workspace.store.objects import Kind, Securable, TableConstraint
from lakestead.workspace.visibility import Alias

_PARENT: Alias = aliased(Securable, name="parent")
_PARENT_SCHEMA: Alias = aliased(Securable, name="parent_schema")
_PARENT_CATALOG: Alias = aliased(Securable, name="parent_catalog")
_KEY = aliased(TableConstraint, name="parent_key")
Row = dict[str, Any]


def table_constraints(scope: Scope) -> pa.Table:
    """Return all constraints."""

    def row(one: Row) -> Iterator[Row]:
        yield _constraint(one) | _table(one) | {"constraint_type": one["kind"]}

    constants = {"is_deferrable": "YES", "initially_deferred": "NO", "enforced": "NO"}
    return _read(scope, "table_constraints", row, **constants)


def check_constraints(scope: Scope) -> pa.Table:
    """Return the CHECK constraints."""

    def row(one: Row) -> Iterator[Row]:
        if one["kind"] == "CHECK":
            yield _constraint(one) | {"check_clause": one["expression"]}

    return _read(scope, "check_constraints", row)


def key_column_usage(scope: Scope) -> pa.Table:
    """Return the columns of keys."""

    def row(one: Row) -> Iterator[Row]:
        for position, column in enumerate(one["columns"], 1):
            yield (
                _constraint(one)
                | _table(one)
                | {
                    "column_name": column,
                    "ordinal_position": position,
                    "position_in_unique_constraint": _position_in_parent(one, position),
                }
            )

    return _read(scope, "key_column_usage", row)


def _position_in_parent(one: Row, position: int) -> int | None:
    if one["kind"] != FOREIGN_KEY or not one["key_columns"]:
        return None
    referred: int = one["key_columns"].index(one["parent_columns"][position - 1])
    return referred + 1


def referential_constraints(scope: Scope) -> pa.Table:
    """Return the foreign keys, with the primary keys they refer to."""

    def row(one: Row) -> Iterator[Row]:
        if one["kind"] == FOREIGN_KEY and one["key_name"] is not None:
            yield _constraint(one) | {
                "unique_constraint_catalog": one["parent_catalog"],
                "unique_constraint_schema": one["parent_schema"],
                "unique_constraint_name": one["key_name"],
            }

    rules = {"match_option": "FULL", "update_rule": "NO ACTION", "delete_rule": "NO ACTION"}
    return _read(scope, "referential_constraints", row, **rules)


def constraint_column_usage(scope: Scope) -> pa.Table:
    """Return the columns that keys are about: a foreign key is about those it refers to."""

    def row(one: Row) -> Iterator[Row]:
        columns = one["parent_columns"] if one["kind"] == FOREIGN_KEY else one["columns"]
        for column in columns:
            yield _about(one) | _constraint(one) | {"column_name": column}

    return _read(scope, "constraint_column_usage", row)


def constraint_table_usage(scope: Scope) -> pa.Table:
    """Return the tables that keys are about: a foreign key is about the one it refers to."""

    def row(one: Row) -> Iterator[Row]:
        if one["kind"] in (PRIMARY_KEY, FOREIGN_KEY):
            yield _about(one) | _constraint(one)

    return _read(scope, "constraint_table_usage", row)


def _constraint(one: Row) -> Row:
    return {
        "constraint_catalog": one["catalog"],
        "constraint_schema": one["schema"],
        "constraint_name": one["name"],
    }


def _table(one: Row) -> Row:
    return {"table_catalog": one["catalog"], "table_schema": one["schema"], "table_name": one["table"]}


def _about(one: Row) -> Row:
    if one["kind"] != FOREIGN_KEY:
        return _table(one)
    return {
        "table_catalog": one["parent_catalog"],
        "table_schema": one["parent_schema"],
        "table_name": one["parent"],
    }


def _read(scope: Scope, view: str, rows: Callable[[Row], Iterator[Row]], **constants: str) -> pa.Table:
    """Return the rows that each constraint has in a view."""
    found = scope.rows(_constraints(scope))
    records = [dict(zip(found, values, strict=True)) for values in zip(*found.values(), strict=True)]
    made = [row for record in records for row in rows(record)]
    given = [name for name in VIEWS[view].names if made and name in made[0]]
    if not made:
        return VIEWS[view].empty_table()
    return assemble(view, {name: [row[name] for row in made] for name in given}, **constants)


def _constraints(scope: Scope) -> Any:
    """Select the constraints, and of foreign keys the table and the primary key they refer to."""
    columns = (
        CATALOG.name.label("catalog"),
        SCHEMA.name.label("schema"),
        OBJECT.name.label("table"),
        TableConstraint.name,
        TableConstraint.kind,
        TableConstraint.columns,
        TableConstraint.expression,
        TableConstraint.parent_columns,
        _PARENT.name.label("parent"),
        _PARENT_SCHEMA.name.label("parent_schema"),
        _PARENT_CATALOG.name.label("parent_catalog"),
        _KEY.name.label("key_name"),
        _KEY.columns.label("key_columns"),
    )
    query = scope.objects(Kind.TABLE, *columns).join(TableConstraint, TableConstraint.table_id == OBJECT.id)
    query = query.outerjoin(_PARENT, TableConstraint.parent_table_id == _PARENT.id)
    query = query.outerjoin(_PARENT_SCHEMA, _PARENT.parent_id == _PARENT_SCHEMA.id)
    query = query.outerjoin(_PARENT_CATALOG, _PARENT_SCHEMA.parent_id == _PARENT_CATALOG.id)
    query = query.outerjoin(_KEY, (_KEY.table_id == _PARENT.id) & (_KEY.kind == PRIMARY_KEY))
    return query.order_by(TableConstraint.name)
