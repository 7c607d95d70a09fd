"""Putting rows in the place of others, in one commit; files without any of those stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable

from lakestead.engine.delta.conform import Conform
from lakestead.engine.delta.errors import DeltaError, DeltaErrorKind
from lakestead.engine.delta.log import (
    Action,
    Commit,
    Metadata,
    append_log,
    current,
    local_path,
    metadata_actions,
)
from lakestead.engine.delta.remove import removals
from lakestead.engine.delta.rules import verify
from lakestead.engine.delta.stage import staged
from lakestead.engine.delta.table import DeltaColumn
from lakestead.engine.delta.write import Written, add_missing

Stale = Callable[[pa.Table], pa.ChunkedArray]
# A file with less than this many bytes is written anew with the new rows when there are many such files.
_SMALL_FILE = 8 << 20
_MANY_SMALL = 16


@dataclass(frozen=True, slots=True)
class _Outdated:
    """A data file that the commit takes out, and those of its rows that stay."""

    path: Path
    removal: Action
    kept: pa.ChunkedArray


def replace(location: str, rows: pa.Table, columns: Sequence[str], stale: Stale, commit: Commit) -> Written:
    """Take rows out of a table and add others, in one commit; columns that it has not are added to it.

    Args:
        location: the table's folder; it is not partitioned.
        rows: what is added; columns of the table that they lack become null.
        columns: what ``stale`` looks at.
        stale: gets those columns of one data file and says for each row whether it goes.
        commit: what the history says.

    Raises:
        DeltaError: NOT_FOUND, SCHEMA, NOT_NULL, APPEND_ONLY, CONFLICT; UNSUPPORTED for tables with
            partitions, CHECK constraints or generated columns.
    """
    table, version = current(location)
    if table is None:
        raise DeltaError(DeltaErrorKind.NOT_FOUND, f"There is no Delta table at {location}.")
    metadata = Metadata.of(table)
    if metadata.partition_columns:
        raise DeltaError(DeltaErrorKind.UNSUPPORTED, "Rows of a partitioned table cannot be replaced.")
    changes = []
    add_missing(metadata, rows.schema)
    if metadata != Metadata.of(table):
        changes = metadata_actions(table, metadata)
    outdated = list(_outdated(table, columns, stale))
    with staged(location, _reader(metadata, rows, outdated), metadata) as files:
        verify(files.location, metadata, None)
        metrics = {
            "numFiles": len(files.adds),
            "numOutputRows": rows.num_rows,
            "numOutputBytes": files.size,
            "numRemovedFiles": len(outdated),
        }
        actions = [*commit.actions(version, metrics, append=False), *changes]
        removed = [one.removal for one in outdated]
        append_log(location, version + 1, [*actions, *removed, *files.adopt()])
        return Written(version + 1, rows.num_rows, len(files.adds), files.size, len(outdated))


def _outdated(table: DeltaTable, columns: Sequence[str], stale: Stale) -> Iterator[_Outdated]:
    """Give the files with rows that go; with them small files, before they become too many."""
    actions = removals(table)
    small = sum(one["remove"]["size"] < _SMALL_FILE for one in actions)
    folder = local_path(table.table_uri)
    for action in actions:
        path = folder / unquote(action["remove"]["path"])
        file = pq.ParquetFile(path)
        known = [name for name in columns if name in file.schema_arrow.names]
        keys = file.read(columns=known)
        for name in columns:
            if name not in known:
                keys = keys.append_column(name, pa.nulls(keys.num_rows))
        goes = pc.fill_null(stale(keys), False)
        merged = small > _MANY_SMALL and action["remove"]["size"] < _SMALL_FILE
        if merged or pc.any(goes).as_py():
            yield _Outdated(path, action, pc.invert(goes))


def _reader(metadata: Metadata, rows: pa.Table, outdated: Sequence[_Outdated]) -> pa.RecordBatchReader:
    """Return the rows that stay of the files, and the new ones, as the table holds them."""
    columns = tuple(DeltaColumn.of_field(one) for one in metadata.fields)

    def batches() -> Iterator[pa.RecordBatch]:
        for one in outdated:
            if not pc.any(one.kept).as_py():
                continue
            place = 0
            file = pq.ParquetFile(one.path)
            conform = Conform(file.schema_arrow, columns)
            for batch in file.iter_batches():
                kept = batch.filter(one.kept.slice(place, batch.num_rows).combine_chunks())
                place += batch.num_rows
                yield conform.batch(kept)
        conform = Conform(rows.schema, columns)
        for batch in rows.to_batches():
            yield conform.batch(batch)

    return pa.RecordBatchReader.from_batches(pa.schema([column.arrow for column in columns]), batches())
