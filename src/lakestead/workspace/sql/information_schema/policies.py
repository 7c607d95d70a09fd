"""ROW_FILTERS and COLUMN_MASKS."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
from sqlalchemy import select

from lakestead.workspace.catalog.policies import KEY, Policies, Policy, function_name
from lakestead.workspace.sql.information_schema.scope import OBJECT, Scope, assemble
from lakestead.workspace.store.objects import Kind, Securable


def row_filters(scope: Scope) -> pa.Table:
    """Return the row filters of tables."""
    rows = [
        (*table.path, *_described(scope, have.row_filter))
        for table, have in _guarded(scope)
        if have.row_filter is not None
    ]
    names = ("table_catalog", "table_schema", "table_name", "filter_name", "target_columns")
    return _assembled("row_filters", names, rows)


def column_masks(scope: Scope) -> pa.Table:
    """Return the masks of columns."""
    rows = [
        (*table.path, column.name, *_described(scope, mask))
        for table, have in _guarded(scope)
        for column in table.columns
        if (mask := have.mask(column.name)) is not None
    ]
    names = ("table_catalog", "table_schema", "table_name", "column_name", "mask_name", "using_columns")
    return _assembled("column_masks", names, rows)


def _guarded(scope: Scope) -> Iterator[tuple[Securable, Policies]]:
    ids = scope.rows(scope.objects(Kind.TABLE, OBJECT.id).where(OBJECT.spec[KEY].as_string().is_not(None)))
    found = {
        one.id: one
        for one in scope.tx.execute(select(Securable).where(Securable.id.in_(ids["id"]))).scalars()
    }
    for table_id in ids["id"]:
        yield found[table_id], Policies.of(found[table_id])


def _described(scope: Scope, policy: Policy) -> tuple[str, str]:
    listed = (one.column if one.column is not None else one.text for one in policy.arguments)
    return ".".join(function_name(scope.tx, policy)), ", ".join(listed)


def _assembled(view: str, names: tuple[str, ...], rows: list[tuple[str, ...]]) -> pa.Table:
    return assemble(view, {name: [row[place] for row in rows] for place, name in enumerate(names)})
