"""What each strategy has to make of a history of the source, said plainly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from .feeds import Row


class Model:
    """A target table as a list of rows.

    Args:
        strategy: what happens to its rows.
        lag: how far back of the watermark rows are read again.
    """

    def __init__(self, strategy: str, lag: timedelta = timedelta()) -> None:
        self._strategy = strategy
        self._lag = lag
        self._watermark: datetime | None = None
        self.rows: list[Row] = []
        self.ended: list[Row] = []

    def load(self, source: Sequence[Row]) -> None:
        """Load once."""
        came = [row for row in source if self._wanted(row)]
        keys = {row.id for row in came}
        if self._strategy in ("replace", "mirror"):
            self.rows = list(came)
        elif self._strategy == "append":
            self.rows += list((Counter(came) - Counter(filter(self._wanted, self.rows))).elements())
        elif self._strategy in ("merge", "delete+insert"):
            self.rows = [row for row in self.rows if row.id not in keys] + came
        else:
            assert self._strategy == "scd2"
            self.ended += [row for row in self.rows if row not in came]
            self.rows = list(came)
        if self.incremental and came:
            self._watermark = max(row.changed_at for row in came)

    @property
    def incremental(self) -> bool:
        return self._strategy in ("append", "merge", "delete+insert")

    def _wanted(self, row: Row) -> bool:
        return (
            not self.incremental or self._watermark is None or row.changed_at >= self._watermark - self._lag
        )
