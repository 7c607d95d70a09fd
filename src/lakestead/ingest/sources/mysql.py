"""MySQL and MariaDB: streamed, straight to Parquet; ranges of a column are read at the same time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from lakestead.core.errors import ConfigError

from .attached import Attached
from .column import Relation, chosen
from .duck import ATTACHED, Duck
from .duck_types import literal
from .mysql_types import MySQLColumn, bound, of_query, quoted, reading
from .settings import ServerSettings, login
from .source import Request, Staged

_PORT = 3306
_THREADS = 2
_SETTINGS = (
    # Of TIMESTAMP columns, and of bounds.
    "SET GLOBAL mysql_session_time_zone = '+00:00'",
    # A long extraction is not a hung one.
    "SET GLOBAL mysql_query_timeout_enabled = false",
    "SET GLOBAL mysql_tinyint1_as_boolean = false",
    "SET GLOBAL mysql_bit1_as_boolean = false",
)
_LISTED = """
SELECT CAST(TABLE_SCHEMA AS CHAR) AS s, CAST(TABLE_NAME AS CHAR) AS t FROM information_schema.TABLES
WHERE TABLE_TYPE IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')
  AND TABLE_SCHEMA NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')
"""
_TABLE = """
SELECT CAST(TABLE_NAME AS CHAR) AS t, CAST(TABLE_COMMENT AS CHAR) AS c, CAST(TABLE_ROWS AS SIGNED) AS r,
  CAST(TABLE_TYPE AS CHAR) AS k
FROM information_schema.TABLES WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {table}
"""
_COLUMNS = """
SELECT CAST(COLUMN_NAME AS CHAR) AS n, LOWER(CAST(COLUMN_TYPE AS CHAR)) AS t,
  LOWER(CAST(DATA_TYPE AS CHAR)) AS d,
  CAST(NUMERIC_PRECISION AS SIGNED) AS p, CAST(NUMERIC_SCALE AS SIGNED) AS s, IS_NULLABLE = 'YES' AS u,
  NULLIF(CAST(COLUMN_COMMENT AS CHAR), '') AS c
FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {table}
ORDER BY ORDINAL_POSITION
"""
_KEY = """
SELECT CAST(COLUMN_NAME AS CHAR) AS n FROM information_schema.KEY_COLUMN_USAGE
WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {table} AND CONSTRAINT_NAME = 'PRIMARY'
ORDER BY ORDINAL_POSITION
"""


class MySQLSettings(ServerSettings):
    """Settings of a MySQL or MariaDB source.

    Attributes:
        zero_dates: what becomes of ``0000-00-00``: ``refuse`` ends the extraction, ``null`` makes it NULL.
    """

    zero_dates: Literal["refuse", "null"] = "refuse"


class MySQL(Attached):
    """A MySQL or MariaDB server; its databases are the schemas.

    Args:
        name: the source's.
        settings: its section of the secrets, see :class:`MySQLSettings`.

    Raises:
        ConfigError: when the settings are wrong.
    """

    kind: ClassVar[str] = "MySQL"

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        self._settings = MySQLSettings.read(name, settings)
        self._login = login(self._settings, name, _PORT)
        super().__init__(name, self._login.place, (self._login.secret,))

    def _new(self) -> Duck:
        return Duck("mysql", _THREADS)

    def _attach(self, duck: Duck) -> None:
        duck.attach("mysql", self._login, {})
        for setting in _SETTINGS:
            duck.execute(setting)

    def _listed(self) -> list[tuple[str, str]]:
        return [(row[0], row[1]) for row in self._rows(_LISTED)]

    def _schema(self) -> str:
        if self._login.database is None:
            raise ConfigError(
                f"{self._label()}: neither the job's schema_name nor [sources.{self.name}].database says"
                " which database the table is in"
            )
        return self._login.database

    def _quoted(self, name: str) -> str:
        return quoted(name)

    def _literal(self, value: Any, declared: str) -> str:
        return bound(value)

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._duck.rows(f"FROM {_queried(sql)}")

    def _relation(self, request: Request) -> Relation:
        if request.query is not None:
            return self._query(request, request.query.strip().rstrip(";"))
        schema, table = self._asked(request)
        named = {"schema": bound(schema or self._schema()), "table": bound(table)}
        found = self._rows(_TABLE.format(**named))
        columns = [MySQLColumn(*row) for row in self._rows(_COLUMNS.format(**named))]
        if not found or not columns:
            raise self._absent(schema, table)
        name, comment, rows, kind = found[0]
        label = self._label(schema, name)
        names = chosen(request, [column.name for column in columns], label)
        as_null = self._settings.zero_dates == "null"
        readings = tuple(
            reading(column, request.types.get(column.name), zero_dates_are_null=as_null)
            for column in columns
            if column.name in names
        )
        return Relation(
            label,
            f"{quoted(schema or self._schema())}.{quoted(name)}",
            readings,
            {column.name: column.base for column in columns},
            tuple(row[0] for row in self._rows(_KEY.format(**named))),
            (comment or None) if kind != "VIEW" else None,  # a view's is the word VIEW
            rows,
        )

    def _query(self, request: Request, text: str) -> Relation:
        source = f"({text}) AS asked"
        described = dict(self._duck.described(f"FROM {_queried(f'SELECT * FROM {source}')}"))
        label = f"{self._label()}, the query"
        names = chosen(request, list(described), label)
        readings = tuple(of_query(name, described[name], request.types.get(name)) for name in names)
        return Relation(label, source, readings, described)

    def _extract(self, relation: Relation, request: Request, folder: Path) -> Iterator[Staged]:
        columns = ", ".join(f"{one.remote} AS c{place}" for place, one in enumerate(relation.readings))
        wheres = [self._where(relation, request.window, part) for part in self._windows(relation, request)]
        selects = [f"FROM {_queried(f'SELECT {columns} FROM {relation.sql}{where}')}" for where in wheres]
        yield from self._duck.copies(
            selects, relation.readings, folder, request.chunk_size, request.partitions
        )


def _queried(sql: str) -> str:
    return f"mysql_query('{ATTACHED}', {literal(sql)})"
