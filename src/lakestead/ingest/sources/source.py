"""What every source can do, and the words in which it is asked and answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from lakestead.core.datatypes import DataType


@dataclass(frozen=True, slots=True)
class Column:
    """A column as its source declares it, in the type that it gets in Unity Catalog."""

    name: str
    type: DataType
    nullable: bool = True
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """What an extraction gives.

    Attributes:
        columns: in the source's order.
        primary_key: names of columns; empty if the source declares none.
        comment: the source's own description.
        rows: an estimate, where one is to be had for nothing.
    """

    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    comment: str | None = None
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Rows whose `column` is at least `lower` and less than `upper`; None is no bound.

    A row whose `column` is NULL is in every window without a lower bound.

    Attributes:
        column: a column of the rows; or, of files, `_file_modified`, `_file_name` or `_folder_date`.
        lower: the first value wanted.
        upper: the first value not wanted.
        seen: files at or above `lower` that earlier extractions gave, see `Cursor`.
        lag: how far below a cursor its `seen` reaches, so that `lower` may be that much lower.
    """

    column: str
    lower: Any | None = None
    upper: Any | None = None
    seen: tuple[str, ...] = ()
    lag: Any | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What to extract.

    Attributes:
        table: a table's name, or the object of that kind that the source has.
        schema: where the table is; the source's default if None.
        query: SQL instead of a table.
        columns: the columns wanted; all if empty.
        types: column → SQL type, instead of what the source declares.
        known: column → its type in the target, by which sources of texts, whose types are found out, read
            the values where all of them fit exactly; names in lower case.
        window: the rows wanted; all if None.
        partition_column: a column by whose ranges the extraction is split.
        partitions: how many ranges are read at a time.
        chunk_size: rows in a batch.
        options: what only one kind of source knows: a file's format, an API's pages.
    """

    table: str | None = None
    schema: str | None = None
    query: str | None = None
    columns: tuple[str, ...] = ()
    types: Mapping[str, DataType] = field(default_factory=dict)
    known: Mapping[str, DataType] = field(default_factory=dict)
    window: Window | None = None
    partition_column: str | None = None
    partitions: int = 1
    chunk_size: int = 100_000
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the extraction of a set of files has come: the next one's window goes on from there.

    Attributes:
        value: the greatest value of the window's column so far; the next window's `lower`, less the lag.
        seen: names of the files at that value, or less than the lag below it; the next window's `seen`.
    """

    value: Any
    seen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Staged:
    """A finished Parquet file of extracted rows.

    Attributes:
        path: the file.
        rows: how many rows it has.
        cursor: set by sources of files: where the next extraction goes on once this file, and those before
            it, are loaded.
        rejected: whether these are not rows but what could not be read as such, in the columns of `REJECTS`.
    """

    path: Path
    rows: int
    cursor: Cursor | None = None
    rejected: bool = False


REJECTS = ("file", "line", "error", "row")
"""The columns of a file of rejects: all strings, but `line`, which is a bigint."""


class Source(Protocol):
    """A place that rows come from. Not for several threads at a time."""

    def review(self, request: Request) -> None:
        """Refuse what can be seen to be wrong without asking anybody.

        Raises:
            ConfigError: naming the option that is wrong.
        """
        ...

    def check(self) -> None:
        """Find out whether the source can be reached and lets us in.

        Raises:
            ConnectionFailed: when it cannot be reached or refuses the log-in; names the place, no secret.
            SourceError: when it is reached and cannot be used.
        """
        ...

    def tables(self, schema: str | None, pattern: str) -> list[str]:
        """Return the names of the tables that match a glob pattern, in order."""
        ...

    def shape(self, request: Request) -> Shape:
        """Return the columns that an extraction will give.

        Raises:
            SourceError: when the table or a column is not there; names the nearest.
        """
        ...

    def extract(self, request: Request, folder: Path) -> Iterator[Staged]:
        """Write the rows to Parquet files in a folder, and yield each file when it is finished.

        The caller may delete a file as soon as it has it. Memory is bounded whatever the number of rows.

        Raises:
            SourceError: when the source fails, or gives a value that its type cannot hold.
        """
        ...

    def count(self, request: Request) -> int:
        """Return the number of rows that an extraction would give now."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
