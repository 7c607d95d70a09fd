"""What a run would do, as values: planned first, then applied one by one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lakestead.run.lakehouse import Lakehouse

# What statements answer that change rows; the first of these columns that is there counts.
_ROW_COUNTS = ("num_affected_rows", "num_inserted_rows")


class Change(Protocol):
    """One step of a run."""

    @property
    def title(self) -> str:
        """What it does, in a few words."""
        ...

    def apply(self, lakehouse: Lakehouse) -> int | None:
        """Do it; return the number of rows it changed, if it changes rows."""
        ...


@dataclass(frozen=True)
class Step:
    """A change that was applied.

    Args:
        rows: how many rows it changed; None where rows are not what it changes.
        seconds: how long it took.
    """

    title: str
    rows: int | None
    seconds: float


class Reporter(Protocol):
    """Who is told of progress."""

    def started(self, title: str) -> None:
        """A step begins."""
        ...

    def finished(self, step: Step) -> None:
        """A step is done."""
        ...

    def failed(self, title: str) -> None:
        """A step failed, and others go on; the error comes when they are done."""
        ...


@dataclass(frozen=True)
class Sql:
    """A statement that changes the catalog."""

    title: str
    sql: str

    def apply(self, lakehouse: Lakehouse) -> int | None:
        return affected_rows(lakehouse, self.sql)


def affected_rows(lakehouse: Lakehouse, sql: str) -> int | None:
    """Run a statement and return how many rows it says it changed, if it says so."""
    answer = lakehouse.row(sql)
    for column in _ROW_COUNTS:
        if answer.get(column) is not None:
            return int(answer[column])
    return None


def apply(changes: Sequence[Change], lakehouse: Lakehouse, reporter: Reporter) -> list[Step]:
    """Apply changes in order; the first error ends it, and what was applied stays."""
    steps: list[Step] = []
    for change in changes:
        reporter.started(change.title)
        begin = time.perf_counter()
        rows = change.apply(lakehouse)
        steps.append(Step(change.title, rows, time.perf_counter() - begin))
        reporter.finished(steps[-1])
    return steps
