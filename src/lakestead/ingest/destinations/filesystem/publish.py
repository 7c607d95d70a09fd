"""From staged files to files of the table: moved, counted, and what they replace removed.

Everything here can be repeated, and can be done by two processes at the same time.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from lakestead.ingest.destinations.filesystem.layout import Layout
from lakestead.ingest.destinations.filesystem.stage import digest
from lakestead.ingest.destinations.filesystem.state import Claim, File
from lakestead.ingest.loading.loader import Mismatch
from lakestead.ingest.stores import Store

_AT_A_TIME = 8
# The magic number at a Parquet file's end, and the length of the footer before it.
_TAIL = 8
_FOOTER = 64 * 1024


def publish(store: Store, layout: Layout, claim: Claim) -> None:
    """Move the files of a claimed load to their places.

    Raises:
        SourceError: when a file is neither staged nor published.
    """
    package = claim.package
    load_id, started = package.load_id, package.started
    places = {file.name: layout.published(load_id, started, file.name) for file in claim.files}
    places |= {name: layout.rejected(load_id, started, name) for name in package.rejects}
    staged = [layout.staging(load_id, name) for name in places]
    with ThreadPoolExecutor(_AT_A_TIME, "publish") as pool:
        list(pool.map(store.move, staged, places.values()))


def reconcile(store: Store, layout: Layout, claim: Claim) -> None:
    """Compare published files with what was staged: their rows, and their bytes if they have digests.

    Raises:
        Mismatch: when they differ.
    """
    with ThreadPoolExecutor(_AT_A_TIME, "reconcile") as pool:
        list(pool.map(lambda file: _compare(store, layout, claim, file), claim.files))


def remove_replaced(store: Store, claim: Claim) -> None:
    """Delete the files that make way for a load's."""
    with ThreadPoolExecutor(_AT_A_TIME, "remove") as pool:
        list(pool.map(lambda key: store.delete([key]), claim.replaced))


def _compare(store: Store, layout: Layout, claim: Claim, file: File) -> None:
    key = layout.published(claim.package.load_id, claim.package.started, file.name)
    rows = _rows(store, key, file.size)
    if rows != file.rows:
        raise Mismatch(
            f"{store.url(key)} has {'no' if rows is None else rows} rows, {file.rows} were staged: does"
            " something else write there?"
        )
    if file.digest is not None and _digest(store, key) != file.digest:
        raise Mismatch(f"{store.url(key)} is not what was staged: does something else write there?")


def _rows(store: Store, key: str, size: int) -> int | None:
    """Return what a Parquet file's footer says; no more of the file is read than its end."""
    tail = store.read(key, max(0, size - _FOOTER), size)
    length = int.from_bytes(tail[-_TAIL:-4], "little") + _TAIL
    if len(tail) < length <= size:
        tail = store.read(key, size - length, size)
    try:
        return int(pq.read_metadata(pa.BufferReader(tail)).num_rows)
    except (pa.ArrowInvalid, OSError):
        return None


def _digest(store: Store, key: str) -> str:
    with TemporaryDirectory(prefix="lakestead-ingest-") as folder:
        path = Path(folder) / "published"
        store.get_file(key, path)
        return digest(path)
