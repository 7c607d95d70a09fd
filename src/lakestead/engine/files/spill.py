"""Records of many files in one Parquet file, with what is known of the file that each came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lakestead.core.datatypes import LONG, STRING, TIMESTAMP, Field, Struct
from lakestead.engine.delta.conform import Conform
from lakestead.engine.delta.table import DeltaColumn
from lakestead.engine.files.listing import SourceFile

METADATA = "_metadata"
METADATA_TYPE = Struct(
    (
        Field("file_path", STRING),
        Field("file_name", STRING),
        Field("file_size", LONG),
        Field("file_block_start", LONG),
        Field("file_block_length", LONG),
        Field("file_modification_time", TIMESTAMP),
    )
)


class Spill:
    """A Parquet file that takes records; read once and removed, so nothing is spent on making it small.

    Args:
        target: where it is written.
        columns: of the records of all files together; those of a batch go by name, what it lacks is null.
        partitions: further columns, whose values the files' folders give.
        metadata: whether each record gets a ``_metadata`` column.
    """

    def __init__(
        self, target: Path, columns: Sequence[DeltaColumn], partitions: Sequence[str], *, metadata: bool
    ) -> None:
        fields = [
            *(column.arrow for column in columns),
            *(pa.field(name, pa.string()) for name in partitions),
        ]
        if metadata:
            fields.append(pa.field(METADATA, METADATA_TYPE.to_arrow()))
        self._columns = tuple(columns)
        self._partitions = partitions
        self._metadata = metadata
        self._schema = pa.schema(fields)
        self._writer = pq.ParquetWriter(
            target, self._schema, compression="lz4", use_dictionary=False, write_statistics=False
        )

    def __enter__(self) -> Spill:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()
        # What reading took is not needed again soon, and the rows are written next.
        pa.default_memory_pool().release_unused()

    def write(self, file: SourceFile, batch: pa.RecordBatch) -> None:
        """Take records of a file.

        Raises:
            DeltaError: they have columns or values that do not fit.
        """
        own = Conform(batch.schema, self._columns).batch(batch)
        constants: list[Any] = [file.partition.get(name) for name in self._partitions]
        if self._metadata:
            constants.append(_described(file))
        added = [
            pa.repeat(pa.scalar(value, field.type), batch.num_rows)
            for value, field in zip(constants, list(self._schema)[len(self._columns) :], strict=True)
        ]
        self._writer.write_batch(pa.RecordBatch.from_arrays([*own.columns, *added], schema=self._schema))


def _described(file: SourceFile) -> Mapping[str, Any]:
    return {
        "file_path": file.name,
        "file_name": file.basename,
        "file_size": file.size,
        "file_block_start": 0,
        "file_block_length": file.size,
        "file_modification_time": datetime.fromtimestamp(file.modified, UTC),
    }
