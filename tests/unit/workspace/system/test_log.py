"""The event log: what is appended is there, chained, and no more than is kept."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakestead.workspace.system.chain import Chain, verify
from lakestead.workspace.system.log import Log

STREAM = "access.audit"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of a log with ten rows of one stream and one of another."""
    file = tmp_path / "system.db"
    log = Log(file)
    log.append_many(STREAM, [{"n": n} for n in range(10)])
    log.append("compute.warehouses", {"n": "ä"})
    log.close()
    return file


def change(path: Path, statement: str) -> None:
    """Do what somebody with a hand on the file could do."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement)
    connection.close()


def audit(path: Path) -> Chain:
    """Return what is found of the audit's rows."""
    return next(chain for chain in verify(path) if chain.stream == STREAM)


def test_rows_come_back_in_order_with_their_numbers(path: Path) -> None:
    log = Log(path)
    assert log.rows_after(STREAM, 8) == [(9, {"n": 8}), (10, {"n": 9})]
    assert log.rows_after(STREAM, 0, limit=1) == [(1, {"n": 0})]
    assert log.rows_after(STREAM, 10) == []
    log.append(STREAM, {"n": 10})
    log.flush()
    assert log.rows_after(STREAM, 10) == [(11, {"n": 10})]
    log.close()


def test_the_file_is_its_owners_alone(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_rows_made_later_and_those_that_cannot_be_made(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = Log(tmp_path / "system.db")

    def broken() -> Iterator[tuple[str, dict[str, int]]]:
        raise ValueError("no")

    log.append_later(broken)
    log.append_later(lambda: [(STREAM, {"n": 1}), ("other", {"n": 2})])
    log.flush()
    assert log.rows_after(STREAM, 0) == [(1, {"n": 1})]
    assert log.rows_after("other", 0) == [(1, {"n": 2})]
    assert "could not be made" in caplog.text
    log.close()


def test_an_untouched_chain_is_whole(path: Path) -> None:
    chains = verify(path)
    assert [(one.stream, one.first, one.last, one.faults) for one in chains] == [
        (STREAM, 1, 10, ()),
        ("compute.warehouses", 1, 1, ()),
    ]


@pytest.mark.parametrize(
    ("statement", "number", "problem"),
    [
        ("UPDATE rows SET row = '{\"n\":77}' WHERE number = 4 AND stream = 'access.audit'", 4, "changed"),
        ("UPDATE rows SET at_ms = 1 WHERE number = 4 AND stream = 'access.audit'", 4, "changed"),
        ("DELETE FROM rows WHERE number = 4 AND stream = 'access.audit'", 4, "is missing"),
        ("DELETE FROM rows WHERE number BETWEEN 4 AND 6 AND stream = 'access.audit'", 4, "up to 6"),
        ("DELETE FROM rows WHERE number > 8 AND stream = 'access.audit'", 9, "up to 10"),
        ("DELETE FROM rows WHERE number < 3 AND stream = 'access.audit'", 1, "up to 2"),
        ("INSERT INTO rows VALUES ('access.audit', 11, 1, '{}', 'x')", 11, "hash"),
        ("INSERT INTO rows VALUES ('access.audit', 0, 1, '{}', 'x')", 0, "inserted before"),
        ("UPDATE heads SET hash = 'x' WHERE stream = 'access.audit'", 10, "newest"),
    ],
)
def test_tampering_is_found_and_the_row_is_named(
    path: Path, statement: str, number: int, problem: str
) -> None:
    change(path, statement)
    fault = audit(path).faults[0]
    assert (fault.stream, fault.number) == (STREAM, number)
    assert problem in fault.problem


def test_a_row_removed_with_all_numbers_moved_up_is_found(path: Path) -> None:
    change(path, "DELETE FROM rows WHERE number = 4 AND stream = 'access.audit'")
    for number in range(5, 11):
        change(
            path, f"UPDATE rows SET number = {number - 1} WHERE number = {number} AND stream = 'access.audit'"
        )
    assert audit(path).faults[0].number == 4


def test_what_is_appended_after_the_end_was_cut_off_does_not_hide_it(path: Path) -> None:
    change(path, "DELETE FROM rows WHERE number > 8 AND stream = 'access.audit'")
    log = Log(path)
    log.append(STREAM, {"n": "new"})
    log.close()
    assert [fault.number for fault in audit(path).faults] == [9]


def test_rows_that_could_not_be_written_are_missed(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    log = Log(path)
    log.flush()
    change(path, "ALTER TABLE rows RENAME TO elsewhere")
    log.append_many(STREAM, [{"n": "lost"}, {"n": "lost too"}])
    log.flush()
    change(path, "ALTER TABLE elsewhere RENAME TO rows")
    log.append(STREAM, {"n": 10})
    log.close()
    assert "2 rows of the event log were lost" in caplog.text
    assert [(fault.number, fault.problem) for fault in audit(path).faults] == [
        (11, "and all rows up to 12 are missing")
    ]


def test_a_hash_that_was_noted_is_found_again(path: Path) -> None:
    noted = audit(path).head
    log = Log(path)
    log.append(STREAM, {"n": 10})
    log.close()
    assert [chain.known for chain in verify(path, noted)] == [True, False]
    assert [chain.known for chain in verify(path, "0f")] == [False, False]


def test_old_rows_are_pruned_and_that_is_no_fault(path: Path) -> None:
    noted = audit(path).head
    log = Log(path, keep_rows=4)
    log.append(STREAM, {"n": 10})
    log.close()
    chain = next(one for one in verify(path, noted) if one.stream == STREAM)
    assert (chain.first, chain.last, chain.faults, chain.known) == (7, 11, (), True)


def test_a_log_that_is_being_written_can_be_verified(path: Path) -> None:
    log = Log(path)
    log.append(STREAM, {"n": 10})
    log.flush()
    assert (audit(path).last, audit(path).faults) == (11, ())
    log.close()


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        verify(tmp_path / "none.db")
    (tmp_path / "file").write_text("not a database at all, but long enough to be taken for one" * 50)
    with pytest.raises(sqlite3.DatabaseError):
        verify(tmp_path / "file")


def test_times_never_go_back(tmp_path: Path) -> None:
    times: list[int] = []
    for _ in range(2):
        log = Log(tmp_path / "system.db")
        for _ in range(3):
            log.append_at(lambda now: [(STREAM, {"at": times.append(now)})])
        log.flush()
        assert log.newest_ms() == times[-1]
        log.close()
    assert times == sorted(times)
    assert len(times) == 6
