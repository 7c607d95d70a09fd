"""Data files that are not yet part of a table.

delta-rs writes them, as a table of their own without any rules in a folder inside the table's, which VACUUM
clears when a killed process has left it. Its log is what gives the files' statistics.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
from deltalake import ColumnProperties, WriterProperties, write_deltalake

from lakestead.engine.delta.conform import Conform
from lakestead.engine.delta.errors import mapped
from lakestead.engine.delta.log import Action, Metadata, local_path
from lakestead.engine.delta.table import DeltaColumn


@dataclass(frozen=True, slots=True)
class Staged:
    """Files that wait for their commit.

    Attributes:
        folder: where they are, a Delta table of its own.
        rows: how many they hold.
        adds: the log's entries for them.
    """

    folder: Path
    rows: int
    adds: tuple[Action, ...]

    @property
    def location(self) -> str:
        """Where they can be queried."""
        return str(self.folder)

    @property
    def size(self) -> int:
        """Their bytes."""
        return sum(one["add"]["size"] for one in self.adds)

    def adopt(self) -> list[Action]:
        """Move the files among the table's own and return the log's entries for them."""
        for one in self.adds:
            path = unquote(one["add"]["path"])
            target = self.folder.parent / path
            target.parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).rename(target)
        return list(self.adds)


@contextmanager
def staged(
    location: str, reader: pa.RecordBatchReader, metadata: Metadata, plain: Sequence[str] = ()
) -> Iterator[Staged]:
    """Write rows to files beside a table's; those that were not adopted are removed at the end.

    Args:
        location: the table's folder.
        reader: the rows.
        metadata: the table's columns and partitions.
        plain: columns that get no dictionary in the files.

    Raises:
        DeltaError: SCHEMA, NOT_NULL. What the reader raises.
    """
    folder = local_path(location) / f"staged-{uuid.uuid4()}"
    conform = Conform(reader.schema, tuple(DeltaColumn.of_field(one) for one in metadata.fields))
    failures: list[Exception] = []
    without = {name: ColumnProperties(dictionary_enabled=False) for name in plain}

    def batches() -> Iterator[pa.RecordBatch]:
        # An error that crosses into native code and back would lose its type.
        try:
            yield from conform.batches(reader)
        except Exception as error:
            failures.append(error)
            raise

    try:
        try:
            with mapped():
                write_deltalake(
                    folder,
                    pa.RecordBatchReader.from_batches(conform.schema, batches()),
                    mode="error",
                    partition_by=metadata.partition_columns or None,
                    writer_properties=WriterProperties(compression="SNAPPY", column_properties=without),
                )
        except Exception:
            if failures:
                raise failures[0] from None
            raise
        yield Staged(folder, conform.rows, tuple(_adds(folder)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _adds(folder: Path) -> Iterator[Action]:
    with (folder / "_delta_log" / f"{0:020}.json").open(encoding="utf-8") as log:
        for line in log:
            action: Action = json.loads(line)
            if "add" in action:
                yield {"add": {key: value for key, value in action["add"].items() if value is not None}}
