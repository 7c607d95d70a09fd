"""The target table: looked at, made, and given new columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lakestead.client import Warehouse
from lakestead.core.datatypes import DataType, parse_type
from lakestead.core.names import quote, quote_string
from lakestead.ingest.loading.names import Table


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    name: str
    type: DataType
    nullable: bool = True
    comment: str | None = None

    @property
    def definition(self) -> str:
        """The column in CREATE TABLE and ADD COLUMNS."""
        required = "" if self.nullable else " NOT NULL"
        comment = f" COMMENT {quote_string(self.comment)}" if self.comment else ""
        return f"{quote(self.name)} {self.type.sql}{required}{comment}"


@dataclass(frozen=True, slots=True)
class Definition:
    """What a new table is made with."""

    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    cluster_by: tuple[str, ...] = ()
    comment: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


def look(warehouse: Warehouse, table: Table) -> tuple[Column, ...] | None:
    """Return a table's columns in order; None if it is not there.

    Raises:
        DatabricksError: when it may not be seen.
    """
    from databricks.sdk.errors import NotFound

    try:
        found = warehouse.client.tables.get(table.full_name)
    except NotFound:
        return None
    columns = sorted(found.columns or [], key=lambda column: column.position or 0)
    return tuple(
        Column(str(one.name), parse_type(str(one.type_text)), one.nullable is not False, one.comment)
        for one in columns
    )


def table_id(warehouse: Warehouse, table: Table) -> str | None:
    """Return what tells a table from others that had or will have its name; None if it is not there.

    Raises:
        DatabricksError: when it may not be seen.
    """
    from databricks.sdk.errors import NotFound

    try:
        return warehouse.client.tables.get(table.full_name).table_id
    except NotFound:
        return None


def create(warehouse: Warehouse, table: Table, definition: Definition) -> None:
    """Make a table, unless somebody else has just made it.

    Raises:
        databricks.sql.Error: when it cannot be made.
    """
    parts = [column.definition for column in definition.columns]
    if definition.primary_key:
        parts.append(f"PRIMARY KEY ({_listed(definition.primary_key)})")
    clustering = f" CLUSTER BY ({_listed(definition.cluster_by)})" if definition.cluster_by else ""
    comment = f" COMMENT {quote_string(definition.comment)}" if definition.comment else ""
    warehouse.rows(f"CREATE TABLE IF NOT EXISTS {table.sql} ({', '.join(parts)}){clustering}{comment}")
    if definition.tags:
        tags = ", ".join(f"{quote_string(k)} = {quote_string(v)}" for k, v in definition.tags.items())
        warehouse.rows(f"ALTER TABLE {table.sql} SET TAGS ({tags})")


def add_columns(warehouse: Warehouse, table: Table, columns: Sequence[Column]) -> None:
    """Add columns, those that somebody else has just added excepted.

    Raises:
        databricks.sql.Error: when they cannot be added.
    """
    from databricks import sql

    for column in columns:
        try:
            warehouse.rows(f"ALTER TABLE {table.sql} ADD COLUMNS ({column.definition})")
        except sql.Error:
            there = look(warehouse, table) or ()
            if all(one.name.lower() != column.name.lower() for one in there):
                raise


def widen(warehouse: Warehouse, table: Table, column: str, kind: DataType) -> None:
    """Give a column a wider type.

    Raises:
        databricks.sql.Error: when the table cannot have it.
    """
    warehouse.rows(f"ALTER TABLE {table.sql} SET TBLPROPERTIES ('delta.enableTypeWidening' = 'true')")
    warehouse.rows(f"ALTER TABLE {table.sql} ALTER COLUMN {quote(column)} TYPE {kind.sql}")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(quote, names))
