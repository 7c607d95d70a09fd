"""Whatever is killed when, and whoever else runs: the files are right after the next run."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lakestead.ingest.destinations.destination import Busy, new_load_id
from lakestead.ingest.destinations.filesystem.state import Claim, State
from lakestead.ingest.loading.loader import Mismatch
from lakestead.ingest.loading.package import Package
from lakestead.ingest.stores import open_store

from .places import Database, Listening, Place, load, rewind

_ROOT = Path(__file__).parents[4]
_ITEMS = "SELECT * FROM items ORDER BY ALL"
_FULL: dict[str, Any] = {"chunk_size": 2048}
_INCREMENTAL = _FULL | {"load_type": "INCREMENTAL", "watermark_column": "changed", "lag": "1 hour"}
_MORE = (
    "INSERT INTO items SELECT i, 'more', 1, TIMESTAMPTZ '2024-01-01 03:30:00+00' + INTERVAL (i) SECOND"
    " FROM range(5000) r(i); INSERT INTO items FROM items WHERE id = 5"
)


def _killed(place: Place, database: Database, fields: dict[str, Any], at: str) -> None:
    """Run the job in a process of its own that is killed when it says what is given."""
    given = [json.dumps(asdict(place)), str(database.path), json.dumps(fields), at]
    program = [sys.executable, str(Path(__file__).with_name("killed.py")), *given]
    path = os.pathsep.join((str(_ROOT), *sys.path))
    done = subprocess.run(program, env={**os.environ, "PYTHONPATH": path}, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        (_FULL, "advanced"),
        (_FULL, "replace into"),
        (_INCREMENTAL, "advanced"),
        (_INCREMENTAL, "append into"),
    ],
)
def test_a_run_that_is_killed_before_its_claim_has_done_nothing(
    folder: Place, database: Database, fields: dict[str, Any], at: str
) -> None:
    load(folder, database, **fields)
    before = folder.rows("items")
    database.run(_MORE)
    _killed(folder, database, fields, at)
    assert folder.rows("items") == before
    done = load(folder, database, **fields)
    assert not done.resumed
    assert folder.rows("items") == database.rows(_ITEMS)


@pytest.mark.parametrize("fields", [_FULL, _INCREMENTAL], ids=["full", "incremental"])
@pytest.mark.parametrize("to", ["staged", "published"])
@pytest.mark.parametrize("runs", [1, 2])
@pytest.mark.parametrize("place", ["folder-delta", "s3", "azure-signature"], indirect=True)
def test_a_claimed_load_is_finished_by_the_next_run(
    place: Place, database: Database, fields: dict[str, Any], to: str, runs: int
) -> None:
    if runs == 2:
        load(place, database, **fields)
        database.run(_MORE)
    load(place, database, **fields)
    rewind(place, to, **fields)
    database.run("INSERT INTO items VALUES (-1, 'newest', 1, '2024-01-01 09:00:00+00')")
    done = load(place, database, **fields)
    assert done.resumed
    assert place.rows("items") == database.rows(_ITEMS)
    assert not place.keys("_lakestead/staging/**")
    again = load(place, database, **fields)
    assert not again.resumed
    assert place.rows("items") == database.rows(_ITEMS)


def test_a_commit_that_was_not_made_yet_is_made(tmp_path: Path, database: Database) -> None:
    place = Place(str(tmp_path / "lake"), form="delta")
    load(place, database, **_INCREMENTAL)
    database.run(_MORE)
    load(place, database, **_INCREMENTAL)
    rewind(place, "published", **_INCREMENTAL)
    newest = place.keys("items/_delta_log/*.json")[-1]
    (tmp_path / "lake" / newest).unlink()
    assert len(place.rows("items")) == 5
    assert load(place, database, **_INCREMENTAL).resumed
    assert place.rows("items") == database.rows(_ITEMS)


def test_a_commit_that_was_made_is_not_made_again(tmp_path: Path, database: Database) -> None:
    place = Place(str(tmp_path / "lake"), form="delta")
    load(place, database, **_INCREMENTAL)
    rewind(place, "published", **_INCREMENTAL)
    assert load(place, database, **_INCREMENTAL).resumed
    assert len(place.keys("items/_delta_log/*.json")) == 1


def test_of_two_runs_at_once_one_wins(place: Place, database: Database) -> None:
    def other(what: str) -> None:
        if what.startswith("append into"):
            assert load(place, database, **_INCREMENTAL).counts.inserted == 5

    with pytest.raises(Busy, match=r"another run of it is loading .*items"):
        load(place, database, Listening(other), **_INCREMENTAL)
    assert place.rows("items") == database.rows(_ITEMS)
    assert not place.keys("_lakestead/staging/**")


@pytest.mark.parametrize("fields", [_FULL, _INCREMENTAL], ids=["full", "incremental"])
def test_two_runs_finish_one_load_together(place: Place, database: Database, fields: dict[str, Any]) -> None:
    load(place, database, **fields)
    database.run(_MORE)
    load(place, database, **fields)
    rewind(place, "staged", **fields)

    def run(_: int) -> bool:
        try:
            return load(place, database, **fields).resumed
        except Busy:
            return False

    with ThreadPoolExecutor(2) as pool:
        assert any(pool.map(run, range(2)))
    assert place.rows("items") == database.rows(_ITEMS)


def test_a_run_that_was_overtaken_while_it_published_harms_nothing(place: Place, database: Database) -> None:
    """One run is about to finish a load that another finishes, and replaces by the next."""
    load(place, database, **_FULL)
    rewind(place, "staged", **_FULL)

    def overtake(what: str) -> None:
        if what.startswith("finish"):
            load(place, database, **_FULL)
            database.run("DELETE FROM items WHERE id > 2")
            load(place, database, **_FULL)

    load(place, database, Listening(overtake), **_FULL)
    assert place.rows("items") == database.rows(_ITEMS)


def test_a_load_number_that_was_forgotten_is_not_claimed_again(tmp_path: Path) -> None:
    with open_store(str(tmp_path)) as store:
        state = State(store, "state/job")

        def claim(number: int) -> bool:
            load_id, started = new_load_id()
            package = Package(load_id, (), (), (), "append", started, 0, 0)
            return state.claim(number, Claim(package, "parquet", (), ()))

        for number in range(1, 28):
            assert claim(number)
            state.finish(number)
        assert len(list(store.list("state/job/*"))) == 40
        assert not claim(3)
        assert not claim(27)
        assert not store.exists("state/job/00000003.json")
        assert state.read().number == 27


def test_a_table_whose_state_was_deleted_goes_on(tmp_path: Path, database: Database) -> None:
    """The numbers of a Delta table's own log count: a smaller one would pass for a load that was made."""
    place = Place(str(tmp_path / "lake"), form="delta")
    for _ in range(3):
        load(place, database, strategy="append")
    shutil.rmtree(tmp_path / "lake" / "_lakestead")
    load(place, database, strategy="append")
    assert len(place.rows("items")) == 20


def test_what_was_staged_long_ago_and_never_claimed_is_removed(folder: Place, database: Database) -> None:
    load(folder, database)
    ids = (f"{datetime.now(UTC) - timedelta(hours=hours):%Y%m%dT%H%M%SZ}-{'0' * 32}" for hours in (48, 2))
    old, new = (f"_lakestead/staging/shop.items/items/{load_id}/00000.parquet" for load_id in ids)
    with folder.store() as store:
        store.create(old, b"abandoned")
        store.create(new, b"perhaps still being staged")
    load(folder, database)
    assert folder.keys("_lakestead/staging/**") == [new]


@pytest.mark.parametrize("reconcile", ["count", "hash"])
def test_files_that_are_not_what_was_staged_are_found(
    folder: Place, database: Database, reconcile: str
) -> None:
    load(folder, database, reconcile=reconcile)
    rewind(folder, "published", reconcile=reconcile)
    [key] = folder.keys("items/load_date=*/*.parquet")
    with folder.store() as store:
        content = bytearray(store.read(key))
        at = -1 if reconcile == "count" else len(content) // 3
        content[at] ^= 0xFF
        store.delete([key])
        store.create(key, bytes(content))
    with pytest.raises(Mismatch, match=r"does something else write there"):
        load(folder, database, reconcile=reconcile)
    assert not folder.keys("_lakestead/state/**/*.done")
