"""The system tables' files: they follow their sources, each row once, also after restarts and pruning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from lakestead.workspace.system.catalog import SystemTables
from lakestead.workspace.system.log import Log, Row
from lakestead.workspace.system.rows import batch
from lakestead.workspace.system.sources import Constant, Source, Stream
from lakestead.workspace.system.tables import columns, declared

AUDIT = "access.audit"
IDS = {"account_id": "a", "workspace_id": "1"}


def ids(folder: Path) -> list[str]:
    """Return the ids of the events in the table, in order of their times."""
    table = pa.table(DeltaTable(folder / "access" / "audit").to_pyarrow_table())
    return [row["event_id"] for row in table.sort_by("event_time").to_pylist()]


@dataclass
class Counted:
    """A source of numbered events of which the first can be removed."""

    count: int = 0
    removed: int = 0
    asked: list[tuple[int, int]] = field(default_factory=list)

    def newest(self) -> int:
        return self.count

    def oldest(self) -> int:
        return self.removed

    def rows(self, after: int, until: int) -> Iterator[Sequence[Row]]:
        self.asked.append((after, until))
        for start in range(max(after, self.removed), until, 1000):
            numbers = range(start, min(start + 1000, until))
            yield [{"event_id": str(number), "event_time": number} for number in numbers]


def tables(folder: Path, source: Source | None) -> SystemTables:
    return SystemTables(folder, {} if source is None else {AUDIT: source}, IDS)


def test_every_declared_type_holds_nothing_and_something(tmp_path: Path) -> None:
    made = tables(tmp_path, None)
    for name in declared():
        made.refresh(name)
        place = tmp_path.joinpath(*name.split("."))
        assert pa.table(DeltaTable(place).to_pyarrow_table()).num_rows == 0
        assert batch(columns(name), [{}], {}).num_rows == 1


def test_each_read_appends_what_is_new(tmp_path: Path) -> None:
    source = Counted(3)
    made = tables(tmp_path, source)
    made.refresh(AUDIT)
    made.refresh(AUDIT)
    source.count = 2500
    made.refresh(AUDIT)
    assert source.asked == [(0, 3), (3, 2500)]
    assert ids(tmp_path) == [str(number) for number in range(2500)]


def test_after_a_restart_it_goes_on_where_it_was(tmp_path: Path) -> None:
    tables(tmp_path, Counted(3)).refresh(AUDIT)
    source = Counted(5)
    tables(tmp_path, source).refresh(AUDIT)
    assert source.asked == [(3, 5)]
    assert ids(tmp_path) == list("01234")


def test_what_its_source_no_longer_has_goes_at_the_next_start(tmp_path: Path) -> None:
    tables(tmp_path, Counted(5)).refresh(AUDIT)
    source = Counted(6, removed=4)
    tables(tmp_path, source).refresh(AUDIT)
    assert ids(tmp_path) == ["4", "5"]


def test_a_source_that_lost_its_end_makes_the_table_anew(tmp_path: Path) -> None:
    tables(tmp_path, Counted(5)).refresh(AUDIT)
    tables(tmp_path, Counted(2)).refresh(AUDIT)
    assert ids(tmp_path) == ["0", "1"]


def test_many_removed_rows_go_while_it_runs(tmp_path: Path) -> None:
    source = Counted(3)
    made = tables(tmp_path, source)
    made.refresh(AUDIT)
    source.count, source.removed = 200_001, 200_000
    made.refresh(AUDIT)
    assert ids(tmp_path) == ["200000"]


def test_small_files_are_written_together(tmp_path: Path) -> None:
    source = Counted()
    made = tables(tmp_path, source)
    for number in range(1, 61):
        source.count = number
        made.refresh(AUDIT)
    assert len(DeltaTable(tmp_path / "access" / "audit").file_uris()) < 15
    assert len(ids(tmp_path)) == 60
    again = Counted(61)
    tables(tmp_path, again).refresh(AUDIT)
    assert again.asked == [(60, 61)]


def test_constants_are_replaced_by_a_newer_version(tmp_path: Path) -> None:
    for version, name in ((7, "old"), (9, "new"), (3, "restored")):
        tables(tmp_path, Constant([{"event_id": name, "event_time": 1}], version)).refresh(AUDIT)
        assert ids(tmp_path) == [name]


def test_values_of_all_kinds(tmp_path: Path) -> None:
    log = Log(tmp_path / "system.db")
    row: dict[str, Any] = {
        "version": "2.0",
        "event_time": 86_400_000 * 3 + 1,
        "user_identity": {"email": "me"},
        "request_params": {"a": "1", "b": None},
        "response": {"status_code": 200},
    }
    log.append(AUDIT, row)
    tables(tmp_path, Stream(log, AUDIT)).refresh(AUDIT)
    log.close()
    (found,) = pa.table(DeltaTable(tmp_path / "access" / "audit").to_pyarrow_table()).to_pylist()
    assert (found["account_id"], found["workspace_id"]) == ("a", "1")
    assert found["event_date"].isoformat() == "1970-01-04"
    assert found["event_time"].isoformat() == "1970-01-04T00:00:00.001000+00:00"
    assert found["user_identity"] == {"email": "me", "subject_name": None}
    assert found["request_params"] == [("a", "1"), ("b", None)]
    assert found["response"] == {"status_code": 200, "error_message": None, "result": None}
    assert found["session_id"] is None


def test_an_unknown_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        tables(tmp_path, None).refresh("access.nothing")
