"""A statement's result as it comes from the engine: cut into chunks, in memory if small, else on disk.

The producer appends while consumers already read, so a client can download the first chunk of a large result
while the rest is being computed, and neither side ever holds the whole of it in memory.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from lakestead.engine.arrow import Batch
from lakestead.workspace.errors import ApiError, ErrorCode

# Clients decode a chunk at a time: above 4 MB they gain nothing and hold more memory.
CHUNK_BYTES = 4 * 1024 * 1024
# A result up to this size never touches the disk.
MEMORY_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of consecutive rows of a result.

    Attributes:
        index: its number, from 0.
        row_offset: the number of rows before it.
        rows: how many rows it has.
        size: bytes of its record batch messages.
    """

    index: int
    row_offset: int
    rows: int
    size: int
    _source: bytes | Path

    @property
    def on_disk(self) -> bool:
        """Whether it takes no memory."""
        return isinstance(self._source, Path)

    def data(self) -> bytes:
        """Return the encapsulated record batch messages, without schema message and end mark."""
        with self.open() as messages:
            return messages.read()

    def open(self) -> BinaryIO:
        """Return the same to be read part by part; once open, it can be read even if the result is closed.

        Raises:
            FileNotFoundError: the result was closed.
        """
        return BytesIO(self._source) if isinstance(self._source, bytes) else self._source.open("rb")


class Spool:
    """The chunks of one result.

    Args:
        schema: Arrow schema of the rows.
        folder: where chunks go that do not fit in memory; made when first needed.
    """

    def __init__(self, schema: pa.Schema, folder: Path) -> None:
        self.schema = schema
        self.rows = 0
        self.size = 0
        self._folder = folder
        self._chunks: list[Chunk] = []
        self._pending: list[Batch] = []
        self._pending_bytes = 0
        self._finished = False
        self._error: ApiError | None = None
        self._changed = threading.Condition()

    # The producer's side

    def write(self, batches: Iterable[Batch]) -> None:
        """Append all batches and finish the result."""
        for batch in batches:
            if not batch.rows:
                continue
            self._pending.append(batch)
            self._pending_bytes += len(batch.data)
            if self._pending_bytes >= CHUNK_BYTES:
                self._cut(on_disk=True)
        self._cut(on_disk=self.size + self._pending_bytes > MEMORY_BYTES)
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    def persist(self) -> None:
        """Move what is in memory to disk; the result must be finished."""
        with self._changed:
            for index, chunk in enumerate(self._chunks):
                if not chunk.on_disk:
                    self._chunks[index] = replace(chunk, _source=self._write(index, [chunk.data()]))

    def fail(self, error: ApiError) -> None:
        """End the result with an error, which readers then get."""
        with self._changed:
            self._error = error
            self._changed.notify_all()

    def _cut(self, *, on_disk: bool) -> None:
        if not self._pending:
            return
        rows = sum(batch.rows for batch in self._pending)
        parts = [batch.data for batch in self._pending]
        size = self._pending_bytes
        source = self._write(len(self._chunks), parts) if on_disk else b"".join(parts)
        with self._changed:
            self._chunks.append(Chunk(len(self._chunks), self.rows, rows, size, source))
            self.rows += rows
            self.size += size
            self._pending, self._pending_bytes = [], 0
            self._changed.notify_all()

    def _write(self, index: int, parts: Iterable[bytes]) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / f"{index}.arrow"
        with file.open("wb") as out:
            for part in parts:
                out.write(part)
        return file

    # The reader's side

    @property
    def finished(self) -> bool:
        """Whether all rows are here, so that ``rows``, ``size`` and ``chunks`` are final."""
        return self._finished

    @property
    def chunks(self) -> list[Chunk]:
        """The chunks that are here now."""
        with self._changed:
            return list(self._chunks)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the result is known to be small or large: it has ended or filled a first chunk.

        Args:
            timeout: seconds to wait at the most; None waits as long as it takes.

        Returns:
            Whether that is so.
        """

        def known() -> bool:
            full = bool(self._chunks) and self._chunks[0].size >= CHUNK_BYTES
            return full or self._finished or self._error is not None

        with self._changed:
            return self._changed.wait_for(known, timeout)

    def chunk(self, index: int, timeout: float | None = None) -> Chunk | None:
        """Wait for a chunk.

        Args:
            index: its number, from 0.
            timeout: seconds to wait at the most; None waits as long as it takes.

        Returns:
            The chunk, or None when the result ends before it.

        Raises:
            ApiError: when the statement failed on the way, or the time is over.
        """
        with self._changed:
            arrived = self._changed.wait_for(
                lambda: index < len(self._chunks) or self._finished or self._error is not None, timeout
            )
            if index < len(self._chunks):
                return self._chunks[index]
            if self._error is not None:
                raise self._error
            if not arrived:
                raise ApiError(ErrorCode.TIMED_OUT, f"Chunk {index} of the result is not there yet.")
            return None

    def close(self) -> None:
        """Forget the rows; what is on disk is removed."""
        with self._changed:
            self._chunks = []
            self._error = self._error or ApiError(ErrorCode.NOT_FOUND, "The result was closed.")
            self._changed.notify_all()
        if self._folder.exists():
            shutil.rmtree(self._folder, ignore_errors=True)
