"""Extracted Parquet files become files of a table: its names and types, and no row that it has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lakestead.core.errors import SourceError
from lakestead.ingest.destinations.filesystem.columns import Kept

_ROWS_AT_A_TIME = 65_536


def conformed(path: Path, columns: Sequence[Kept], to: Path) -> Path:
    """Return a file with a table's columns: the given one, if it has just them.

    Args:
        path: the file.
        columns: what becomes of its columns.
        to: a path for another file.

    Raises:
        SourceError: when a value is none of its column's new type; names the column.
    """
    found = pq.read_schema(path)
    if found.names == [one.column.name for one in columns] and all(
        field.type == one.column.datatype.to_arrow() for field, one in zip(found, columns, strict=True)
    ):
        return path
    schema = arrow_schema(columns)
    with pq.ParquetFile(path) as file, pq.ParquetWriter(to, schema) as writer:
        for batch in file.iter_batches(_ROWS_AT_A_TIME):
            values = [_cast(batch.column(one.source), one) for one in columns]
            writer.write_batch(pa.record_batch(values, schema=schema))
    return to


def without(path: Path, dropped: pa.Array, to: Path) -> Path:
    """Write a file without some of its rows.

    Args:
        path: the file.
        dropped: the rows' numbers, from 0.
        to: the path of the new file.
    """
    with pq.ParquetFile(path) as file, pq.ParquetWriter(to, file.schema_arrow) as writer:
        for start, batch in _numbered(file):
            numbers = pa.array(range(start, start + batch.num_rows), pa.int64())
            writer.write_batch(batch.filter(pc.invert(pc.is_in(numbers, dropped))))
    return to


def empty(columns: Sequence[Kept], to: Path) -> Path:
    """Write a file without rows."""
    pq.write_table(arrow_schema(columns).empty_table(), to)
    return to


def arrow_schema(columns: Sequence[Kept]) -> pa.Schema:
    """Return the schema of a table's files."""
    return pa.schema([pa.field(one.column.name, one.column.datatype.to_arrow()) for one in columns])


def _numbered(file: pq.ParquetFile) -> Iterator[tuple[int, pa.RecordBatch]]:
    start = 0
    for batch in file.iter_batches(_ROWS_AT_A_TIME):
        yield start, batch
        start += batch.num_rows


def _cast(values: pa.Array, one: Kept) -> pa.Array:
    kind = one.column.datatype.to_arrow()
    if values.type == kind:
        return values
    try:
        return pc.cast(values, kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        said = str(error).splitlines()[0]
        raise SourceError(f"column '{one.source}' has a value that is no {one.column.type}: {said}") from None
