"""Threads for refreshes: in order within a monitor, beside each other between monitors."""

from __future__ import annotations

import threading
from collections.abc import Callable

from lakestead.workspace.monitors.runner import Runner

LONG = 30.0


class Work:
    """What a runner runs: it notes what began, and ends when it may or is told to."""

    def __init__(self) -> None:
        self.began: list[int] = []
        self.told: list[int] = []
        self.changed = threading.Condition()
        self.may_end: set[int] = set()

    def run(self, number: int, cancelled: Callable[[], bool]) -> None:
        with self.changed:
            self.began.append(number)
            self.changed.notify_all()
            while number not in self.may_end and not cancelled():
                self.changed.wait(0.01)
            if number not in self.may_end:
                self.told.append(number)

    def end(self, number: int) -> None:
        with self.changed:
            self.may_end.add(number)
            self.changed.notify_all()

    def wait(self, *numbers: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: set(numbers) <= set(self.began), LONG)


def test_one_of_a_group_runs_at_a_time_and_groups_beside_each_other() -> None:
    work = Work()
    runner = Runner(work.run)
    for number in (1, 2, 3):
        runner.submit("a", number)
    runner.submit("b", 4)
    work.wait(1, 4)
    assert sorted(work.began) == [1, 4]
    work.end(1)
    work.wait(2)
    assert 3 not in work.began
    for number in (2, 3, 4):
        work.end(number)
    work.wait(3)
    runner.submit("a", 5)
    work.wait(5)
    work.end(5)
    runner.close()
    assert (work.began[-1], work.told) == (5, [])


def test_what_runs_is_told_to_end_and_what_waits_does_not_begin() -> None:
    work = Work()
    runner = Runner(work.run)
    runner.submit("a", 1)
    runner.submit("b", 2)
    work.wait(1, 2)
    runner.stop(1)
    runner.stop(7)
    runner.submit("c", 3)
    work.wait(3)
    runner.submit("c", 4)
    runner.close()
    runner.submit("d", 5)
    assert sorted(work.told) == [1, 2, 3]
    assert sorted(work.began) == [1, 2, 3]
