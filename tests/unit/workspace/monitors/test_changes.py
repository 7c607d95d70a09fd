"""Which windows of a table have changed, told from its log and files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from lakestead.engine.profiles import Definition, Granularity
from lakestead.workspace.monitors.refreshes.changes import changed_windows
from lakestead.workspace.monitors.refreshes.reading import Reading
from lakestead.workspace.monitors.refreshes.relation import Relation

_DAY, _MONTH = Granularity.parse("1 day"), Granularity.parse("1 month")
_START = datetime(2024, 1, 30, tzinfo=UTC)


@pytest.fixture
def location(tmp_path: Path) -> str:
    """A table with two files: four days from the 30th of January on, then a day in March."""
    _append(tmp_path, 0, 1, 2, 3)
    _append(tmp_path, 40)
    return str(tmp_path)


def _append(location: Path | str, *days: int) -> None:
    instants = pa.array([_START + timedelta(days=day, hours=5) for day in days], pa.timestamp("us", "UTC"))
    write_deltalake(location, pa.table({"at": instants, "day": list(days)}), mode="append")


def _changed(location: str, since: int) -> set[str] | None:
    table = DeltaTable(location)
    relation = Relation(("main", "default", "t"), {"at": "timestamp", "day": "bigint"}, table)
    definition = Definition("at", (_DAY, _MONTH))
    found = changed_windows(Reading(relation, "at", None, {}, {}, definition), since)
    return found and {f"{granularity} {window.start:%m-%d}" for granularity, window in found}


def test_changed_windows(location: str) -> None:
    assert _changed(location, 1) == frozenset()
    assert _changed(location, 0) == {"1 day 03-10", "1 month 03-01"}
    # A file that comes tells its times; so does one that goes, as long as it is there.
    _append(location, 0, 50)
    assert _changed(location, 1) == {"1 day 01-30", "1 day 03-20", "1 month 01-01", "1 month 03-01"}
    DeltaTable(location).delete("day = 0")
    days = {f"1 day {day}" for day in ("01-30", "01-31", "02-01", "02-02", "03-20")}
    months = {f"1 month {month}-01" for month in ("01", "02", "03")}
    assert _changed(location, 2) == days | months


def test_files_that_are_gone(location: str) -> None:
    actions = pa.table(DeltaTable(location).get_add_actions()).to_pylist()
    [first] = [one["path"] for one in actions if one["num_records"] == 4]
    DeltaTable(location).delete("day < 4")
    (Path(location) / unquote(first)).unlink()
    # What VACUUM removed is known by its bounds alone.
    days = {f"1 day {day}" for day in ("01-30", "01-31", "02-01", "02-02")}
    assert _changed(location, 1) == days | {"1 month 01-01", "1 month 02-01"}
    # The log may not reach back.
    DeltaTable(location).create_checkpoint()
    for version in range(2):
        (Path(location) / "_delta_log" / f"{version:020}.json").unlink()
    assert _changed(location, 1) is None


def test_rearranged_files(location: str) -> None:
    DeltaTable(location).optimize.compact()
    assert _changed(location, 1) == frozenset()
    _append(location, 60)
    assert _changed(location, 1) == {"1 day 03-30", "1 month 03-01"}
    _append(location, 70)
    DeltaTable(location).optimize.compact()
    DeltaTable(location).vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
    _append(location, 80)
    days = {f"1 day {day}" for day in ("03-30", "04-09", "04-19")}
    assert _changed(location, 1) == days | {"1 month 03-01", "1 month 04-01"}
