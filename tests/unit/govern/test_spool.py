from __future__ import annotations

from pathlib import Path

import pytest

from lakestead.core.errors import ConfigError, ConnectionFailed
from lakestead.govern.workspaces.spool import Record, Spool


def record(number: int) -> Record:
    return Record(f"id-{number}", "2026-01-01T00:00:00+00:00", "audit", "{}")


def ids(records: list[Record]) -> list[str]:
    return [one.record_id for one in records]


def test_what_one_workspace_was_sent_goes_to_no_other(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool.db")
    for number in range(3):
        spool.add(record(number))
    assert ids(spool.take("first", fresh=True, most=2)) == ["id-0", "id-1"]
    assert ids(spool.take("second", fresh=True, most=10)) == ["id-2"]
    assert ids(spool.take("first", fresh=True, most=10)) == ["id-0", "id-1"]
    spool.add(record(3))
    assert ids(spool.take("second", fresh=False, most=10)) == ["id-2"]
    spool.close()


def test_it_is_found_again_by_the_next_program(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool.db")
    spool.add(record(0))
    spool.add(record(1))
    spool.done(spool.take("first", fresh=True, most=1))
    spool.take("first", fresh=True, most=1)
    spool.close()
    again = Spool(tmp_path / "spool.db")
    assert len(again) == 1
    assert ids(again.take("second", fresh=True, most=9)) == []
    assert ids(again.take("first", fresh=False, most=9)) == ["id-1"]
    again.close()


def test_it_has_bounds(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool.db", max_records=1)
    spool.add(record(0))
    with pytest.raises(ConnectionFailed, match="1 records wait for a workspace"):
        spool.add(record(1))
    spool.done(spool.take("first", fresh=True, most=1))
    spool.add(record(1))
    spool.close()


def test_two_programs_do_not_deliver_the_same(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool.db")
    with pytest.raises(ConfigError, match="cannot be used as a spool"):
        Spool(tmp_path / "spool.db")
    spool.close()
