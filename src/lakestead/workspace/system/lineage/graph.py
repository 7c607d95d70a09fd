"""The edges between tables and between columns, for questions about one of them.

They follow from the event log and are kept in a file of their own; deleted while the workspace is down, it is
made again.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakestead.workspace.store.base import now_ms
from lakestead.workspace.system.lineage.events import COLUMNS, TABLES
from lakestead.workspace.system.log import Log

# Databricks shows lineage of one year.
_KEEP_MS = 365 * 24 * 3600 * 1000
_CHUNK = 20_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS tables (
    source TEXT, source_type TEXT, target TEXT, target_type TEXT, at_ms INTEGER, PRIMARY KEY (target, source)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tables_by_source ON tables (source);
CREATE TABLE IF NOT EXISTS columns (
    source TEXT, source_type TEXT, source_column TEXT COLLATE NOCASE,
    target TEXT, target_type TEXT, target_column TEXT COLLATE NOCASE,
    at_ms INTEGER, PRIMARY KEY (target, target_column, source, source_column)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS columns_by_source ON columns (source, source_column);
CREATE TABLE IF NOT EXISTS marks (stream TEXT PRIMARY KEY, number INTEGER);
"""
# By stream of the log: the table of its edges, and how to add one.
_EDGES = {
    TABLES: ("tables", "INSERT OR REPLACE INTO tables VALUES (?, ?, ?, ?, ?)"),
    COLUMNS: ("columns", "INSERT OR REPLACE INTO columns VALUES (?, ?, ?, ?, ?, ?, ?)"),
}


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What stands at the other end of an edge.

    Attributes:
        name: the full name of a table or view, or a path.
        type: ``TABLE``, ``VIEW`` or ``PATH``.
        column: its column; empty for edges between tables.
        at_ms: when a statement last made the edge, in milliseconds since the epoch.
    """

    name: str
    type: str
    column: str
    at_ms: int


class Graph:
    """The edges that the event log tells of.

    Args:
        path: the file; made when it is not there, readable by the owner alone.
        log: the event log.
    """

    def __init__(self, path: Path, log: Log) -> None:
        path.touch(0o600)
        path.chmod(0o600)
        self._path = path
        self._log = log
        self._lock = threading.Lock()
        with self._connection() as connection:
            connection.executescript(_SCHEMA)
            for edges, _ in _EDGES.values():
                connection.execute(f"DELETE FROM {edges} WHERE at_ms < ?", (now_ms() - _KEEP_MS,))

    def upstream(self, table: str, column: str = "") -> list[Neighbour]:
        """Return what goes into a table, or into one of its columns; the latest first.

        Args:
            table: its full name in lower case.
            column: the column's name, in any case; empty for the table.
        """
        return self._neighbours("target", "source", table, column)

    def downstream(self, table: str, column: str = "") -> list[Neighbour]:
        """Return what a table, or one of its columns, goes into; as :meth:`upstream`."""
        return self._neighbours("source", "target", table, column)

    def _neighbours(self, here: str, there: str, table: str, column: str) -> list[Neighbour]:
        found, condition, values = "''", f"{here} = ?", [table]
        if column:
            found, condition, values = (
                f"{there}_column",
                f"{condition} AND {here}_column = ?",
                [table, column],
            )
        query = (
            f"SELECT {there}, {there}_type, {found}, at_ms FROM {'columns' if column else 'tables'} "
            f"WHERE {condition} AND at_ms >= ? ORDER BY at_ms DESC, 1, 3"
        )
        with self._lock, self._connection() as connection:
            self._follow(connection)
            rows = connection.execute(query, (*values, now_ms() - _KEEP_MS)).fetchall()
        ends = (Neighbour(*row) for row in rows)
        return [one for one in ends if (one.name, one.column.lower()) != (table, column.lower())]

    def _follow(self, connection: sqlite3.Connection) -> None:
        """Take in what the log has got since the last time."""
        self._log.flush()
        for stream, (edges, add) in _EDGES.items():
            mark = "SELECT coalesce((SELECT number FROM marks WHERE stream = ?), 0)"
            number: int = connection.execute(mark, (stream,)).fetchone()[0]
            if number > self._log.extent(stream)[1]:
                # It is another log than before.
                connection.execute(f"DELETE FROM {edges}")
                number = 0
            while rows := self._log.rows_after(stream, number, _CHUNK):
                number = rows[-1][0]
                connection.executemany(add, [_edge(row) for _, row in rows if _is_edge(row)])
                connection.execute("INSERT OR REPLACE INTO marks VALUES (?, ?)", (stream, number))
                connection.commit()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=30)) as connection, connection:
            yield connection


def _is_edge(row: dict[str, Any]) -> bool:
    return "source_type" in row and "target_type" in row


def _edge(row: dict[str, Any]) -> Sequence[Any]:
    """Return a row of the log as the values of an edge, in the order of its table."""
    ends: list[Any] = []
    for side in ("source", "target"):
        ends += [row.get(f"{side}_table_full_name") or row[f"{side}_path"], row[f"{side}_type"]]
        if "source_column_name" in row:
            ends.append(row[f"{side}_column_name"])
    return (*ends, row["event_time"])
