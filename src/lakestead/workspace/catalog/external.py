"""External Delta tables made without SQL: registered where they lie, or made empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lakestead.core.datatypes import parse_type
from lakestead.engine.delta.create import Definition, create
from lakestead.engine.delta.errors import DeltaError
from lakestead.engine.delta.log import Commit
from lakestead.engine.delta.table import CHECK_PREFIX, DeltaColumn, TableState, exists, state
from lakestead.workspace.catalog import locations, objects, tables
from lakestead.workspace.catalog.lookup import get
from lakestead.workspace.catalog.tables import ColumnRecord, TableRecord
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.sql.dml.write import delta_failure
from lakestead.workspace.storage import Storage
from lakestead.workspace.store.base import Store
from lakestead.workspace.store.objects import Kind


def register(
    store: Store,
    storage: Storage,
    actor: Principal,
    path: tuple[str, str, str],
    location: str,
    *,
    columns: Sequence[ColumnRecord] = (),
    partition_columns: Sequence[str] = (),
    properties: Mapping[str, str] | None = None,
) -> None:
    """Record an external table; if no Delta table is at its location, make an empty one there.

    Args:
        store: the metastore.
        storage: the workspace's folders, which no location may overlap.
        actor: who makes it and owns it.
        path: its full name.
        location: an absolute path or URL.
        columns: what it has; may be left out for a table that is there.
        partition_columns: names of those it is partitioned by.
        properties: of the user's own.

    Raises:
        ApiError: SCHEMA_NOT_FOUND, TABLE_EXISTS, INVALID_NAME, LOCATION_OVERLAP, NOT_IMPLEMENTED for object
            stores, FILE_NOT_FOUND when there is neither a table nor columns; SCHEMA_MISMATCH when the table
            there is another one.
    """
    with store.read() as tx:
        schema = get(tx, Kind.SCHEMA, path[:2])
        objects.require_absent(tx, Kind.TABLE, schema, objects.checked_name(Kind.TABLE, path[2]))
        location = locations.external_table(tx, storage, location)
    wanted = objects.checked_properties(properties)
    try:
        if not exists(location):
            _make(actor, location, columns, partition_columns, wanted)
        found = state(location)
    except DeltaError as error:
        raise delta_failure(error) from None
    if columns and [(one.name.lower(), one.type) for one in columns] != [
        (one.name.lower(), one.type.ddl) for one in found.columns
    ]:
        raise ApiError(
            ErrorCode.SCHEMA_MISMATCH, f"The given columns do not match those of the table at {location}."
        )
    with store.write() as tx:
        tables.create(tx, actor, path, _record(found, location, wanted))


def _make(
    actor: Principal,
    location: str,
    columns: Sequence[ColumnRecord],
    partition_columns: Sequence[str],
    properties: Mapping[str, str],
) -> None:
    if not columns:
        raise ApiError(
            ErrorCode.FILE_NOT_FOUND, f"There is no Delta table at '{location}'; give its columns."
        )
    fields = tuple(DeltaColumn(one.name, parse_type(one.type), one.nullable, one.comment) for one in columns)
    definition = Definition(fields, tuple(partition_columns), properties)
    create(location, definition, Commit("CREATE TABLE", user=actor.name))


def _record(found: TableState, location: str, properties: Mapping[str, str]) -> TableRecord:
    spec = {
        "table_type": "EXTERNAL",
        "format": "DELTA",
        "partition_columns": list(found.partition_columns),
        "clustering_columns": [],
    }
    own = {key: value for key, value in found.configuration.items() if not key.startswith(CHECK_PREFIX)}
    return TableRecord(
        tuple(ColumnRecord.of(one) for one in found.columns),
        spec,
        location,
        found.comment,
        {**own, **properties},
        found.checks,
    )
