"""OPTIMIZE, VACUUM, RESTORE, TRUNCATE and what the history says of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from lakestead.core.datatypes import LONG, STRING
from lakestead.engine import delta
from lakestead.engine.delta import Commit, Definition, DeltaColumn, DeltaError, DeltaErrorKind
from lakestead.engine.sail import EngineSession

WRITE = Commit("WRITE")
FILES = 4


@pytest.fixture
def location(tmp_path: Path) -> str:
    """A table of two partitions with four files each."""
    location = str(tmp_path / "table")
    columns = (DeltaColumn("Id", LONG), DeltaColumn("part", STRING))
    delta.create(location, Definition(columns, ("part",)), WRITE)
    for number in range(FILES):
        data = pa.table({"Id": [number, number], "part": ["a", "b"]})
        delta.write(location, data.to_reader(), WRITE)
    return location


def ids(session: EngineSession, location: str) -> list[int]:
    found: list[int] = (
        session.query(f"SELECT Id FROM delta.`{location}` ORDER BY Id").column("Id").to_pylist()
    )
    return found


def test_optimize_joins_files_of_each_partition(location: str, session: EngineSession) -> None:
    delta.add_check(location, "even", "Id % 1 = 0 AND year(current_date()) > 2000", WRITE, session.query)
    before = ids(session, location)
    done = delta.optimize(location, Commit("OPTIMIZE"), where=[("part", "=", "a")])
    assert (len(done.added), len(done.removed), done.partitions) == (1, FILES, 1)
    done = delta.optimize(location, Commit("OPTIMIZE"), zorder_by=["Id"])
    assert (len(done.added), len(done.removed), done.partitions) == (2, FILES + 1, 2)
    again = delta.optimize(location, Commit("OPTIMIZE"))
    assert (again.added, again.removed) == ((), ())
    assert ids(session, location) == before
    assert delta.state(location).files == 2


def test_vacuum_deletes_what_is_old_enough(location: str, session: EngineSession) -> None:
    stray = Path(location, "staged-by-a-killed-process", "part.parquet")
    stray.parent.mkdir()
    stray.write_bytes(b"x")
    delta.optimize(location, Commit("OPTIMIZE"))
    assert delta.vacuum(location, Commit("VACUUM"), dry_run=True) == []
    found = delta.vacuum(location, Commit("VACUUM"), hours=0, dry_run=True)
    assert len(found) == 2 * FILES + 1
    assert stray.exists()
    assert sorted(delta.vacuum(location, Commit("VACUUM"), hours=0)) == sorted(found)
    assert len(list(Path(location).rglob("*.parquet"))) == 2
    assert not stray.exists()
    assert ids(session, location) == sorted([*range(FILES)] * 2)


def test_restore_brings_back_rows_and_columns(location: str, session: EngineSession) -> None:
    delta.truncate(location, Commit("TRUNCATE"))
    delta.add_columns(location, [DeltaColumn("new", LONG)], WRITE)
    assert ids(session, location) == []
    done = delta.restore(location, FILES, Commit("RESTORE"))
    assert (done.files, len(done.restored), done.removed) == (2 * FILES, 2 * FILES, ())
    assert done.size == sum(done.restored)
    assert [column.name for column in delta.state(location).columns] == ["Id", "part"]
    assert len(ids(session, location)) == 2 * FILES


def test_restore_to_what_never_was(location: str) -> None:
    for target in (FILES + 1, -1, datetime(2000, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(days=1)):
        with pytest.raises(DeltaError) as error:
            delta.restore(location, target, Commit("RESTORE"))
        assert error.value.kind is DeltaErrorKind.VERSION


def test_a_version_is_found_by_time(location: str) -> None:
    commits = delta.history(location)
    assert delta.version_at(location, commits[-1].timestamp) >= 0
    assert delta.version_at(location, commits[0].timestamp) == FILES


def test_history_says_who_did_what(location: str) -> None:
    delta.optimize(location, Commit("OPTIMIZE", {"predicate": "[]"}, user="ann"))
    delta.truncate(location, Commit("TRUNCATE", user="bob"))
    newest, optimize = delta.history(location, limit=2)
    assert (newest.operation, newest.user, newest.read_version) == ("TRUNCATE", "bob", FILES + 1)
    assert newest.metrics["numRemovedFiles"] == "2"
    assert (optimize.operation, optimize.user, optimize.parameters["predicate"]) == ("OPTIMIZE", "ann", "[]")
    with pytest.raises(DeltaError) as error:
        delta.commit_metrics(location, 100)
    assert error.value.kind is DeltaErrorKind.VERSION
