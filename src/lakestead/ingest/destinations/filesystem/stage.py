"""The staging of one load's files, each made a file of the table first."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq

from lakestead.ingest.destinations.filesystem.columns import Kept
from lakestead.ingest.destinations.filesystem.conform import conformed, empty, without
from lakestead.ingest.destinations.filesystem.layout import Layout
from lakestead.ingest.destinations.filesystem.seen import Seen
from lakestead.ingest.destinations.filesystem.state import File
from lakestead.ingest.stores import Store


class Stage:
    """Where a load's files wait until they are published.

    Args:
        store: gets them.
        layout: says where.
        load_id: the load.
        columns: what becomes of the source's columns.
        seen: the rows that may come again; None if none can.
        scratch: a folder for files that are written anew.
        digests: whether files get a digest.

    Attributes:
        files: those of the table.
        rejects: those of what the source could not read as rows.
        dropped: how many rows came again.
    """

    def __init__(
        self,
        store: Store,
        layout: Layout,
        load_id: str,
        columns: Sequence[Kept],
        seen: Seen | None,
        scratch: Path,
        *,
        digests: bool,
    ) -> None:
        self._store = store
        self._layout = layout
        self._load_id = load_id
        self._columns = columns
        self._seen = seen
        self._scratch = scratch
        self._digests = digests
        self.files: list[File] = []
        self.rejects: list[File] = []
        self.dropped = 0

    def put(self, path: Path, name: str) -> None:
        """Stage a file of rows, as far as they are new."""
        columns, fresh = self._scratch / f"columns-{name}", self._scratch / f"fresh-{name}"
        try:
            wanted = conformed(path, self._columns, columns)
            if self._seen is not None:
                again = self._seen.again(wanted)
                if len(again):
                    wanted = without(wanted, again, fresh)
                    self.dropped += len(again)
            if _rows(wanted):
                self._upload(wanted, name, self.files)
        finally:
            for made in (columns, fresh):
                made.unlink(missing_ok=True)

    def put_rejects(self, path: Path, name: str) -> None:
        """Stage a file of what the source could not read as rows."""
        self._upload(path, f"rejected-{name}", self.rejects)

    def put_nothing(self) -> None:
        """Stage a file without rows, so that a table without rows has its columns."""
        name = "00000.parquet"
        path = empty(self._columns, self._scratch / name)
        self._upload(path, name, self.files)
        path.unlink()

    def remove(self) -> None:
        """Remove what was staged."""
        self._store.delete(
            self._layout.staging(self._load_id, one.name) for one in (*self.files, *self.rejects)
        )

    def _upload(self, path: Path, name: str, noted: list[File]) -> None:
        found = digest(path) if self._digests else None
        # Noted first: what was half sent is removed too if that fails.
        noted.append(File(name, _rows(path), path.stat().st_size, found))
        self._store.put_file(path, self._layout.staging(self._load_id, name))


def _rows(path: Path) -> int:
    return int(pq.read_metadata(path).num_rows)


def digest(path: Path) -> str:
    """Return the digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
