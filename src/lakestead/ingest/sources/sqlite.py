"""SQLite files, read row by row and put into columns of what is declared."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import AliasChoices, Field

from lakestead.core.datatypes import STRING

from .arrow import Batches, written
from .column import Reading, Relation, chosen
from .database import Database
from .duck_types import literal, quoted
from .settings import SourceSettings
from .source import Column, Request, Staged, Window
from .sqlite_types import array, bound, declared_type, holds_text, stored_type

# Rows of Python objects that are held at a time.
_ROWS = 20_000
_SCHEMA = "main"
_LISTED = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND substr(name, 1, 7) <> 'sqlite_'"
# Generated columns are columns; those of a virtual table that are hidden (1) are arguments.
_COLUMNS = """
SELECT name, type, "notnull", pk FROM pragma_table_xinfo({table}, {schema}) WHERE hidden <> 1 ORDER BY cid
"""


class SQLiteSettings(SourceSettings):
    """Settings of a SQLite source.

    Attributes:
        path: the file; also as `database`.
    """

    path: Path = Field(validation_alias=AliasChoices("path", "database"))


class SQLite(Database):
    """A SQLite file. It is only read.

    Args:
        name: the source's.
        settings: its section of the secrets, see :class:`SQLiteSettings`.

    Raises:
        ConfigError: when the settings are wrong.
    """

    kind: ClassVar[str] = "SQLite"
    remedy: ClassVar[str] = "that 'path' in {} of the secrets names a SQLite file that we may read"

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        self._path = SQLiteSettings.read(name, settings).path.expanduser()
        super().__init__(name, str(self._path))
        self._opened: sqlite3.Connection | None = None

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            # The caller's generator may be ended by another thread.
            uri = f"{self._path.resolve().as_uri()}?mode=ro"
            self._opened = sqlite3.connect(uri, uri=True, check_same_thread=False)
        return self._opened

    def _connect(self) -> None:
        self._rows("SELECT count(*) FROM sqlite_master")

    def _errors(self) -> tuple[type[Exception], ...]:
        return (sqlite3.Error,)

    def close(self) -> None:
        """Let go of the file."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _listed(self) -> list[tuple[str, str]]:
        return [(_SCHEMA, row[0]) for row in self._rows(_LISTED)]

    def _schema(self) -> str:
        return _SCHEMA

    def _quoted(self, name: str) -> str:
        return quoted(name)

    def _literal(self, value: Any, declared: str) -> str:
        return bound(value)

    def _compared(self, window: Window, declared: str) -> str:
        # Both ways to write a time are in use: with a T and with a space.
        column = self._quoted(window.column)
        return f"replace({column}, 'T', ' ')" if "TIME" in declared.upper() else column

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql).fetchall()

    def _relation(self, request: Request) -> Relation:
        if request.query is not None:
            source = f"({request.query.strip().rstrip(';')}) AS asked"
            label = f"{self._label()}, the query"
            # The columns of a view have types.
            self._rows("DROP VIEW IF EXISTS temp.asked")
            self._rows(f"CREATE TEMP VIEW asked AS SELECT * FROM {source}")
            columns = self._rows(_COLUMNS.format(table="'asked'", schema="'temp'"))
        else:
            schema, table = self._asked(request)
            source, label = f"{quoted(schema or _SCHEMA)}.{quoted(table)}", self._label(schema, table)
            named = {"table": literal(table), "schema": literal(schema or _SCHEMA)}
            columns = self._rows(_COLUMNS.format(**named))
            if not columns:
                raise self._absent(schema, table)
        names = chosen(request, [column[0] for column in columns], label)
        readings = [self._reading(request, source, *column[:3]) for column in columns if column[0] in names]
        key = sorted((column[3], column[0]) for column in columns if column[3])
        known = {column[0]: column[1] for column in columns}
        return Relation(label, source, tuple(readings), known, tuple(name for _, name in key))

    def _reading(self, request: Request, source: str, name: str, declared: str, required: int) -> Reading:
        kind = declared_type(declared)
        if kind is None:
            found = self._rows(f"SELECT DISTINCT typeof({quoted(name)}) FROM {source}")
            kind = stored_type(frozenset(row[0] for row in found))
        # What is asked for as text is written as text, whatever it is.
        only_text = holds_text(declared) and name not in request.types
        arriving = kind if kind != STRING or only_text or request.types.get(name, STRING) != STRING else None
        wanted = request.types.get(name, kind)
        return Reading(Column(name, wanted, not required), declared, quoted(name), arriving=arriving)

    def _extract(self, relation: Relation, request: Request, folder: Path) -> Iterator[Staged]:
        columns = ", ".join(reading.remote for reading in relation.readings)
        where = self._where(relation, request.window)
        rows = min(_ROWS, request.chunk_size)

        def stream() -> Batches:
            cursor = self._connection.execute(f"SELECT {columns} FROM {relation.sql}{where}")
            while batch := cursor.fetchmany(rows):
                arrays = map(array, zip(*batch, strict=True), relation.readings)
                yield pa.RecordBatch.from_arrays(list(arrays), [one.name for one in relation.readings])

        yield from written([stream], relation.readings, folder, request.chunk_size)
