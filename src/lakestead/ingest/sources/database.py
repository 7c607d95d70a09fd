"""What all sources that speak SQL have in common: names, windows, counts and errors."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, ClassVar

from lakestead.core.errors import ConfigError, ConnectionFailed, SourceError
from lakestead.ingest.secrets.redaction import Redactor

from .checked import refused
from .column import Relation, nearest
from .ranges import split
from .source import Request, Shape, Staged, Window

_GLOB = frozenset("*?[")
_OWN = re.compile(
    r"\A(?:\w+ )?(?:Error|Exception): |Unable to connect to Postgres at \".*?\": "
    r"|Failed to connect to MySQL database with parameters \".*?\": ",
    re.DOTALL,
)


class Database(ABC):
    """A source that speaks SQL.

    Args:
        name: the source's.
        place: where the database is, for messages.
        secrets: what no message may hold.
    """

    kind: ClassVar[str]
    # What to check when there is no connection; the braces stand for the section of the secrets.
    remedy: ClassVar[str] = (
        "host, port, database, username and password in {} of the secrets, and that the server lets this"
        " machine in"
    )

    def __init__(self, name: str, place: str, secrets: tuple[str, ...] = ()) -> None:
        self.name = name
        self._place = place
        self._redactor = Redactor()
        for secret in filter(None, secrets):
            self._redactor.add(secret)

    # What a kind of database adds.

    @abstractmethod
    def _connect(self) -> None:
        """Connect, unless that is done."""

    @abstractmethod
    def _errors(self) -> tuple[type[Exception], ...]:
        """Return what the driver raises."""

    @abstractmethod
    def _listed(self) -> list[tuple[str, str]]:
        """Return schema and name of all tables and views that are the users' own."""

    @abstractmethod
    def _schema(self) -> str:
        """Return the schema of tables that are named without one."""

    @abstractmethod
    def _relation(self, request: Request) -> Relation:
        """Find what a request is about, and how its columns are read."""

    @abstractmethod
    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return all rows of a query with a small result, in the types of Python."""

    @abstractmethod
    def _quoted(self, name: str) -> str:
        """Return a name as the database quotes it."""

    @abstractmethod
    def _literal(self, value: Any, declared: str) -> str:
        """Return SQL for a bound of a column that is declared so."""

    @abstractmethod
    def _extract(self, relation: Relation, request: Request, folder: Path) -> Iterator[Staged]:
        """Write the rows, and yield each file when it is finished."""

    @abstractmethod
    def close(self) -> None:
        """Let go of connections."""

    # What a source can do.

    def review(self, request: Request) -> None:
        """Refuse a request for nothing; only the database knows its tables and columns."""
        if request.table is None and request.query is None:
            raise ConfigError(f"{self._label()}: which rows? set table_name or query")

    def check(self) -> None:
        """Find out whether the database can be reached and lets us in."""
        self._connected()

    def tables(self, schema: str | None, pattern: str) -> list[str]:
        """Return the names of the tables and views that match.

        Args:
            schema: a schema or a pattern of schemas; the default schema if None.
            pattern: a table's name with ``*``, ``?`` and ``[…]``; may be ``schema.table`` without `schema`.

        Returns:
            names; with their schemas where there may be several, or the pattern has one.
        """
        self._connected()
        dotted = schema is None and "." in pattern
        if dotted:
            schema, _, pattern = pattern.partition(".")
        with self._failing(f"{self._label()}, the list of tables"):
            schema = schema or self._schema()
            matching = [
                found
                for found in self._listed()
                if fnmatchcase(found[0], schema) and fnmatchcase(found[1], pattern)
            ]
        full = dotted or not _GLOB.isdisjoint(schema)
        return sorted(f"{found[0]}.{found[1]}" if full else found[1] for found in matching)

    def shape(self, request: Request) -> Shape:
        """Return the columns that an extraction will give."""
        return self._found(request).shape

    def extract(self, request: Request, folder: Path) -> Iterator[Staged]:
        """Write the rows to Parquet files, and yield each when it is finished."""
        relation = self._found(request)
        with self._failing(relation.label):
            yield from self._extract(relation, request, folder)

    def count(self, request: Request) -> int:
        """Return the number of rows that an extraction would give now."""
        relation = self._found(request)
        with self._failing(relation.label):
            where = self._where(relation, request.window)
            return int(self._rows(f"SELECT count(*) FROM {relation.sql}{where}")[0][0])

    # What the kinds of databases use.

    def _where(self, relation: Relation, *windows: Window | None) -> str:
        conditions = [text for window in windows if window for text in self._conditions(relation, window)]
        return f" WHERE {' AND '.join(conditions)}" if conditions else ""

    def _conditions(self, relation: Relation, window: Window) -> Iterator[str]:
        declared = relation.known[window.column]
        column = self._compared(window, declared)
        if window.lower is not None:
            yield f"{column} >= {self._literal(window.lower, declared)}"
        if window.upper is not None:
            below = f"{column} < {self._literal(window.upper, declared)}"
            # Rows without a value are in each window that is open below.
            yield below if window.lower is not None else f"({below} OR {column} IS NULL)"

    def _compared(self, window: Window, declared: str) -> str:
        """Return what is compared with the bounds of a window."""
        return self._quoted(window.column)

    def _windows(self, relation: Relation, request: Request) -> list[Window | None]:
        """Return the ranges that are read at the same time, of the request's own partition column."""
        if request.partition_column is None or request.partitions < 2:
            return [None]
        column = self._quoted(request.partition_column)
        where = self._where(relation, request.window)
        lowest, highest = self._rows(f"SELECT min({column}), max({column}) FROM {relation.sql}{where}")[0]
        return [*split(request.partition_column, lowest, highest, request.partitions)]

    def _asked(self, request: Request) -> tuple[str | None, str]:
        """Return schema and name of the table that a request names."""
        if request.table is None:
            raise ConfigError(f"{self._label()}: either a table or a query must be given")
        if request.schema is None and "." in request.table:
            schema, _, table = request.table.partition(".")
            return schema, table
        return request.schema, request.table

    def _absent(self, schema: str | None, table: str) -> SourceError:
        """Return the error for a table that is not there, with the nearest names."""
        listed = self._listed()
        label = self._label(schema, table)
        if schema is not None and schema not in {found[0] for found in listed}:
            hint = nearest(schema, {found[0] for found in listed}, "schemas with tables")
            return SourceError(f"{label}: there is no schema '{schema}' with tables that we may read; {hint}")
        within = schema or self._schema()
        names = [name for owner, name in listed if owner == within]
        hint = nearest(table, names, f"tables of schema '{within}'")
        return SourceError(f"{label}: there is no such table or view, or we may not read it; {hint}")

    def _label(self, schema: str | None = None, table: str | None = None) -> str:
        named = ".".join(part for part in (schema, table) if part)
        return f"{self.kind} source '{self.name}' ({self._place})" + (f", table {named}" if named else "")

    def _found(self, request: Request) -> Relation:
        self._connected()
        query = f"{self._label()}, the query" if request.query is not None else None
        with self._failing(query or self._label(request.schema, request.table)):
            return self._relation(request)

    def _connected(self) -> None:
        try:
            self._connect()
        except self._errors() as error:
            raise ConnectionFailed(
                f"{self._label()} cannot be reached or refuses the log-in: {self._said(error)}."
                f" Check {self.remedy.format(f'[sources.{self.name}]')}"
            ) from None

    @contextmanager
    def _failing(self, label: str) -> Iterator[None]:
        """Turn what the driver raises into a SourceError that says where."""
        try:
            yield
        except self._errors() as error:
            said = self._said(error)
            raise SourceError(f"{label}: {refused(said) or said}") from None
        except SourceError as error:
            text = str(error)
            raise SourceError(text if text.startswith(self._label()) else f"{label}: {text}") from None

    def _said(self, error: Exception) -> str:
        text = self._redactor.redact(str(error)).strip()
        # DuckDB shows statements, which are long and not the user's, and connection strings.
        text = _OWN.sub("", re.split(r"\n+LINE \d", text)[0])
        return text.rpartition("ERROR:  ")[2].strip().rstrip(".")
