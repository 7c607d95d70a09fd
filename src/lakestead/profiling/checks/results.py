"""What came of checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class CheckResult:
    """What came of one rule.

    Args:
        check: the rule's name.
        kind: the rule's kind.
        severity: `warn` or `error`.
        rows: the rows that the rule is about, 1 for a rule about the table as a whole; None if unknown.
        failed: how many of them break it; None if unknown.
        threshold: the share that must keep it.
        passed: whether enough of them do.
        observed: the age in hours, or the number of rows, that a rule about the table looks at.
        problem: why the rule could not be checked; it has not passed then.
    """

    check: str
    kind: str
    severity: str
    rows: int | None
    failed: int | None
    threshold: float
    passed: bool
    observed: float | None = None
    problem: str | None = None

    @property
    def pass_rate(self) -> float | None:
        """The share of rows that keep the rule; None without rows."""
        if not self.rows or self.failed is None:
            return None
        return (self.rows - self.failed) / self.rows


@dataclass(frozen=True)
class TableReport:
    """What came of a table's rules.

    Args:
        table: its full name.
        results: of each rule, in the order of the rules.
        checked_at: when, in UTC.
        source_version: the version of the table that was checked; None if it has none.
        watermark: up to where new rows are known now; None if all rows are checked each time.
        quarantine_table: where the rows are that break rules; None if there is no such table.
        quarantined: how many rows this run put there.
        problem: what went wrong beside the rules: rows were not set aside, or results not recorded.
    """

    table: str
    results: tuple[CheckResult, ...]
    checked_at: dt.datetime
    source_version: int | None = None
    watermark: dt.datetime | None = None
    quarantine_table: str | None = None
    quarantined: int = 0
    problem: str | None = None


@dataclass(frozen=True)
class CheckReport:
    """What came of a run.

    Args:
        run_id: what marks its rows and results.
        tables: what came of each table.
    """

    run_id: str
    tables: tuple[TableReport, ...]

    @property
    def results(self) -> Iterator[tuple[str, CheckResult]]:
        """The results of all tables, with the tables' names."""
        return ((table.table, result) for table in self.tables for result in table.results)

    @property
    def passed(self) -> bool:
        """Whether no check of severity `error` failed and nothing else went wrong."""
        broken = any(not result.passed and result.severity == "error" for _, result in self.results)
        return not broken and not any(table.problem for table in self.tables)

    def values(self) -> dict[str, Any]:
        """Return the report as JSON has it."""
        return {"run_id": self.run_id, "passed": self.passed, "tables": list(map(_values, self.tables))}


def _values(table: TableReport) -> dict[str, Any]:
    results = [{**asdict(result), "pass_rate": result.pass_rate} for result in table.results]
    watermark = table.watermark.isoformat() if table.watermark else None
    times = {"checked_at": table.checked_at.isoformat(), "watermark": watermark}
    return {**asdict(table), **times, "results": results}
