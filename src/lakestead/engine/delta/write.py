"""Writing rows: data files first, beside the table's own; then one commit that makes them part of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from lakestead.engine.delta.conform import columns_of
from lakestead.engine.delta.create import Definition
from lakestead.engine.delta.errors import DeltaError, DeltaErrorKind
from lakestead.engine.delta.log import Action, Commit, Metadata, append_log, current, metadata_actions
from lakestead.engine.delta.remove import removals
from lakestead.engine.delta.rules import Query, verify
from lakestead.engine.delta.stage import staged
from lakestead.engine.delta.table import open_table

Mode = Literal["append", "overwrite"]


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did.

    Attributes:
        version: the table's new version.
        rows: how many were added.
        files: number of data files added.
        size: their bytes.
        removed_files: number of data files taken out.
    """

    version: int
    rows: int
    files: int
    size: int
    removed_files: int = 0


def write(
    location: str,
    reader: pa.RecordBatchReader,
    commit: Commit,
    *,
    mode: Mode = "append",
    definition: Definition | None = None,
    merge_schema: bool = False,
    query: Query | None = None,
) -> Written:
    """Write rows in one commit, in bounded memory.

    Args:
        location: the table's folder.
        reader: the rows; columns go by name, those that are missing become null. What it raises is raised.
        commit: what the history says.
        mode: whether the rows are added to those that are there, or take their place.
        definition: makes the table, or replaces the one that is there, in the same commit.
        merge_schema: whether columns that the table has not are added to it.
        query: runs a query of the engine; needed for tables with CHECK constraints or generated columns,
            whose new rows it verifies.

    Raises:
        DeltaError: NOT_FOUND, SCHEMA, NOT_NULL, CHECK, APPEND_ONLY, UNSUPPORTED, CONFLICT.
    """
    table, version = current(location)
    old = Metadata.of(table) if table else None
    metadata = definition.metadata() if definition else Metadata.of(table or open_table(location))
    if merge_schema:
        add_missing(metadata, reader.schema)
    with staged(location, reader, metadata) as files:
        verify(files.location, metadata, query)
        replaces = table is not None and (mode == "overwrite" or definition is not None)
        removed = removals(table) if table and replaces else []
        changes = [] if metadata == old else metadata_actions(table, metadata)
        metrics = {"numFiles": len(files.adds), "numOutputRows": files.rows, "numOutputBytes": files.size}
        if replaces:
            metrics["numRemovedFiles"] = len(removed)
        append = not changes and not replaces
        actions = [*changes, *removed, *files.adopt()]
        version = commit_rows(location, version, old, commit, actions, metrics, append=append)
        return Written(version, files.rows, len(files.adds), files.size, len(removed))


def add_missing(metadata: Metadata, schema: pa.Schema) -> None:
    """Add the columns of rows that a table does not have to its metadata.

    Raises:
        DeltaError: SCHEMA for a type that tables cannot hold.
    """
    known = {one["name"].lower() for one in metadata.fields}
    new = [column for column in columns_of(schema) if column.name.lower() not in known]
    metadata.fields.extend(column.field for column in new)


def commit_rows(
    location: str,
    version: int,
    before: Metadata | None,
    commit: Commit,
    actions: Sequence[Action],
    metrics: Mapping[str, int],
    *,
    append: bool,
) -> int:
    """Make the next version; rows that are only added can go behind what others committed meanwhile.

    Raises:
        DeltaError: CONFLICT when the commit is built on what others have changed.
    """
    while True:
        try:
            append_log(location, version + 1, [*commit.actions(version, metrics, append=append), *actions])
            return version + 1
        except DeltaError as error:
            if error.kind is not DeltaErrorKind.CONFLICT or not append or commit.transactions:
                raise
        newest = open_table(location)
        if Metadata.of(newest) != before:
            raise DeltaError(DeltaErrorKind.CONFLICT, "The table's metadata was changed by another writer.")
        version = newest.version()
