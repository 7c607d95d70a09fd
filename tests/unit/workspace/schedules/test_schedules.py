"""The clock: what is due runs, once, and nothing stops it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from lakestead.workspace.errors import ApiError
from lakestead.workspace.schedules.service import Schedules

START = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EVERY_MINUTE = "0 * * * * ?"


@pytest.fixture
def schedules() -> Iterator[Schedules]:
    made = Schedules(lambda: START)
    yield made
    made.close()


def test_what_is_due_runs_once_and_again_when_it_is_due_again(schedules: Schedules) -> None:
    came: list[str] = []

    def due(at: datetime) -> list[str]:
        came.clear()
        for one in schedules.run_due(at):
            one.result(30)
        return sorted(came)

    schedules.set("a", EVERY_MINUTE, "UTC", lambda: came.append("a"))
    schedules.set("b", "0 0 12 * * ?", "UTC", lambda: came.append("b"))
    assert due(START) == []
    assert due(START + MINUTE) == ["a"]
    # An hour without the clock: what was missed is not made up for.
    assert due(START + 60 * MINUTE) == ["a"]
    assert due(START + 60 * MINUTE) == []
    schedules.set("a", "0 0 13 * * ?", "UTC", lambda: came.append("a at one"))
    assert due(START + 61 * MINUTE) == []
    assert due(START + timedelta(hours=12)) == ["b"]
    assert due(START + timedelta(hours=13)) == ["a at one"]
    schedules.remove("a")
    assert due(START + timedelta(days=2)) == ["b"]


def test_one_that_fails_or_takes_long_stops_no_other(schedules: Schedules) -> None:
    came: queue.Queue[str] = queue.Queue()
    go_on = threading.Event()

    def fail() -> None:
        raise ValueError("it fails")

    def take_long() -> None:
        came.put("long")
        go_on.wait(30)

    schedules.set("fails", EVERY_MINUTE, "UTC", fail)
    schedules.set("long", EVERY_MINUTE, "UTC", take_long)
    failed, long = schedules.run_due(START + MINUTE)
    failed.result(30)
    assert came.get(timeout=30) == "long"
    schedules.set("short", EVERY_MINUTE, "UTC", lambda: came.put("short"))
    # The long one runs still, and is not run beside itself.
    _, short = schedules.run_due(START + 2 * MINUTE)
    short.result(30)
    go_on.set()
    long.result(30)
    assert [came.get_nowait() for _ in range(came.qsize())] == ["short"]


def test_the_clock_runs_by_itself() -> None:
    came = threading.Event()
    schedules = Schedules()
    schedules.start()
    schedules.set("a", "* * * * * ?", "UTC", came.set)
    assert came.wait(30)
    schedules.close()
    came.clear()
    schedules.run_due(datetime.now(UTC) + timedelta(hours=1))
    assert not came.is_set()


def test_what_is_no_schedule_is_refused_and_changes_nothing(schedules: Schedules) -> None:
    came = threading.Event()
    schedules.set("a", EVERY_MINUTE, "UTC", came.set)
    with pytest.raises(ApiError, match="fields"):
        schedules.set("a", "every minute", "UTC", came.clear)
    (one,) = schedules.run_due(START + MINUTE)
    one.result(30)
    assert came.is_set()
