"""The system catalog's data: each table a Delta table that follows its source whenever it is read."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from lakestead.engine.delta.create import Definition, create
from lakestead.engine.delta.log import Commit
from lakestead.engine.delta.maintain import optimize, vacuum
from lakestead.engine.delta.table import exists, open_table
from lakestead.engine.delta.write import write
from lakestead.workspace.system.rows import batch
from lakestead.workspace.system.sources import Source
from lakestead.workspace.system.tables import columns, location

# How the table's log notes up to where, and from where on, it has its source's rows.
_UNTIL = "lakestead.system.until"
_SINCE = "lakestead.system.since"
# Rows that are kept though their source has removed them, before the table is written anew.
_SLACK = 100_000
# Every read appends a small file; after so many they are written together, into files of at most so many
# bytes: what is written again and again stays small.
_COMPACT_EVERY = 50
_FILE_BYTES = 16 * 1024 * 1024
# Hours for which queries that are running can still read files that were written together.
_VACUUM_HOURS = 1
_PROPERTIES = {"delta.logRetentionDuration": "interval 1 hours"}


class SystemTables:
    """The files of the system catalog.

    The tables are made from their sources, a part at each read; they may be deleted while the workspace is
    down, and are then made anew.

    Args:
        root: their folder.
        sources: by table, e.g. ``access.audit``; tables without one are empty.
        constants: values of columns that are the same in all rows of all tables.
    """

    def __init__(self, root: Path, sources: Mapping[str, Source], constants: Mapping[str, str]) -> None:
        self._root = root
        self._sources = sources
        self._constants = constants
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._marks: dict[str, tuple[int, int]] = {}
        self._commits: defaultdict[str, int] = defaultdict(int)

    def refresh(self, table: str) -> None:
        """Bring a table up to what its source has now.

        Args:
            table: e.g. ``access.audit``.

        Raises:
            DeltaError: its files cannot be read or written.
        """
        source = self._sources.get(table)
        with self._locks[table]:
            if table not in self._marks:
                self._marks[table] = self._open(table, source)
            if source is None:
                return
            since, until = self._marks[table]
            newest, oldest = source.newest(), source.oldest()
            if oldest - since > _SLACK:
                self._append(table, source, oldest, oldest, newest, anew=True)
            elif newest > until:
                self._append(table, source, since, until, newest)

    def _open(self, table: str, source: Source | None) -> tuple[int, int]:
        """Return the marks of a table as it was left; one that is not there is made."""
        place = str(location(self._root, table))
        if not exists(place):
            create(place, Definition(columns(table), properties=_PROPERTIES), Commit("CREATE TABLE"))
            return (0, 0)
        there = open_table(place)
        since = there.transaction_version(_SINCE) or 0
        until = there.transaction_version(_UNTIL) or 0
        if source is not None and (source.oldest() > since or source.newest() < until):
            newest, oldest = source.newest(), source.oldest()
            self._append(table, source, oldest, oldest, newest, anew=True)
            return (oldest, newest)
        return (since, until)

    def _append(
        self, table: str, source: Source, since: int, after: int, until: int, *, anew: bool = False
    ) -> None:
        wanted = columns(table)
        reader = pa.RecordBatchReader.from_batches(
            pa.schema([column.arrow for column in wanted]),
            (batch(wanted, rows, self._constants) for rows in source.rows(after, until)),
        )
        place = str(location(self._root, table))
        commit = Commit("WRITE", transactions=((_SINCE, since), (_UNTIL, until)))
        write(place, reader, commit, mode="overwrite" if anew else "append")
        self._marks[table] = (since, until)
        self._commits[table] += 1
        if self._commits[table] % _COMPACT_EVERY == 0:
            optimize(place, Commit("OPTIMIZE"), target_size=_FILE_BYTES)
            vacuum(place, Commit("VACUUM"), hours=_VACUUM_HOURS, lite=True)
            open_table(place).cleanup_metadata()
