"""Records on disk until a workspace has them."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakestead.core.errors import ConfigError, ConnectionFailed

MAX_RECORDS = 1_000_000
_MADE = """
CREATE TABLE IF NOT EXISTS records (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    record_id TEXT NOT NULL UNIQUE,
    recorded_at TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    workspace TEXT
)"""


@dataclass(frozen=True, slots=True)
class Record:
    """Something to be recorded.

    Args:
        record_id: unique to it.
        recorded_at: when, as ISO 8601 in UTC.
        kind: `audit`, `lineage`, or a word of one's own.
        body: what, as JSON.
    """

    record_id: str
    recorded_at: str
    kind: str
    body: str


class Spool:
    """A file of records that no workspace has for certain. Many threads may use it, one program at a time.

    A record that was once sent to a workspace goes to no other: whether the first has it can only be told by
    asking that one, and the two would count it twice.

    Args:
        path: the file; made if it is not there.
        max_records: the most that it holds.

    Raises:
        ConfigError: another program uses the file, or it cannot be opened.
    """

    def __init__(self, path: Path, max_records: int = MAX_RECORDS) -> None:
        self._lock = threading.Lock()
        self._max_records = max_records
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=0)
            # Until it is closed, nobody else delivers what is in it.
            self._file.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute(_MADE)
            self._count = int(self._file.execute("SELECT count(*) FROM records").fetchone()[0])
        except (OSError, sqlite3.Error) as error:
            raise ConfigError(f"cannot be used as a spool: {error}", where=str(path)) from error

    def __len__(self) -> int:
        return self._count

    def add(self, record: Record) -> None:
        """Keep a record; it is on the disk when this returns.

        Raises:
            ConnectionFailed: the spool is full, since no workspace has answered for too long.
        """
        with self._lock:
            if self._count >= self._max_records:
                raise ConnectionFailed(
                    f"{self._count} records wait for a workspace, and more are not kept: none has answered"
                )
            self._file.execute(
                "INSERT INTO records (record_id, recorded_at, kind, body) VALUES (?, ?, ?, ?)",
                (record.record_id, record.recorded_at, record.kind, record.body),
            )
            self._count += 1

    def take(self, workspace: str, *, fresh: bool, most: int) -> list[Record]:
        """Return the oldest records for a workspace, which from now on are for it alone.

        Args:
            workspace: its URL.
            fresh: whether it gets records that no workspace was sent yet; else only those that it was sent.
            most: how many.
        """
        # SQL's IS is also true of two nulls; a record that was never sent has none.
        mine = "workspace = ? OR (? AND workspace IS NULL)"
        with self._lock:
            rows = self._file.execute(
                f"SELECT number, record_id, recorded_at, kind, body FROM records WHERE {mine}"
                " ORDER BY workspace IS NULL, number LIMIT ?",
                (workspace, fresh, most),
            ).fetchall()
            numbers = [(workspace, row[0]) for row in rows]
            with self._file:
                self._file.execute("BEGIN")
                self._file.executemany("UPDATE records SET workspace = ? WHERE number = ?", numbers)
        return [Record(*row[1:]) for row in rows]

    def done(self, records: Sequence[Record]) -> None:
        """Forget records that a workspace has."""
        with self._lock:
            with self._file:
                self._file.execute("BEGIN")
                self._file.executemany(
                    "DELETE FROM records WHERE record_id = ?", [(one.record_id,) for one in records]
                )
            self._count -= len(records)

    def close(self) -> None:
        """Let another program use the file."""
        with self._lock:
            self._file.close()


def as_json(values: Mapping[str, Any]) -> str:
    """Return a record's body."""
    return json.dumps(values, ensure_ascii=False, default=str)
