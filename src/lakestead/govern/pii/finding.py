"""What a scan finds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ColumnFinding:
    """Personal data in a column.

    Args:
        table: catalog, schema and table.
        column: its name; what lies inside it behind a dot.
        type: the column's type, as DDL.
        kind: what it holds, one of `kinds.KINDS`.
        confidence: how sure that is, 0 to 1; see `judging`.
        frequency: the share of the sampled values, those missing left out, that are of the kind.
        samples: some values, masked so far that nobody is known by them.
        reasons: what speaks for it, in words.
    """

    table: tuple[str, str, str]
    column: str
    type: str
    kind: str
    confidence: float
    frequency: float
    samples: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def full_name(self) -> str:
        """The column's name with its table's."""
        return ".".join((*self.table, self.column))

    @property
    def top_column(self) -> str:
        """The column of the table itself, which is what can have a tag."""
        return self.column.split(".", 1)[0]


@dataclass(frozen=True, slots=True)
class TableScan:
    """What a scan knows of a table.

    Args:
        table: catalog, schema and table.
        columns: how many columns it has.
        rows: how many rows were looked at; None if it was not scanned now, as nothing of it has changed.
        findings: its columns with personal data.
        error: why it could not be scanned, if so.
        time: when it was scanned.
    """

    table: tuple[str, str, str]
    columns: int
    rows: int | None
    findings: tuple[ColumnFinding, ...]
    error: str | None
    time: dt.datetime
