"""A database whose driver gives Arrow batches."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from .arrow import Batches, written
from .column import Relation
from .database import Database
from .duck_types import quoted
from .source import Request, Staged


class Streamed(Database):
    """A database whose driver gives Arrow batches; each range has a connection of its own.

    Attributes:
        listed: the query of all tables, with their schemas before them.
        current: the query of the schema that names without one are in.
    """

    listed: ClassVar[str]
    current: ClassVar[str]
    _opened: Any = None

    @abstractmethod
    def _new(self) -> Any:
        """Return a new connection, that PEP 249 describes."""

    @abstractmethod
    def _batches(self, connection: Any, sql: str, rows: int) -> Batches:
        """Run a query and yield its rows, so many at a time."""

    @property
    def _connection(self) -> Any:
        if self._opened is None:
            self._opened = self._new()
        return self._opened

    def close(self) -> None:
        """Let go of the connection."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        cursor = self._connection.cursor()
        try:
            cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()]
        finally:
            cursor.close()

    def _listed(self) -> list[tuple[str, str]]:
        return [(row[0], row[1]) for row in self._rows(self.listed)]

    def _schema(self) -> str:
        return str(self._rows(self.current)[0][0])

    def _quoted(self, name: str) -> str:
        return quoted(name)

    def _extract(self, relation: Relation, request: Request, folder: Path) -> Iterator[Staged]:
        columns = ", ".join(f"{one.remote} AS c{place}" for place, one in enumerate(relation.readings))
        statements = [
            f"SELECT {columns} FROM {relation.sql}{self._where(relation, request.window, part)}"
            for part in self._windows(relation, request)
        ]
        streams = [partial(self._stream, statement, request.chunk_size) for statement in statements]
        yield from written(streams, relation.readings, folder, request.chunk_size)

    def _stream(self, statement: str, chunk_size: int) -> Batches:
        connection = self._new()
        try:
            yield from self._batches(connection, statement, chunk_size)
        finally:
            connection.close()
