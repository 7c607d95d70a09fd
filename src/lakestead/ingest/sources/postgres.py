"""PostgreSQL: one snapshot, read by several connections in ranges of pages, straight to Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from . import postgres_catalog as catalog
from .attached import Attached
from .column import Relation, chosen
from .duck import ATTACHED, Duck
from .duck_types import bound, literal, quoted
from .postgres_types import reading
from .settings import ServerSettings, login
from .source import Request, Staged

if TYPE_CHECKING:
    import duckdb

_PORT = 5432
# What one connection reads at a time, and one Parquet file holds: heap and large values, before compression.
_BYTES_AT_A_TIME = 128 * 1024 * 1024
# Smaller tables are not worth a second connection.
_LEAST_PAGES = 1024
# So that values have one text whatever the server's settings are.
_SESSION = (
    "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres';"
    " SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1"
)


class PostgresSettings(ServerSettings):
    """Settings of a PostgreSQL source.

    Attributes:
        connections: how many read one table at a time, on one snapshot; 1 to be gentle to the server.
    """

    connections: int = Field(2, ge=1, le=16)


class Postgres(Attached):
    """A PostgreSQL database, or one that speaks as it does.

    Args:
        name: the source's.
        settings: its section of the secrets, see :class:`PostgresSettings`.

    Raises:
        ConfigError: when the settings are wrong.
    """

    kind: ClassVar[str] = "PostgreSQL"

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        self._settings = PostgresSettings.read(name, settings)
        self._login = login(self._settings, name, _PORT)
        super().__init__(name, self._login.place, (self._login.secret,))

    def _new(self) -> Duck:
        return Duck("postgres", self._settings.connections)

    def _attach(self, duck: Duck) -> None:
        duck.attach("postgres", self._login, {"application_name": "lakestead"})

    def _listed(self) -> list[tuple[str, str]]:
        return [(row[0], row[1]) for row in self._rows(catalog.LISTED)]

    def _schema(self) -> str:
        return str(self._rows("SELECT current_schema()::text AS name")[0][0])

    def _quoted(self, name: str) -> str:
        return quoted(name)

    def _literal(self, value: Any, declared: str) -> str:
        return bound(value, declared)

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self._duck.transaction(_executed(_SESSION)):
            return self._duck.rows(f"FROM {_queried(sql)}")

    def _relation(self, request: Request) -> Relation:
        found = self._table(request)
        label = self._label(request.schema, request.table) if request.table else f"{self._label()}, the query"
        names = chosen(request, [column.name for column in found.columns], label)
        readings = tuple(
            reading(column, request.types.get(column.name))
            for column in found.columns
            if column.name in names
        )
        known = {column.name: column.plain for column in found.columns}
        return Relation(label, found.sql, readings, known, found.primary_key, found.comment, found.rows)

    def _table(self, request: Request) -> catalog.PostgresTable:
        if request.query is not None:
            text = request.query.strip().rstrip(";")
            described = self._duck.described(f"FROM {_queried(f'SELECT * FROM ({text}) AS asked')}")
            return catalog.query(self._rows, text, described)
        schema, name = self._asked(request)
        found = catalog.table(self._rows, schema, name)
        if found is None:
            raise self._absent(schema, name)
        return found

    def _extract(self, relation: Relation, request: Request, folder: Path) -> Iterator[Staged]:
        columns = ", ".join(f"{one.remote} AS c{place}" for place, one in enumerate(relation.readings))
        selects = [
            f"FROM {_queried(f'SELECT {columns} FROM {relation.sql}{where}')}"
            for where in self._parts(relation, request)
        ]
        workers = max(self._settings.connections, request.partitions if request.partition_column else 1)
        with self._duck.transaction(_executed(_SESSION)):
            snapshot = self._duck.rows(f"FROM {_queried('SELECT pg_export_snapshot() AS name')}")[0][0]
            begin = partial(_begin, snapshot=snapshot)
            yield from self._duck.copies(
                selects, relation.readings, folder, request.chunk_size, workers, begin
            )

    def _parts(self, relation: Relation, request: Request) -> list[str]:
        """Return the conditions of the parts that are read at the same time."""
        if request.partition_column is None and request.window is None and request.query is None:
            return [f" WHERE {pages}" for pages in self._pages(request)] or [""]
        windows = self._windows(relation, request)
        return [self._where(relation, request.window, window) for window in windows]

    def _pages(self, request: Request) -> list[str]:
        """Return conditions on the places of rows; a snapshot has each row in one place."""
        found = self._table(request)
        connections = self._settings.connections
        if found.pages < _LEAST_PAGES:
            return []
        # As many parts for each connection, so that none is left with the last one.
        parts = ceil(found.bytes / _BYTES_AT_A_TIME / connections) * connections
        edges = [found.pages * part // parts for part in range(1, parts)]
        bounds = [f"'({edge},0)'::tid" for edge in edges]
        # The last is open: pages may be added, and partitions are of different lengths.
        above = [None, *(f"ctid >= {bound}" for bound in bounds)]
        below = [*(f"ctid < {bound}" for bound in bounds), None]
        return [" AND ".join(filter(None, pair)) for pair in zip(above, below, strict=True)]


def _begin(cursor: duckdb.DuckDBPyConnection, snapshot: str) -> None:
    cursor.execute("BEGIN")
    cursor.execute(_executed(f"SET TRANSACTION SNAPSHOT {literal(snapshot)}; {_SESSION}"))


def _executed(statements: str) -> str:
    return f"CALL postgres_execute('{ATTACHED}', {literal(statements)})"


def _queried(sql: str) -> str:
    return f"postgres_query('{ATTACHED}', {literal(sql)})"
