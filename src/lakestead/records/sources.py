"""What can be written: records, Arrow, pandas and polars, at once or bit by bit."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import pyarrow as pa

from lakestead.core.errors import SourceError

CHUNK_ROWS = 10_000
"""Records that are turned into Arrow at once; so many are in memory."""

_BATCH_ROWS = 65_536

Chunk: TypeAlias = Sequence[Mapping[str, Any]] | pa.RecordBatch
Records: TypeAlias = Any
"""An iterable of dicts, of Arrow record batches or of Arrow tables; an Arrow table, batch or reader; a data
frame of pandas or polars; anything that can be read as a stream of Arrow."""


def chunks(records: Records) -> Iterator[Chunk]:
    """Yield records in chunks; Arrow that has no rows yields its columns all the same.

    Args:
        records: see `Records`.

    Raises:
        SourceError: they are none of that.
    """
    if isinstance(records, Mapping | str | bytes):
        raise SourceError(f"records are a list of dicts, not a {type(records).__name__}: put one in a list")
    stream = _arrow(records)
    if stream is not None:
        return stream
    if not isinstance(records, Iterable):
        raise SourceError(f"a {type(records).__name__} holds no records; give dicts, Arrow or a data frame")
    rows = iter(records)
    first = next(rows, None)
    if first is None:
        return iter(())
    rows = itertools.chain([first], rows)
    if isinstance(first, pa.RecordBatch | pa.Table):
        return itertools.chain.from_iterable(_arrow(one) or () for one in rows)
    return _dicts(rows)


def _arrow(records: Records) -> Iterator[pa.RecordBatch] | None:
    """Return records that are Arrow or can be read as such."""
    if isinstance(records, pa.RecordBatch):
        return iter([records])
    if type(records).__module__.partition(".")[0] == "pandas" and hasattr(records, "columns"):
        # Not through its own stream, which makes columns of the index.
        records = pa.Table.from_pandas(records, preserve_index=False)
    if isinstance(records, pa.Table):
        records = records.to_reader(max_chunksize=_BATCH_ROWS)
    elif not isinstance(records, pa.RecordBatchReader):
        if not hasattr(records, "__arrow_c_stream__"):
            return None
        records = pa.RecordBatchReader.from_stream(records)
    return _batches(records)


def _batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    empty = True
    for batch in reader:
        if batch.num_rows:
            empty = False
            yield from _cut(batch)
    if empty:
        yield pa.RecordBatch.from_pylist([], schema=reader.schema)


def _cut(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    for start in range(0, batch.num_rows, _BATCH_ROWS):
        yield batch.slice(start, _BATCH_ROWS)


def _dicts(rows: Iterator[Any]) -> Iterator[Sequence[Mapping[str, Any]]]:
    start = 0
    while chunk := list(itertools.islice(rows, CHUNK_ROWS)):
        for number, row in enumerate(chunk, start):
            if not isinstance(row, Mapping):
                raise SourceError(f"row {number} is a {type(row).__name__}, not a dict of columns")
        yield chunk
        start += len(chunk)
