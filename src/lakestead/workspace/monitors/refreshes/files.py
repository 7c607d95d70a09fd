"""The data files of a Delta table: which there are, what the log says of them, and their rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import unquote, urlparse

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable

from lakestead.engine.delta.log import local_path
from lakestead.engine.delta.table import state_of
from lakestead.engine.profiles import DataFile, ParquetSource, Source, Window

# Features with which a table's files do not simply hold its rows under its columns' names.
_INDIRECT = {"deletionVectors", "columnMapping"}
# Statistics in the log have no more digits.
_PRECISION = timedelta(milliseconds=1)


def is_direct(table: DeltaTable) -> bool:
    """Return whether a table's files are here, and hold its rows as they are."""
    features = set(table.protocol().reader_features or ())
    mapped = table.metadata().configuration.get("delta.columnMapping.mode", "none") != "none"
    return is_local(table) and not mapped and not features & _INDIRECT


def is_local(table: DeltaTable) -> bool:
    """Return whether a table's files are on this machine."""
    return urlparse(table.table_uri).scheme in ("", "file")


def source_of(table: DeltaTable, timestamp: str | None, windows: Collection[Window] | None) -> Source:
    """Return the files of a table that may have rows in some windows."""
    schema = state_of(table, table.table_uri).schema
    folder = local_path(table.table_uri)
    files = []
    for action in active_files(table):
        if windows is None or timestamp is None or _overlaps(action, timestamp, windows):
            path = folder / unquote(action["path"])
            rows = action.get("num_records")
            if rows is None:
                rows = pq.read_metadata(path).num_rows
            files.append(DataFile(path, rows, action.get("partition") or {}))
    return ParquetSource(tuple(files), schema)


def active_files(table: DeltaTable) -> Iterator[dict[str, Any]]:
    """Yield the log's entries for the files of a table, as delta-rs gives them."""
    yield from pa.table(table.get_add_actions()).to_pylist()


def bounds(action: Mapping[str, Any], column: str) -> tuple[datetime, datetime] | None:
    """Return the first and the last instant in a file by the log; None if that does not say.

    The last may be a millisecond too late: statistics have no more digits.
    """
    partition = action.get("partition") or {}
    if column in partition:
        first = last = partition[column]
    else:
        first, last = ((action.get(end) or {}).get(column) for end in ("min", "max"))
    return None if first is None or last is None else (_utc(first), _utc(last) + _PRECISION)


def _overlaps(action: Mapping[str, Any], column: str, windows: Collection[Window]) -> bool:
    known = bounds(action, column)
    return known is None or any(known[0] < one.end and known[1] >= one.start for one in windows)


def _utc(value: date | datetime) -> datetime:
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
