"""What killed runs and lost answers leave, and what becomes of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lakestead.client import Warehouse
from lakestead.client.volumes import folder_name, is_left_behind
from lakestead.ingest.loading.names import Table
from lakestead.ingest.loading.package import Package
from lakestead.ingest.loading.staging import VOLUME, sweep_store, sweep_volume
from lakestead.ingest.loading.state import State
from lakestead.ingest.stores import open_store
from lakestead.testing import Workspace

from .tables import Shop

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def shop(tmp_path: Path, workspace_session: Workspace) -> Iterator[Shop]:
    made = Shop(tmp_path, workspace_session)
    made.source("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)")
    made.jobs({"table_name": "t"})
    made.one()
    yield made
    made.remove()


def _package(load_id: str) -> Package:
    return Package(load_id, ("00000.parquet",), (), (), "append", datetime.now(UTC), 1, 1)


def test_a_claim_that_is_sent_twice_is_one(shop: Shop, warehouse: Warehouse) -> None:
    state = State(warehouse, "other", Table("main", shop.schema, "t"))
    seen = state.read()
    ours, theirs = _package(folder_name()), _package(folder_name())

    assert state.claim(seen, ours)
    assert state.claim(seen, ours)  # the answer to the first was lost
    assert not state.claim(seen, theirs)
    assert state.read().pending == ours
    state.finish(ours, None)
    later = replace(theirs, load_id=folder_name())
    assert not state.claim(seen, later)  # it has not seen that claim
    assert state.claim(state.read(), later)
    assert state.claim(replace(state.read(), pending=None), later)


def test_a_volume_is_swept(shop: Shop, warehouse: Warehouse) -> None:
    target = Table("main", shop.schema, "t")
    left, pending, recent = folder_name(LONG_AGO), folder_name(LONG_AGO), folder_name()
    volume = f"/Volumes/main/{shop.schema}/{VOLUME}"
    for name in (left, f"{left}/rejected", pending, recent, "somebody's"):
        warehouse.client.files.upload(f"{volume}/{name}/00000.parquet", io.BytesIO(b"x"))

    sweep_volume(warehouse, target, {pending})

    found = {str(entry.name) for entry in warehouse.client.files.list_directory_contents(volume)}
    assert found == {pending, recent, "somebody's"}


def test_a_store_is_swept_of_its_own_schema_alone(warehouse: Warehouse, tmp_path: Path) -> None:
    left, pending, recent = folder_name(LONG_AGO), folder_name(LONG_AGO), folder_name()
    kept = [
        f"prod/raw/t/{left}/00000.parquet",  # the same schema of another catalog, in the same place
        f"dev/other/t/{left}/00000.parquet",
        f"dev/raw/t/{pending}/00000.parquet",
        f"dev/raw/t/{recent}/00000.parquet",
        "dev/raw/t/notes.txt",
    ]
    gone = [f"dev/raw/t/{left}/00000.parquet", f"dev/raw/t/{left}/rejected/00000.parquet"]
    for key in (*kept, *gone):
        path = tmp_path / "store" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    with open_store(str(tmp_path / "store")) as store:
        sweep_store(store, Table("dev", "raw", "t"), {pending})

        assert sorted(entry.key for entry in store.list()) == sorted(kept)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (folder_name(), False),
        (folder_name(LONG_AGO), True),
        ("20200101T000000Z", True),
        ("not a time", False),
        ("20209901T000000Z-x", False),
    ],
    ids=["new", "old", "old without a suffix", "another name", "no date"],
)
def test_what_is_left_behind(name: str, expected: bool) -> None:
    assert is_left_behind(name) is expected
