"""What a file format knows: how files look alike, what types they have, and how DuckDB reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lakestead.core.datatypes import DataType
from lakestead.core.errors import SourceError
from lakestead.ingest.sources.duck_types import duck_type, quoted
from lakestead.ingest.sources.reading.session import PATH, literal, text, texts
from lakestead.ingest.sources.source import Column

from .copies import Local

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FILE, MODIFIED = "_file_name", "_file_modified"
_LONGEST = 300


@dataclass(frozen=True)
class Group:
    """Files that are read by one statement because they look alike.

    Attributes:
        files: the files.
        names: their columns, in order.
        form: what makes them alike beside the names: a delimiter, a schema.
    """

    files: tuple[Local, ...]
    names: tuple[str, ...]
    form: object = None

    @property
    def paths(self) -> str:
        """The files as a list literal."""
        return texts(file.path for file in self.files)


class Format(Protocol):
    """A file format with its options."""

    @property
    def prepare(self) -> Callable[[Path, Path], Path] | None:
        """What makes a file one that DuckDB reads; see `Copies`."""
        ...

    def groups(self, session: DuckDBPyConnection, batch: Sequence[Local]) -> list[Group]:
        """Return files by how they look; files without columns are left out."""
        ...

    def types(
        self,
        session: DuckDBPyConnection,
        group: Group,
        given: Mapping[str, DataType],
        known: Mapping[str, DataType],
    ) -> Mapping[str, DataType]:
        """Return the types of a group's columns; those given are not looked for, those known come first."""
        ...

    def widest(self, one: DataType, other: DataType) -> DataType | None:
        """Return the type for values of two types; None where that is a mistake."""
        ...

    def relation(self, group: Group, types: Mapping[str, DataType]) -> str:
        """Return what stands behind FROM to read a group's columns in these types, and `PATH`."""
        ...

    def ready(self, file: Local, columns: Sequence[Column]) -> bool:
        """Say whether a file is Parquet of just these columns."""
        ...

    def explain(self, files: Sequence[Local]) -> Callable[[str], str | None]:
        """Return what tells more exactly where files are wrong, given DuckDB's message."""
        ...

    def rejects(self, session: DuckDBPyConnection, files: Sequence[Local], path: Path) -> int:
        """Write what was rejected since the last call to a Parquet file of `REJECTS`, and return the rows."""
        ...


def select(relation: str, group: Group, columns: Sequence[Column], *, metadata: bool) -> str:
    """Return the SELECT of a group's rows in the columns of all groups."""
    here = {name.lower(): name for name in group.names}
    parts = []
    for column in columns:
        name = here.get(column.name.lower())
        if metadata and column.name in (FILE, MODIFIED):
            continue
        value = quoted(name) if name else "NULL"
        parts.append(f"CAST({value} AS {duck_type(column.type)}) AS {quoted(column.name)}")
    if not metadata:
        return f"SELECT {', '.join(parts)} FROM {relation}"
    parts += [f"of_file.url AS {FILE}", f"of_file.modified AS {MODIFIED}"]
    return (
        f"SELECT {', '.join(parts)} FROM {relation} AS of_row"
        f" JOIN {named(group.files)} ON of_row.{PATH} = of_file.path"
    )


def named(files: Sequence[Local]) -> str:
    """Return a relation `of_file` that tells what the paths of files are to the source."""
    rows = ", ".join(
        f"({text(file.path)}, {text(file.found.url)}, {literal(file.found.entry.modified)})" for file in files
    )
    return f"(VALUES {rows}) AS of_file(path, url, modified)"


@contextmanager
def faults(files: Sequence[Local], explain: Callable[[str], str | None]) -> Iterator[None]:
    """Turn errors of DuckDB into errors that name the file as the source does.

    Args:
        files: those that are read.
        explain: see `Format.explain`.
    """
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        message = str(error)
        for file in files:
            message = message.replace(str(file.path), file.found.url)
        said = explain(message) or " ".join(message.split())[:_LONGEST]
        raise SourceError(said) from None
