"""Files are a source of files: only new ones, and what could not be read of them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq

from lakestead.ingest.destinations import FilesystemDestination
from lakestead.ingest.destinations.destination import Loaded
from lakestead.ingest.jobs import Job
from lakestead.ingest.loading.windows import Backfill
from lakestead.ingest.sources.registry import SOURCES

from .places import Listening, Place, rewind

_FIELDS = {
    "name": "csv",
    "source_type": "filesystem",
    "source_name": "in",
    "path": "*.csv",
    "target_table": "items",
    "load_type": "INCREMENTAL",
    "incremental_by": "name",
}


def _load(place: Place, folder: Path, backfill: Backfill | None = None, **fields: object) -> Loaded:
    source = SOURCES.get("filesystem")("in", {"bucket_url": str(folder)})
    with closing(source), closing(FilesystemDestination("files", place.secrets)) as destination:
        job = Job.model_validate(_FIELDS | {"target_format": place.form} | fields)
        return destination.load(job, source, Listening(), backfill)


def _files(folder: Path, **texts: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")


def test_new_files_are_loaded_once(folder: Place, tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    _files(inbox, a="id,name\n1,x\n1,x\n", b="id,name\n2,y\n")
    assert _load(folder, inbox).counts.inserted == 3
    assert _load(folder, inbox).counts.inserted == 0
    _files(inbox, c="id,name\n2,y\n")
    assert _load(folder, inbox).counts.inserted == 1
    assert folder.rows("items") == [(1, "x"), (1, "x"), (2, "y"), (2, "y")]
    # Of a part of the past only what is missing comes.
    _files(inbox, b="id,name\n2,y\n3,z\n")
    assert _load(folder, inbox, Backfill((inbox / "b.csv").as_uri(), None)).counts.inserted == 1
    assert _load(folder, inbox).counts.inserted == 0
    assert folder.rows("items") == [(1, "x"), (1, "x"), (2, "y"), (2, "y"), (3, "z")]


def test_lines_that_cannot_be_read_are_kept_beside_the_table(folder: Place, tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    _files(inbox, a="id,name\n1,x\n2\n3,z\n")
    fields = {"format_options": {"on_bad_lines": "reject"}}
    done = _load(folder, inbox, **fields)
    assert (done.counts.inserted, done.counts.rejected) == (2, 1)
    rewind(folder, "staged", **_FIELDS, **fields)
    assert _load(folder, inbox, **fields).resumed
    assert folder.rows("items") == [(1, "x"), (3, "z")]
    [key] = folder.keys("_lakestead/rejects/items/load_date=*/*.parquet")
    with folder.store() as store:
        store.get_file(key, tmp_path / "rejects.parquet")
    [reject] = pq.read_table(tmp_path / "rejects.parquet").to_pylist()
    assert (reject["line"], reject["row"]) == (3, "2")
