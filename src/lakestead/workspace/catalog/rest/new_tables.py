"""REST: making external tables."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from lakestead.workspace.access import WORKSPACE_ADMIN, Access, create_access
from lakestead.workspace.catalog import external, info
from lakestead.workspace.catalog.lookup import get
from lakestead.workspace.catalog.rest.common import PREFIX
from lakestead.workspace.catalog.tables import ColumnRecord
from lakestead.workspace.errors import unsupported
from lakestead.workspace.http import Body, Call, Route
from lakestead.workspace.sql.commands.definition import checked_column, column_type
from lakestead.workspace.store.objects import Kind


class Column(Body):
    """A column as the client sends it; its type is what ``type_text`` says, the rest follows from it."""

    name: str
    type_text: str
    type_name: str | None = None
    type_json: str | None = None
    type_precision: int | None = None
    type_scale: int | None = None
    type_interval_type: str | None = None
    position: int | None = None
    partition_index: int | None = None
    nullable: bool = True
    comment: str | None = None


class Create(Body):
    """Body of a new table."""

    name: str
    catalog_name: str
    schema_name: str
    table_type: str
    data_source_format: str
    storage_location: str
    columns: tuple[Column, ...] = ()
    properties: dict[str, str] | None = None


def may_create(call: Call, _: Session) -> Iterator[Access]:
    """Access rule: CREATE TABLE on the schema; external ones show any folder of this machine: admins only."""
    asked = call.parse(Create)
    yield create_access(Kind.TABLE, (asked.catalog_name.lower(), asked.schema_name.lower()))
    yield WORKSPACE_ADMIN


def create(call: Call) -> info.Json:
    """POST a new external Delta table."""
    asked = call.parse(Create)
    if asked.table_type != "EXTERNAL" or asked.data_source_format != "DELTA":
        raise unsupported(f"Making a {asked.table_type} {asked.data_source_format} table by this API")
    partitions = [one for one in asked.columns if one.partition_index is not None]
    path = (asked.catalog_name, asked.schema_name, asked.name)
    external.register(
        call.workspace.store,
        call.workspace.storage,
        call.principal,
        path,
        asked.storage_location,
        columns=[
            ColumnRecord(checked_column(one.name), column_type(one.type_text).ddl, one.nullable, one.comment)
            for one in asked.columns
        ],
        partition_columns=[one.name for one in sorted(partitions, key=lambda one: one.partition_index or 0)],
        properties=asked.properties,
    )
    with call.workspace.store.read() as tx:
        return info.table(get(tx, Kind.TABLE, path))


ROUTES = [
    Route(
        "POST",
        f"{PREFIX}/tables",
        create,
        may_create,
        "databricks-sdk: tables.create",
        "external Delta tables only, as in Databricks' documentation of it",
    ),
]
