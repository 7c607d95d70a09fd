"""Arrow IPC as the engine and the protocols pass it on: record batches stay encoded from end to end."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa

_CONTINUATION = b"\xff\xff\xff\xff"
END_OF_STREAM = _CONTINUATION + b"\x00\x00\x00\x00"


@dataclass(frozen=True, slots=True)
class Batch:
    """One or more record batches of one schema, as encapsulated IPC messages.

    Attributes:
        rows: number of rows in all messages.
        data: the messages, without schema message and end-of-stream mark.
    """

    rows: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Stream:
    """A result on its way: a schema, and batches that come as they are read (once)."""

    schema: pa.Schema
    batches: Iterator[Batch]

    def reader(self) -> pa.RecordBatchReader:
        """Return the stream decoded, batch by batch."""

        def decoded() -> Iterator[pa.RecordBatch]:
            for batch in self.batches:
                yield from decode(self.schema, batch)

        return pa.RecordBatchReader.from_batches(self.schema, decoded())

    def table(self) -> pa.Table:
        """Read the whole stream into memory."""
        return self.reader().read_all()


def schema_message(schema: pa.Schema) -> bytes:
    """Return the IPC message that opens a stream of this schema."""
    message: bytes = schema.serialize().to_pybytes()
    return message


def split(data: bytes) -> tuple[bytes, bytes]:
    """Split an IPC stream into its schema message and the messages after it.

    Args:
        data: a whole IPC stream, as the engine sends one with each batch.

    Raises:
        ValueError: when the bytes do not open with an IPC message.
    """
    if data[:4] != _CONTINUATION:
        raise ValueError("the bytes are not an Arrow IPC stream")
    (length,) = struct.unpack_from("<i", data, 4)
    start = 8 + length
    end = len(data) - 8 if data.endswith(END_OF_STREAM) else len(data)
    return data[:start], data[start:end]


def decode(schema: pa.Schema, batch: Batch) -> Iterable[pa.RecordBatch]:
    """Return the record batches of encoded messages."""
    reader: Iterable[pa.RecordBatch] = pa.ipc.open_stream(schema_message(schema) + batch.data + END_OF_STREAM)
    return reader


def encode(table: pa.Table | pa.RecordBatch) -> Batch:
    """Return a table as encapsulated record batch messages."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write(table)
    return Batch(table.num_rows, split(sink.getvalue().to_pybytes())[1])


def stream(table: pa.Table) -> Stream:
    """Return a table in memory as a stream."""
    return Stream(table.schema, iter([encode(table)]))
