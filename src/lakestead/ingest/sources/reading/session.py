"""A DuckDB session that reads files and writes Parquet, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from lakestead.core.errors import MissingExtra
from lakestead.ingest.sources.duck_types import quoted
from lakestead.ingest.sources.source import Staged, Window

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_MEMORY = "384MB"


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


def text(value: object) -> str:
    """Return a value's text as a string literal of DuckDB."""
    return "'" + str(value).replace("'", "''") + "'"


def texts(values: Iterable[object]) -> str:
    """Return a list literal of texts."""
    return "[" + ", ".join(map(text, values)) + "]"


PATH = "_path_of_the_file"
"""The column that tells which file a row is from; named so that no file has one of that name."""


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
