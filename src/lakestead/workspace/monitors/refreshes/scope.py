"""What a refresh computes and which rows of the metric tables that replaces."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from lakestead.engine.profiles import BASELINE, Granularity, Window
from lakestead.workspace.monitors.refreshes.changes import Windows

# The columns that masks look at: of the profile table, and of the drift table.
PROFILE_KEYS = ("window", "granularity", "log_type")
DRIFT_KEYS = ("window", "granularity")
# True or false for each row.
Mask: TypeAlias = pa.ChunkedArray


class Scope(Protocol):
    """What a refresh computes.

    Attributes:
        read: the windows that are profiled, None for all.
        compared: those whose drift is computed, None for all.
    """

    @property
    def read(self) -> Collection[Window] | None: ...
    @property
    def compared(self) -> Collection[Window] | None: ...

    def metrics(self, rows: pa.Table) -> Mask:
        """Return which of the rows of metrics that were computed are written."""

    def drift(self, rows: pa.Table) -> Mask:
        """Return which of the rows of drift that were computed are written."""

    def old_metrics(self, rows: pa.Table) -> Mask:
        """Return which rows of the profile table go."""

    def old_drift(self, rows: pa.Table) -> Mask:
        """Return which rows of the drift table go."""


@dataclass(frozen=True, slots=True)
class Series:
    """The windows of a time series that have changed, and those that are compared with them.

    Attributes:
        changed: those whose metrics are computed anew; None for all.
    """

    changed: Windows | None

    @property
    def read(self) -> Collection[Window] | None:
        """Changed windows, those after them, and those before them to compare with."""
        following = self._following
        if self.changed is None or following is None:
            return None
        before = {_moved(one, window, one.previous) for one, window in self.changed}
        return frozenset(before | {window for _, window in following})

    @property
    def compared(self) -> Collection[Window] | None:
        """Changed windows, and those after them."""
        return None if self._following is None else frozenset(window for _, window in self._following)

    @property
    def _following(self) -> Windows | None:
        if self.changed is None:
            return None
        return self.changed | {(one, _moved(one, window, one.next)) for one, window in self.changed}

    def metrics(self, rows: pa.Table) -> Mask:
        """Return which rows of metrics are of changed windows, or of the baseline."""
        return pc.or_(_within(rows, self.changed), _is_baseline(rows))

    def drift(self, rows: pa.Table) -> Mask:
        """Return which rows of drift are of changed windows or those after them."""
        return _within(rows, self._following)

    # What comes takes the place of what is there.
    old_metrics = metrics
    old_drift = drift


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot of the whole table, beside those before it.

    Attributes:
        window: when it is taken.
        before: when those in the profile table were.
    """

    window: Window
    before: frozenset[datetime]

    @property
    def read(self) -> Collection[Window] | None:
        """The one window that all rows are in."""
        return (self.window,)

    @property
    def compared(self) -> Collection[Window] | None:
        """All there is."""
        return None

    def metrics(self, rows: pa.Table) -> Mask:
        """Return all rows."""
        return _all(rows)

    def drift(self, rows: pa.Table) -> Mask:
        """Return all rows."""
        return _all(rows)

    def old_metrics(self, rows: pa.Table) -> Mask:
        """Return which rows are of the baseline, which is profiled anew."""
        return _is_baseline(rows)

    def old_drift(self, rows: pa.Table) -> Mask:
        """Return which rows are left of a refresh that was killed before it wrote the metrics."""
        return pc.invert(_begins(rows, self.before))


def _moved(granularity: Granularity, window: Window, move: Callable[[datetime], datetime]) -> Window:
    return granularity.window(move(window.start))


def _all(rows: pa.Table) -> Mask:
    return pa.chunked_array([pa.repeat(pa.scalar(True), rows.num_rows)])


def _within(rows: pa.Table, windows: Windows | None) -> Mask:
    if windows is None:
        return _all(rows)
    starts: dict[str, set[datetime]] = {}
    for granularity, window in windows:
        starts.setdefault(str(granularity), set()).add(window.start)
    found = pc.invert(_all(rows))
    for name, known in starts.items():
        of_granularity = pc.fill_null(pc.equal(rows.column("granularity"), name), False)
        found = pc.or_(found, pc.and_(of_granularity, _begins(rows, known)))
    return found


def _begins(rows: pa.Table, starts: Collection[datetime]) -> Mask:
    """Return which rows are of windows that begin at some instants."""
    begins = pc.struct_field(rows.column("window"), "start")
    return pc.is_in(begins, value_set=pa.array(list(starts), begins.type))


def _is_baseline(rows: pa.Table) -> Mask:
    return pc.equal(rows.column("log_type"), BASELINE)
