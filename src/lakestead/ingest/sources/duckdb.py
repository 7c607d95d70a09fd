"""DuckDB files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import AliasChoices, Field

from .attached import Attached
from .column import Relation, chosen
from .duck import ATTACHED, Duck
from .duck_types import bound, literal, quoted
from .duckdb_types import reading
from .settings import SourceSettings
from .source import Request, Staged

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_THREADS = 2
_LISTED = """
SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'src' AND NOT internal
UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = 'src' AND NOT internal
"""
_TABLE = """
SELECT comment, estimated_size FROM duckdb_tables() WHERE database_name = 'src' AND {named}
UNION ALL SELECT comment, NULL FROM duckdb_views() WHERE database_name = 'src' AND {viewed}
"""
_COLUMNS = """
SELECT column_name, is_nullable, comment FROM duckdb_columns() WHERE database_name = 'src' AND {named}
"""
_KEY = """
SELECT constraint_column_names FROM duckdb_constraints()
WHERE database_name = 'src' AND constraint_type = 'PRIMARY KEY' AND {named}
"""


class DuckDBSettings(SourceSettings):
    """Settings of a DuckDB source.

    Attributes:
        path: the file; also as `database`.
    """

    path: Path = Field(validation_alias=AliasChoices("path", "database"))


class DuckDB(Attached):
    """A DuckDB file. It is only read, and no other program may have it open for writing.

    Args:
        name: the source's.
        settings: its section of the secrets, see :class:`DuckDBSettings`.

    Raises:
        ConfigError: when the settings are wrong.
    """

    kind: ClassVar[str] = "DuckDB"
    remedy: ClassVar[str] = (
        "that 'path' in {} of the secrets names a DuckDB file that we may read, and that no other program has"
        " it open for writing"
    )

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        self._path = DuckDBSettings.read(name, settings).path.expanduser()
        super().__init__(name, str(self._path))

    def _new(self) -> Duck:
        return Duck(None, _THREADS)

    def _attach(self, duck: Duck) -> None:
        duck.execute(f"ATTACH {literal(str(self._path))} AS {ATTACHED} (TYPE duckdb, READ_ONLY)")
        _use(duck)

    def _listed(self) -> list[tuple[str, str]]:
        return [(row[0], row[1]) for row in self._rows(_LISTED)]

    def _schema(self) -> str:
        return "main"

    def _quoted(self, name: str) -> str:
        return quoted(name)

    def _literal(self, value: Any, declared: str) -> str:
        return bound(value, declared)

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._duck.rows(sql)

    def _relation(self, request: Request) -> Relation:
        if request.query is not None:
            label, source = f"{self._label()}, the query", f"({request.query.strip().rstrip(';')}) AS asked"
            return self._described(request, label, source, {}, (), (None, None))
        schema, table = self._asked(request)
        owner = f"schema_name = {literal(schema or self._schema())}"
        named, viewed = (
            f"{owner} AND table_name = {literal(table)}",
            f"{owner} AND view_name = {literal(table)}",
        )
        found = self._rows(_TABLE.format(named=named, viewed=viewed))
        if not found:
            raise self._absent(schema, table)
        columns = {row[0]: (row[1], row[2]) for row in self._rows(_COLUMNS.format(named=named))}
        keys = self._rows(_KEY.format(named=named))
        key = tuple(keys[0][0]) if keys else ()
        source = f"{ATTACHED}.{quoted(schema or self._schema())}.{quoted(table)}"
        return self._described(request, self._label(schema, table), source, columns, key, found[0])

    def _described(
        self,
        request: Request,
        label: str,
        source: str,
        columns: Mapping[str, tuple[bool, str | None]],
        key: tuple[str, ...],
        table: tuple[Any, ...],
    ) -> Relation:
        kinds = self._duck.types(f"SELECT * FROM {source}")
        names = chosen(request, [name for name, _ in kinds], label)
        readings = tuple(
            reading(name, kind, request.types.get(name), nullable=nullable, comment=comment)
            for name, kind in kinds
            if name in names
            for nullable, comment in [columns.get(name, (True, None))]
        )
        known = {name: str(kind) for name, kind in kinds}
        return Relation(label, source, readings, known, key, table[0], table[1])

    def _extract(self, relation: Relation, request: Request, folder: Path) -> Iterator[Staged]:
        columns = ", ".join(f"{one.remote} AS c{place}" for place, one in enumerate(relation.readings))
        # DuckDB reads a table with all its threads.
        select = f"SELECT {columns} FROM {relation.sql}{self._where(relation, request.window)}"
        yield from self._duck.copies([select], relation.readings, folder, request.chunk_size, begin=_use)


def _use(connection: Duck | DuckDBPyConnection) -> None:
    """Make a query's tables those of the file."""
    connection.execute(f"USE {ATTACHED}")
