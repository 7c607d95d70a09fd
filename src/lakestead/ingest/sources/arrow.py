"""Arrow batches to Parquet files, for databases whose drivers give Arrow or rows.

Memory is bounded by one row group of each stream: `chunk_size` rows, or 64 MB if that is less.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import Queue

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lakestead.core.errors import SourceError

from .column import Reading
from .footer import check
from .source import Staged

_GROUP_BYTES = 64 * 1024 * 1024
_FILE_BYTES = 128 * 1024 * 1024

Batches = Iterator[pa.RecordBatch]


def written(
    streams: Sequence[Callable[[], Batches]], readings: Sequence[Reading], folder: Path, chunk_size: int
) -> Iterator[Staged]:
    """Write streams of batches to Parquet files, all at once, and yield each file when it is finished.

    Args:
        streams: each opens one; the columns are in the order of `readings`.
        readings: what the columns become.
        folder: where the files go.
        chunk_size: rows in a row group, at most.
    """
    if len(streams) == 1:
        yield from _files(streams[0](), readings, folder, 0, chunk_size)
        return
    results: Queue[Staged | BaseException | None] = Queue(maxsize=len(streams))
    stopped = threading.Event()

    def run(place: int) -> None:
        try:
            for staged in _files(streams[place](), readings, folder, place, chunk_size):
                results.put(staged)
                if stopped.is_set():
                    break
        except BaseException as error:  # handed to the thread that asked
            results.put(error)
        else:
            results.put(None)

    threads = [threading.Thread(target=run, args=(place,), name="extract") for place in range(len(streams))]
    for thread in threads:
        thread.start()
    running = len(threads)
    try:
        while running:
            result = results.get()
            if isinstance(result, Staged):
                yield result
                continue
            running -= 1
            if result is not None:
                raise result
    finally:
        stopped.set()
        while running:
            result = results.get()
            if isinstance(result, Staged):
                result.path.unlink()  # nobody will ask for it
            else:
                running -= 1
        for thread in threads:
            thread.join()


class _File:
    """A Parquet file that is being written."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path = path
        self._sink = path.open("wb")
        self._writer = pq.ParquetWriter(self._sink, schema, compression="snappy")

    @property
    def full(self) -> bool:
        return self._sink.tell() >= _FILE_BYTES

    def write(self, group: pa.Table) -> None:
        self._writer.write_table(group, row_group_size=group.num_rows)

    def finish(self) -> Staged:
        self._close()
        names = self._writer.schema.names
        return Staged(self._path, check(self._path, names))

    def discard(self) -> None:
        self._close()
        self._path.unlink(missing_ok=True)

    def _close(self) -> None:
        self._writer.close()
        self._sink.close()


def _files(
    batches: Batches, readings: Sequence[Reading], folder: Path, place: int, chunk_size: int
) -> Iterator[Staged]:
    schema = pa.schema([pa.field(one.name, one.column.type.to_arrow()) for one in readings])
    file: _File | None = None
    part = 0
    try:
        for group in _groups(batches, readings, schema, chunk_size):
            file = file or _File(folder / f"part-{place:05d}-{part:05d}.parquet", schema)
            file.write(group)
            if file.full:
                staged = file.finish()
                file, part = None, part + 1
                yield staged
        if file:
            staged = file.finish()
            file = None
            yield staged
    finally:
        if file:
            file.discard()


def _groups(
    batches: Batches, readings: Sequence[Reading], schema: pa.Schema, chunk_size: int
) -> Iterator[pa.Table]:
    gathered: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        arrays = [fitted(array, one) for array, one in zip(batch.columns, readings, strict=True)]
        gathered.append(pa.RecordBatch.from_arrays(arrays, schema=schema))
        rows, size = rows + batch.num_rows, size + gathered[-1].nbytes
        if rows >= chunk_size or size >= _GROUP_BYTES:
            yield pa.Table.from_batches(gathered)
            gathered, rows, size = [], 0, 0
    if rows:
        yield pa.Table.from_batches(gathered)


def fitted(array: pa.Array, reading: Reading) -> pa.Array:
    """Return an array in its column's type.

    Raises:
        SourceError: when a value would be changed; names the column and the value.
    """
    kind = reading.column.type.to_arrow()
    if array.type == kind:
        return array
    try:
        cast = pc.cast(array, kind)
        if pa.types.is_floating(array.type) and pa.types.is_decimal(kind):  # Arrow would round
            changed = pc.index(pc.equal(pc.cast(cast, array.type), array), False).as_py()
            if changed >= 0:
                raise pa.ArrowInvalid(f"the value {array[changed]} has other digits")
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise SourceError(
            f"column '{reading.name}' cannot be taken as {reading.column.type.ddl}: {error}; take it in a"
            f" type that holds all its values, such as types: {{{reading.name}: string}}"
        ) from None
    return cast
