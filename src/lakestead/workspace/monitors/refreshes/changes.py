"""Which windows have rows that were added, changed or deleted since a version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable

from lakestead.engine import delta
from lakestead.engine.delta.errors import DeltaError
from lakestead.engine.delta.log import local_path
from lakestead.engine.profiles import Granularity, Window
from lakestead.workspace.monitors.refreshes.sources import Reading, active_files, bounds, is_local

# Commits that leave all rows as they are.
_REARRANGING = frozenset(
    {"OPTIMIZE", "VACUUM START", "VACUUM END", "SET TBLPROPERTIES", "UNSET TBLPROPERTIES", "ADD COLUMNS"}
)
# More windows than this between the bounds of one file are not listed.
_MAX_LISTED = 10_000

Windows = frozenset[tuple[Granularity, Window]]


def changed_windows(reading: Reading, since: int) -> Windows | None:
    """Return the windows with changes; None when that cannot be known, and any may have some.

    Args:
        reading: how the table is read now.
        since: the version that was read before.
    """
    table, column = reading.relation.delta, reading.definition.timestamp
    if table is None or column is None or column in reading.computed or not is_local(table):
        return None
    if since >= table.version():
        return frozenset() if since == table.version() else None
    try:
        before = delta.open_table(table.table_uri, since)
        between = delta.history(table.table_uri, table.version() - since)
    except DeltaError:
        # The log does not reach back so far.
        return None
    if all(one.operation in _REARRANGING for one in between):
        return frozenset()
    found: set[tuple[Granularity, Window]] = set()
    for file in _different(before, table):
        for granularity in reading.definition.granularities:
            windows = _windows(table, file, column, granularity)
            if windows is None:
                return None
            found.update((granularity, one) for one in windows)
    return frozenset(found)


def _different(before: DeltaTable, after: DeltaTable) -> Iterator[dict[str, Any]]:
    """Yield the files that one version has and the other has not."""
    old, new = ({file["path"]: file for file in active_files(one)} for one in (before, after))
    yield from (file for path, file in old.items() if path not in new)
    yield from (file for path, file in new.items() if path not in old)


def _windows(
    table: DeltaTable, file: Mapping[str, Any], column: str, granularity: Granularity
) -> list[Window] | None:
    """Return the windows that a file has rows in, or may have; None when that cannot be told."""
    known = bounds(file, column)
    if known is not None:
        first, last = map(granularity.window, known)
        if first == last:
            return [first]
    path = local_path(table.table_uri) / unquote(file["path"])
    if path.exists():
        return _exact(path, column, granularity)
    if known is None:
        return None
    listed = [first]
    while listed[-1] != last:
        if len(listed) == _MAX_LISTED:
            return None
        listed.append(granularity.window(granularity.next(listed[-1].start)))
    return listed


def _exact(path: Path, column: str, granularity: Granularity) -> list[Window]:
    with pq.ParquetFile(path) as file:
        if column not in file.schema_arrow.names:
            return []
        values = file.read(columns=[column]).column(0).drop_null()
    zone = values.type.tz if pa.types.is_timestamp(values.type) else None
    instants = values.cast(pa.timestamp("us", zone), safe=False).cast(pa.int64()).to_numpy()
    starts = np.unique(granularity.floor(instants.view("datetime64[us]")))
    return [granularity.window(one.replace(tzinfo=UTC)) for one in starts.tolist()]
