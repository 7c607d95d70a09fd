"""Which rows a run checks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from lakestead.core.names import quote
from lakestead.profiling.checks.conditions import literal


@dataclass(frozen=True)
class Scope:
    """All rows, or those whose time is above that of what was checked before, and those without a time.

    Args:
        column: has the rows' times; None if nobody asks.
        after: the highest time that was checked; None for all rows.
    """

    column: str | None = None
    after: dt.datetime | None = None

    @property
    def is_all(self) -> bool:
        """Whether all rows are checked."""
        return self.column is None or self.after is None

    @property
    def condition(self) -> str:
        """The SQL condition."""
        if self.column is None or self.after is None:
            return "true"
        column = quote(self.column)
        return f"({column} > {literal(self.after)} OR {column} IS NULL)"
