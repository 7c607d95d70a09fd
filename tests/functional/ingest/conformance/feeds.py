"""Sources whose rows a test writes: each in its own way, all the same rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import duckdb

from tests.servers.mariadb import MariaDBServer
from tests.servers.postgres import PostgresServer


@dataclass(frozen=True)
class Row:
    """A row of the source; `more` is a column that is there only when a test adds it."""

    id: int
    name: str | None
    amount: Decimal
    changed_at: datetime
    more: int | None = None


@dataclass(frozen=True)
class Table:
    """What the source has.

    Attributes:
        rows: its rows.
        wide: whether it has the column `more`.
        id_type: the SQL type of `id`.
    """

    rows: Sequence[Row]
    wide: bool = False
    id_type: str = "INTEGER"

    @property
    def columns(self) -> tuple[str, ...]:
        return (
            ("id", "name", "amount", "changed_at", "more")
            if self.wide
            else ("id", "name", "amount", "changed_at")
        )

    @property
    def values(self) -> list[tuple[Any, ...]]:
        return [tuple(getattr(row, name) for name in self.columns) for row in self.rows]


class Feed(Protocol):
    """A source under the test's hand."""

    kind: str
    settings: dict[str, Any]

    def write(self, table: Table) -> None:
        """Let the source have just these rows, in its table `items`."""


def _definition(table: Table, timestamp: str) -> str:
    more = ", more INTEGER" if table.wide else ""
    return (
        f"CREATE TABLE items (id {table.id_type} NOT NULL PRIMARY KEY, name VARCHAR(40),"
        f" amount DECIMAL(12,2) NOT NULL, changed_at {timestamp} NOT NULL{more})"
    )


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int | Decimal):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def _script(table: Table, timestamp: str) -> str:
    rows = ", ".join(f"({', '.join(map(_literal, values))})" for values in table.values)
    insert = f"INSERT INTO items VALUES {rows};" if rows else ""
    return f"DROP TABLE IF EXISTS items; {_definition(table, timestamp)}; {insert}"


@dataclass
class Postgres:
    server: PostgresServer
    kind: str = "postgres"
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.database = self.server.database()
        self.settings = self.server.settings(self.database)

    def write(self, table: Table) -> None:
        self.server.sql("BEGIN; " + _script(table, "TIMESTAMP") + " COMMIT;", self.database)


@dataclass
class MariaDB:
    server: MariaDBServer
    kind: str = "mariadb"
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.database = self.server.database()
        self.settings = self.server.settings(self.database)

    def write(self, table: Table) -> None:
        self.server.sql(_script(table, "DATETIME(6)"), self.database)


@dataclass
class Sqlite:
    folder: Path
    kind: str = "sqlite"
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.path = self.folder / "items.db"
        self.settings = {"path": str(self.path)}

    def write(self, table: Table) -> None:
        connection = sqlite3.connect(self.path)
        try:
            connection.executescript(_script(table, "TIMESTAMP"))
        finally:
            connection.close()


@dataclass
class DuckDB:
    folder: Path
    kind: str = "duckdb"
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.path = self.folder / "items.duckdb"
        self.settings = {"path": str(self.path)}

    def write(self, table: Table) -> None:
        with duckdb.connect(str(self.path)) as connection:
            connection.execute(_script(table, "TIMESTAMP"))


Make = Callable[[], Feed]
