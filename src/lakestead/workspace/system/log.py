"""The event log: what happens in the workspace, appended in batches without making anybody wait."""

from __future__ import annotations

import json
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

from lakestead.workspace.store.base import now_ms
from lakestead.workspace.system.chain import START, link

logger = logging.getLogger(__name__)

Row: TypeAlias = Mapping[str, Any]
Entries: TypeAlias = Iterable[tuple[str, Row]]
# Entries that wait to be written. Who appends more waits: what was done is never left out.
_MAX_WAITING = 50_000
_BATCH = 2_000
# Seconds that an entry waits for others to be written with.
_GATHER_SECONDS = 0.2
_DAY_MS = 24 * 3600 * 1000
# What is kept of each stream: a year, as Databricks keeps its system tables, and no more than so many rows.
_KEEP_MS = 365 * _DAY_MS
_KEEP_ROWS = 1_000_000
# Of those whose rows hold whole statements, as many as the query history API keeps.
_KEEP_FEWER = {"query.history": 200_000}
# Rows of a stream between two looks at what is not kept any longer.
_PRUNE_EVERY = 10_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS rows (
    stream TEXT NOT NULL, number INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    row TEXT NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (stream, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS heads (stream TEXT PRIMARY KEY, number INTEGER NOT NULL, hash TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS anchors (stream TEXT PRIMARY KEY, number INTEGER NOT NULL, hash TEXT NOT NULL);
"""

_Work: TypeAlias = tuple[int, Entries | Callable[[], Entries]]


class Log:
    """Streams of rows in one SQLite file, each chained by hash (see :mod:`.chain`).

    Streams are named as the tables of the ``system`` catalog that show them, e.g. ``access.audit``. Times in
    rows are integers in milliseconds since the epoch, dates are left out where they follow from times.

    Args:
        path: the file; made when it is not there, readable by the owner alone.
        keep_rows: how many rows of each stream are kept.
        keep_ms: for how many milliseconds rows are kept.
    """

    def __init__(self, path: Path, keep_rows: int = _KEEP_ROWS, keep_ms: int = _KEEP_MS) -> None:
        path.touch(0o600)
        path.chmod(0o600)
        self._path = path
        self._keep_rows = keep_rows
        self._keep_ms = keep_ms
        self._appending = threading.Lock()
        self._work: queue.Queue[_Work | threading.Event] = queue.Queue(_MAX_WAITING)
        self._hurried = threading.Event()
        self._closing = threading.Event()
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_SCHEMA)
            heads = connection.execute("SELECT stream, number, hash FROM heads")
            self._heads: dict[str, tuple[int, str]] = {
                stream: (number, head) for stream, number, head in heads
            }
            connection.execute("BEGIN IMMEDIATE")
            for stream, (newest, _) in self._heads.items():
                self._prune(connection, stream, newest)
            connection.execute("COMMIT")
        self._latest = self.newest_ms() or 0
        self._thread = threading.Thread(target=self._write_all, name="event-log", daemon=True)
        self._thread.start()

    def append(self, stream: str, row: Row) -> None:
        """Append a row; returns at once, unless very many wait already."""
        self._put([(stream, row)])

    def append_many(self, stream: str, rows: Iterable[Row]) -> None:
        """Append rows, as :meth:`append`."""
        self._put([(stream, row) for row in rows])

    def append_later(self, make: Callable[[], Entries]) -> None:
        """Append what a function gives, which is called in the log's own thread.

        Args:
            make: returns pairs of stream and row; when it fails, that is logged and nothing is appended.
        """
        self._put(make)

    def append_at(self, make: Callable[[int], Entries]) -> None:
        """Append what a function gives, as :meth:`append`.

        Args:
            make: is called at once, with the time that the entries get in milliseconds since the epoch: no
                entry that comes later has an earlier one.
        """
        with self._appending:
            at_ms = self._now()
            self._work.put((at_ms, list(make(at_ms))))

    def flush(self) -> None:
        """Wait until all that was appended before can be read."""
        written = threading.Event()
        self._work.put(written)
        self._hurried.set()
        written.wait()

    def rows_after(self, stream: str, number: int, limit: int = 50_000) -> list[tuple[int, dict[str, Any]]]:
        """Return the rows of a stream that follow one, with their numbers.

        Args:
            stream: which rows.
            number: the last one that is known already; 0 for none.
            limit: at most so many.
        """
        query = "SELECT number, row FROM rows WHERE stream = ? AND number > ? ORDER BY number LIMIT ?"
        with closing(self._connect()) as connection:
            found = connection.execute(query, (stream, number, limit)).fetchall()
        return [(place, json.loads(row)) for place, row in found]

    def extent(self, stream: str) -> tuple[int, int]:
        """Return the number before the oldest row of a stream that is kept, and that of its newest row."""
        query = """
            SELECT coalesce((SELECT number FROM anchors WHERE stream = ?1), 0),
                   coalesce((SELECT number FROM heads WHERE stream = ?1), 0)
        """
        with closing(self._connect()) as connection:
            found: tuple[int, int] = connection.execute(query, (stream,)).fetchone()
        return found

    def newest_ms(self) -> int | None:
        """Return when the newest row of all was appended; None when there is none."""
        query = "SELECT max(at_ms) FROM heads JOIN rows USING (stream, number)"
        with closing(self._connect()) as connection:
            found: tuple[int | None] = connection.execute(query).fetchone()
        return found[0]

    def close(self) -> None:
        """Write what has not been written yet, and stop."""
        self._work.put(self._closing)
        self._hurried.set()
        self._thread.join()

    def _put(self, entries: Entries | Callable[[], Entries]) -> None:
        # One at a time, so that times never go back from one row to the next.
        with self._appending:
            self._work.put((self._now(), entries))

    def _now(self) -> int:
        # The clock may be set back.
        self._latest = max(now_ms(), self._latest)
        return self._latest

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=30)
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection

    # The log's own thread

    def _write_all(self) -> None:
        with closing(self._connect()) as connection:
            while not self._closing.is_set():
                work, flags = self._gather()
                batch = [entry for at_ms, entries in work for entry in _entries(at_ms, entries)]
                try:
                    if batch:
                        self._write(connection, batch)
                except Exception:
                    logger.exception("%d rows of the event log were lost", len(batch))
                    self._skip(batch)
                for flag in flags:
                    flag.set()

    def _gather(self) -> tuple[list[_Work], list[threading.Event]]:
        """Return what waits, having waited a little for more, unless somebody waits for it to be written."""
        items = [self._work.get()]
        # Asleep, not in the queue: to be woken by each entry would cost requests a change of threads.
        if not isinstance(items[0], threading.Event):
            self._hurried.wait(_GATHER_SECONDS)
        self._hurried.clear()
        while len(items) < _BATCH and not self._work.empty():
            items.append(self._work.get())
        work = [item for item in items if not isinstance(item, threading.Event)]
        return work, [item for item in items if isinstance(item, threading.Event)]

    def _write(self, connection: sqlite3.Connection, batch: list[tuple[int, str, str]]) -> None:
        heads = dict(self._heads)
        rows = []
        for at_ms, stream, row in batch:
            number, previous = heads.get(stream, (0, START))
            heads[stream] = (number + 1, link(previous, stream, number + 1, at_ms, row))
            rows.append((stream, number + 1, at_ms, row, heads[stream][1]))
        written = {stream for _, stream, _ in batch}
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany("INSERT INTO rows VALUES (?, ?, ?, ?, ?)", rows)
            connection.executemany(
                "INSERT OR REPLACE INTO heads VALUES (?, ?, ?)", [(one, *heads[one]) for one in written]
            )
            for stream in written:
                before = self._heads.get(stream, (0, START))[0]
                if heads[stream][0] // _PRUNE_EVERY > before // _PRUNE_EVERY:
                    self._prune(connection, stream, heads[stream][0])
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        self._heads = heads

    def _skip(self, batch: list[tuple[int, str, str]]) -> None:
        """Leave out the numbers of rows that could not be written: the chain shows that they are missing."""
        for _, stream, _ in batch:
            number, previous = self._heads.get(stream, (0, START))
            self._heads[stream] = (number + 1, previous)

    def _prune(self, connection: sqlite3.Connection, stream: str, newest: int) -> None:
        """Remove what is not kept any longer; the last row's hash stays, as the chain's anchor."""
        query = """
            SELECT number, hash FROM rows WHERE stream = ? AND number < ? AND (number <= ? OR at_ms < ?)
            ORDER BY number DESC LIMIT 1
        """
        keep = min(self._keep_rows, _KEEP_FEWER.get(stream, self._keep_rows))
        limits = (newest, newest - keep, now_ms() - self._keep_ms)
        last = connection.execute(query, (stream, *limits)).fetchone()
        if last is not None:
            connection.execute("INSERT OR REPLACE INTO anchors VALUES (?, ?, ?)", (stream, *last))
            connection.execute("DELETE FROM rows WHERE stream = ? AND number <= ?", (stream, last[0]))


def _entries(at_ms: int, entries: Entries | Callable[[], Entries]) -> list[tuple[int, str, str]]:
    """Return entries as they are stored: when, stream, content."""
    try:
        found = entries() if callable(entries) else entries
        return [
            (at_ms, stream, json.dumps(row, ensure_ascii=False, separators=(",", ":")))
            for stream, row in found
        ]
    except Exception:
        logger.exception("an entry of the event log could not be made")
        return []
