"""Where the values come from, one column at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

_ROWS = 1 << 19


class Source(Protocol):
    """A table that is read by columns, each as often as need be; all have the same rows in the same order.

    Attributes:
        schema: names and types of the columns.
        rows: how many there are.
    """

    @property
    def schema(self) -> pa.Schema: ...
    @property
    def rows(self) -> int: ...

    def column(self, name: str) -> Iterator[pa.Array | pa.ChunkedArray]:
        """Yield the values of a column, in pieces of any length; the first may be called for again.

        Raises:
            KeyError: there is no such column.
        """


@dataclass(frozen=True, slots=True)
class TableSource:
    """A table in memory."""

    table: pa.Table

    @property
    def schema(self) -> pa.Schema:
        """Names and types of the columns."""
        return self.table.schema

    @property
    def rows(self) -> int:
        """How many there are."""
        rows: int = self.table.num_rows
        return rows

    def column(self, name: str) -> Iterator[pa.Array | pa.ChunkedArray]:
        """Yield the values of a column."""
        yield self.table.column(name)


@dataclass(frozen=True, slots=True)
class DataFile:
    """A Parquet file of a table.

    Attributes:
        file: a path, or an open file that can be read more than once.
        rows: how many it has.
        constants: values of columns that are not in it: of partitions, or None for columns added later.
    """

    file: Any
    rows: int
    constants: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParquetSource:
    """A table of Parquet files.

    Attributes:
        files: in the order of their rows.
        schema: the table's.
        physical: names of columns in the files, where they differ from the table's.
    """

    files: Sequence[DataFile]
    schema: pa.Schema
    physical: Mapping[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many there are."""
        return sum(file.rows for file in self.files)

    def column(self, name: str) -> Iterator[pa.Array | pa.ChunkedArray]:
        """Yield the values of a column, half a million rows at a time.

        Text comes dictionary-encoded, as it is stored.

        Raises:
            KeyError: there is no such column.
        """
        kind = self.schema.field(name).type
        stored = self.physical.get(name, name)
        encoded = [stored] if pa.types.is_string(kind) or pa.types.is_large_string(kind) else []
        for file in self.files:
            if name in file.constants:
                yield _constant(pa.scalar(file.constants[name], kind), file.rows, text=bool(encoded))
                continue
            footer = pq.read_metadata(file.file)
            if stored not in footer.schema.to_arrow_schema().names:
                yield _constant(pa.scalar(None, kind), file.rows, text=bool(encoded))
                continue
            with pq.ParquetFile(
                file.file, metadata=footer, read_dictionary=encoded, pre_buffer=False
            ) as parquet:
                for batch in parquet.iter_batches(_ROWS, columns=[stored]):
                    values = batch.column(0)
                    yield values if encoded or values.type == kind else values.cast(kind)


def _constant(value: pa.Scalar, rows: int, *, text: bool) -> pa.Array:
    if not text:
        return pa.repeat(value, rows)
    indices = pa.repeat(pa.scalar(0 if value.is_valid else None, pa.int32()), rows)
    return pa.DictionaryArray.from_arrays(indices, pa.array([value.as_py() or ""], pa.string()))
