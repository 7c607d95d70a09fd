"""A DuckDB session that reads files and writes Parquet, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from lakestead.core.datatypes import (
    CALENDAR_INTERVAL,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    VARIANT,
    VOID,
    Array,
    Char,
    DataType,
    Interval,
    Map,
    Struct,
    Varchar,
)
from lakestead.core.errors import MissingExtra
from lakestead.ingest.sources.source import Staged, Window

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_MEMORY = "384MB"
_NAMES: dict[DataType, str] = {
    TIMESTAMP: "TIMESTAMPTZ",
    TIMESTAMP_NTZ: "TIMESTAMP",
    VARIANT: "VARCHAR",
    VOID: "VARCHAR",
}
_NAMES |= {STRING: "VARCHAR", CALENDAR_INTERVAL: "VARCHAR"}


def connect(scratch: Path) -> DuckDBPyConnection:
    """Open a session in memory.

    Args:
        scratch: a folder for what does not fit into memory.

    Raises:
        MissingExtra: when DuckDB is not installed.
    """
    try:
        import duckdb
    except ImportError as error:
        raise MissingExtra("Reading files", "ingest") from error
    session = duckdb.connect(
        config={
            "memory_limit": _MEMORY,
            "temp_directory": str(scratch),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
        }
    )
    session.execute("SET TimeZone = 'UTC'")
    return session


def quoted(name: str) -> str:
    """Return a name as an identifier of DuckDB."""
    return '"' + name.replace('"', '""') + '"'


def text(value: object) -> str:
    """Return a value's text as a string literal of DuckDB."""
    return "'" + str(value).replace("'", "''") + "'"


def texts(values: Iterable[object]) -> str:
    """Return a list literal of texts."""
    return "[" + ", ".join(map(text, values)) + "]"


PATH = "_path_of_the_file"
"""The column that tells which file a row is from; named so that no file has one of that name."""


def duck_type(kind: DataType) -> str:
    """Return DuckDB's name of a type; what it lacks is text there, as it is in the Parquet files."""
    if isinstance(kind, (Char, Varchar, Interval)):
        return "VARCHAR"
    if isinstance(kind, Array):
        return f"{duck_type(kind.element)}[]"
    if isinstance(kind, Map):
        return f"MAP({duck_type(kind.key)}, {duck_type(kind.value)})"
    if isinstance(kind, Struct):
        fields = ", ".join(f"{quoted(field.name)} {duck_type(field.type)}" for field in kind.fields)
        return f"STRUCT({fields})"
    return _NAMES.get(kind) or kind.sql


def literal(value: object) -> str:
    """Return a value as a literal of DuckDB."""
    if isinstance(value, datetime):
        return f"{'TIMESTAMPTZ' if value.tzinfo else 'TIMESTAMP'} {text(value.isoformat(' '))}"
    if isinstance(value, date):
        return f"DATE {text(value.isoformat())}"
    return str(value) if isinstance(value, (int, float, Decimal)) else text(value)


def where(window: Window) -> str:
    """Return the condition of a window over a column of the rows."""
    column = quoted(window.column)
    parts = [] if window.lower is None else [f"{column} >= {literal(window.lower)}"]
    if window.upper is not None:
        above = f"{column} < {literal(window.upper)}"
        parts.append(above if window.lower is not None else f"({above} OR {column} IS NULL)")
    return " AND ".join(parts) or "true"


def write_parquet(session: DuckDBPyConnection, query: str, path: Path, row_group: int) -> Staged:
    """Write a query's rows to a Parquet file.

    Args:
        session: where the query runs.
        query: a SELECT.
        path: the file.
        row_group: rows in a row group, which bounds the memory.
    """
    options = f"FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {row_group}"
    written = session.execute(f"COPY ({query}) TO {text(path)} ({options})").fetchone()
    return Staged(path, int(written[0]) if written else 0)


def rows_in(path: Path) -> int:
    """Return the number of rows of a Parquet file."""
    return int(pq.read_metadata(path).num_rows)
