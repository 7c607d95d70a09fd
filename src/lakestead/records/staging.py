"""Files on their way into a table: Parquet in a volume, for as long as a statement needs them.

Every use has a folder of its own in the volume, named by its time. It is removed in any event; what a killed
process left behind is removed by whoever uses the volume a day later.
"""

from __future__ import annotations

import contextlib
import logging
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from lakestead.client.volumes import folder_name, left_behind, remove_folder
from lakestead.core.errors import SourceError

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

logger = logging.getLogger(__name__)

VOLUME = "_lakestead_staging"
"""The volume that is made in a table's schema when no other is named."""

FILE_BYTES = 128 * 2**20
"""Size that a file may reach: few enough for large loads, and upload and encoding overlap."""

COMPRESSION = "zstd"
"""Of the files' pages."""

_GROUP_BYTES = 32 * 2**20


@dataclass(frozen=True)
class Staged:
    """Files in a volume.

    Args:
        folder: their folder, `/Volumes/…`, with nothing else in it.
        files: their names.
        rows: in all of them.
        size: of all of them, in bytes.
    """

    folder: str
    files: tuple[str, ...]
    rows: int
    size: int


class Staging:
    """A volume that files are staged in.

    Args:
        client: of the workspace.
        volume: its full name: catalog, schema, volume. It is made when it is not there.
        file_bytes: the size that a file of batches may reach.
    """

    def __init__(
        self, client: WorkspaceClient, volume: tuple[str, str, str], *, file_bytes: int = FILE_BYTES
    ) -> None:
        self._client = client
        self._volume = volume
        self._file_bytes = file_bytes

    @property
    def path(self) -> str:
        """The volume's folder."""
        return "/Volumes/" + "/".join(self._volume)

    @contextlib.contextmanager
    def batches(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[Staged]:
        """Stage Arrow batches as Parquet for the length of a `with` block; few batches are in memory.

        Args:
            batches: all of one schema.
            schema: that one.

        Raises:
            DatabricksError: the volume cannot be made or written.
        """
        with tempfile.TemporaryDirectory(prefix="lakestead-") as local:
            files = _parquet_files(batches, schema, Path(local), self._file_bytes)
            with self._staged(files, remove=True) as staged:
                yield staged

    @contextlib.contextmanager
    def files(self, paths: Iterable[Path]) -> Iterator[Staged]:
        """Stage Parquet files as they are for the length of a `with` block.

        Args:
            paths: files whose names differ; they may come to be one by one.

        Raises:
            DatabricksError: the volume cannot be made or written.
            SourceError: two files have one name.
        """
        with self._staged(paths, remove=False) as staged:
            yield staged

    @contextlib.contextmanager
    def _staged(self, paths: Iterable[Path], *, remove: bool) -> Iterator[Staged]:
        folder = f"{self.path}/{folder_name()}"
        self._make(folder)
        names: list[str] = []
        try:
            yield self._upload(folder, paths, names, remove=remove)
        finally:
            self._remove(folder)

    def _upload(self, folder: str, paths: Iterable[Path], names: list[str], *, remove: bool) -> Staged:
        rows = size = 0
        # One file is uploaded while the next is written; not more, for they take room on the disk.
        with ThreadPoolExecutor(1, "upload") as uploader:
            pending: Future[None] | None = None
            for path in paths:
                if path.name in names:
                    raise SourceError(f"two files to stage are named {path.name}")
                rows += pq.read_metadata(path).num_rows
                size += path.stat().st_size
                if pending is not None:
                    pending.result()
                names.append(path.name)
                pending = uploader.submit(self._put, f"{folder}/{path.name}", path, remove=remove)
            if pending is not None:
                pending.result()
        return Staged(folder, tuple(names), rows, size)

    def _put(self, there: str, path: Path, *, remove: bool) -> None:
        with path.open("rb") as stream:
            self._client.files.upload(there, stream, overwrite=True)
        if remove:
            path.unlink()

    def _make(self, folder: str) -> None:
        """Make a folder, and the volume if there is none; look for what others left behind."""
        from databricks.sdk.errors import NotFound, ResourceAlreadyExists
        from databricks.sdk.service.catalog import VolumeType

        try:
            self._client.files.create_directory(folder)
        except NotFound:
            catalog, schema, name = self._volume
            with contextlib.suppress(ResourceAlreadyExists):  # somebody else was first
                self._client.volumes.create(
                    catalog, schema, name, VolumeType.MANAGED, comment="Files on their way into tables"
                )
            self._client.files.create_directory(folder)
        self.sweep()

    def sweep(self) -> list[str]:
        """Remove folders that are older than a day; return them."""
        left = [f"{self.path}/{name}" for name in left_behind(self._client, self.path)]
        for folder in left:
            self._remove(folder)
        return left

    def _remove(self, folder: str) -> None:
        from databricks.sdk.errors.base import DatabricksError

        try:
            remove_folder(self._client, folder)
        except (DatabricksError, OSError) as error:
            # What the files were for has succeeded or failed by itself; in a day they are swept.
            logger.warning("%s could not be removed: %s", folder, error)


def _parquet_files(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, folder: Path, file_bytes: int
) -> Iterator[Path]:
    """Write batches to Parquet files, and yield each when it is complete."""
    groups = _groups(batches, schema)
    group = next(groups, None)
    number = 0
    while group is not None:
        path = folder / f"{number:05}.parquet"
        with pq.ParquetWriter(path, schema, compression=COMPRESSION) as writer:
            while group is not None:
                writer.write_table(group, row_group_size=group.num_rows)
                group = next(groups, None)
                if path.stat().st_size >= file_bytes:
                    break
        yield path
        number += 1


def _groups(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield batches gathered to what is worth a row group."""
    pending: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        if batch.num_rows:
            pending.append(batch)
            size += batch.nbytes
        if size >= _GROUP_BYTES:
            yield pa.Table.from_batches(pending, schema)
            pending, size = [], 0
    if pending:
        yield pa.Table.from_batches(pending, schema)
