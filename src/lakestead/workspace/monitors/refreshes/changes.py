"""Which windows have rows that were added, changed or deleted since a version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from lakestead.workspace.monitors.refreshes.files import active_files, bounds, is_local
from lakestead.workspace.monitors.refreshes.reading import Reading

# Commits that leave all rows as they are.
_REARRANGING = frozenset(
    {"OPTIMIZE", "VACUUM START", "VACUUM END", "SET TBLPROPERTIES", "UNSET TBLPROPERTIES", "ADD COLUMNS"}
)
# More windows than this between the bounds of a file that is gone are not listed.
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
    found: set[tuple[Granularity, Window]] = set()
    try:
        for first, last in _spans(delta.history(table.table_uri, table.version() - since), since):
            before, after = (delta.open_table(table.table_uri, version) for version in (first, last))
            for file in _different(before, after):
                windows = _File(table, file, column).windows(reading.definition.granularities)
                if windows is None:
                    return None
                found |= windows
    except DeltaError:
        # The log does not reach back so far.
        return None
    return frozenset(found)


def _spans(commits: Sequence[delta.Version], since: int) -> Iterator[tuple[int, int]]:
    """Yield versions between which rows have changed: the one before, and the last.

    Args:
        commits: those after a version, the newest first.
        since: that version.
    """
    first = since
    for commit in reversed(commits):
        if commit.operation in _REARRANGING:
            if first < commit.version - 1:
                yield first, commit.version - 1
            first = commit.version
    if first < since + len(commits):
        yield first, since + len(commits)


def _different(before: DeltaTable, after: DeltaTable) -> Iterator[dict[str, Any]]:
    """Yield the files that one version has and the other has not."""
    old, new = ({file["path"]: file for file in active_files(one)} for one in (before, after))
    yield from (file for path, file in old.items() if path not in new)
    yield from (file for path, file in new.items() if path not in old)


@dataclass(frozen=True, slots=True)
class _File:
    """A data file, of which the windows are asked that it has rows in.

    Args:
        table: of which it is or was a file.
        action: the log's entry.
        column: the column of the rows' instants.
    """

    table: DeltaTable
    action: Mapping[str, Any]
    column: str

    def windows(self, granularities: Sequence[Granularity]) -> set[tuple[Granularity, Window]] | None:
        """Return the windows that it has, or may have, rows in; None when that cannot be told."""
        known = bounds(self.action, self.column)
        if known is not None:
            ends = [(one, one.window(known[0]), one.window(known[1])) for one in granularities]
            if all(first == last for _, first, last in ends):
                return {(one, first) for one, first, _ in ends}
        path = local_path(self.table.table_uri) / unquote(self.action["path"])
        if path.exists():
            return _exact(path, self.column, granularities)
        if known is None:
            return None
        listed = [(one, window) for one, first, last in ends for window in _between(one, first, last)]
        return None if len(listed) > _MAX_LISTED else set(listed)


def _between(granularity: Granularity, first: Window, last: Window) -> Iterator[Window]:
    """Yield all windows from one to another, but no more than too many."""
    window = first
    for _ in range(_MAX_LISTED + 1):
        yield window
        if window == last:
            return
        window = granularity.window(granularity.next(window.start))


def _exact(path: Path, column: str, granularities: Sequence[Granularity]) -> set[tuple[Granularity, Window]]:
    with pq.ParquetFile(path) as file:
        if column not in file.schema_arrow.names:
            return set()
        values = file.read(columns=[column]).column(0).drop_null()
    zone = values.type.tz if pa.types.is_timestamp(values.type) else None
    instants = values.cast(pa.timestamp("us", zone), safe=False).cast(pa.int64()).to_numpy()
    found: set[tuple[Granularity, Window]] = set()
    for granularity in granularities:
        starts = np.unique(granularity.floor(instants.view("datetime64[us]")))
        found.update((granularity, granularity.window(one.replace(tzinfo=UTC))) for one in starts.tolist())
    return found
