"""What a view is asked for, and how its rows become Arrow: one query for all objects, never one for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from sqlalchemy import ColumnElement, CompoundSelect, Select, select
from sqlalchemy.orm import Session, aliased

from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.sql.information_schema.views import VIEWS
from lakestead.workspace.store.objects import Kind, Securable
from lakestead.workspace.visibility import Alias, may_see

# The entities of every query: an object, and the schema and catalog it is in.
OBJECT: Alias = aliased(Securable, name="object")
SCHEMA: Alias = aliased(Securable, name="schema")
CATALOG: Alias = aliased(Securable, name="catalog")

NAME = "information_schema"
SYSTEM = "system"
# Who owns what the workspace itself provides, in Databricks' words.
SYSTEM_USER = "System user"


@dataclass(frozen=True, slots=True)
class Scope:
    """What rows are asked for.

    Attributes:
        tx: an open transaction.
        principal: who asks; sees no row of what it may not see.
        catalog: only this catalog; None for all.
        schema: only this schema of it.
    """

    tx: Session
    principal: Principal
    catalog: str | None = None
    schema: str | None = None

    def catalogs(self, *columns: Any) -> Select[Any]:
        """Select columns of the catalogs asked for."""
        query = select(*columns).select_from(CATALOG)
        query = query.where(CATALOG.kind == Kind.CATALOG, may_see(self.principal, Kind.CATALOG, CATALOG))
        return query.where(*self._in_catalog()).order_by(CATALOG.name)

    def schemas(self, *columns: Any) -> Select[Any]:
        """Select columns of the schemas asked for, and of their catalogs."""
        query = select(*columns).select_from(SCHEMA).join(CATALOG, SCHEMA.parent_id == CATALOG.id)
        query = query.where(SCHEMA.kind == Kind.SCHEMA, may_see(self.principal, Kind.SCHEMA, SCHEMA, CATALOG))
        return query.where(*self._in_catalog(), *self._in_schema()).order_by(CATALOG.name, SCHEMA.name)

    def objects(self, kind: Kind, *columns: Any) -> Select[Any]:
        """Select columns of the tables, volumes or functions asked for, and of their schemas and catalogs."""
        query = (
            select(*columns)
            .select_from(OBJECT)
            .join(SCHEMA, OBJECT.parent_id == SCHEMA.id)
            .join(CATALOG, SCHEMA.parent_id == CATALOG.id)
            .where(OBJECT.kind == kind, may_see(self.principal, kind, OBJECT, SCHEMA, CATALOG))
            .where(*self._in_catalog(), *self._in_schema())
        )
        return query.order_by(CATALOG.name, SCHEMA.name, OBJECT.name)

    def rows(self, query: Select[Any] | CompoundSelect[Any]) -> dict[str, list[Any]]:
        """Run a query and return its columns by label."""
        # On the connection, rows come without the bookkeeping of records, which costs more than the query.
        found = self.tx.connection().execute(query).all()
        return {
            name: [row[index] for row in found] for index, name in enumerate(query.selected_columns.keys())
        }

    def _in_catalog(self) -> list[ColumnElement[bool]]:
        return [] if self.catalog is None else [CATALOG.name == self.catalog]

    def _in_schema(self) -> list[ColumnElement[bool]]:
        return [] if self.schema is None else [SCHEMA.name == self.schema]


def changes(target: Alias) -> list[Any]:
    """Return the columns that say when and by whom an object was made and changed."""
    return [
        target.created_at.label("created"),
        target.created_by,
        target.updated_at.label("last_altered"),
        target.updated_by.label("last_altered_by"),
    ]


def assemble(view: str, columns: Mapping[str, Any], **constants: str) -> pa.Table:
    """Put the rows of a view together.

    Args:
        view: its name.
        columns: values by column, at least one; times in milliseconds. Columns of the view that are not here
            are NULL, and columns that the view does not have are left out.
        constants: values that are the same in every row.
    """
    schema = VIEWS[view]
    length = len(next(iter(columns.values())))
    return pa.Table.from_arrays(
        [_array(field, columns.get(field.name), constants.get(field.name), length) for field in schema],
        schema=schema,
    )


def _array(field: pa.Field, values: Any, constant: str | None, length: int) -> pa.Array:
    if values is None:
        return pa.repeat(pa.scalar(constant, field.type), length)
    if isinstance(values, pa.Array):
        return values.cast(field.type)
    if pa.types.is_timestamp(field.type):
        # By way of integers: pyarrow looks for pandas, and loads it, to make timestamps of Python values.
        return pa.array(values, pa.int64()).cast(pa.timestamp("ms", "UTC")).cast(field.type)
    return pa.array(values, field.type)


def concat(view: str, *parts: pa.Table) -> pa.Table:
    """Return the rows of all parts of a view."""
    return pa.concat_tables(parts) if parts else VIEWS[view].empty_table()
