"""The time that a budget is for: calendar days, ISO weeks, months and quarters, in UTC."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from lakestead.costs.usage import Period


class Length(StrEnum):
    """How long a budget lasts before it starts anew."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


@dataclass(frozen=True, slots=True)
class Span:
    """A period's time.

    Args:
        start: its first moment, in UTC.
        end: the first moment after it.
    """

    start: dt.datetime
    end: dt.datetime

    @property
    def days(self) -> Period:
        """Its days."""
        return Period(self.start.date(), self.end.date())


def span(length: Length, moment: dt.datetime) -> Span:
    """Return the period that a moment is in.

    Args:
        length: of the period.
        moment: has a zone; the span's days are those of UTC.
    """
    day = moment.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    match length:
        case Length.DAY:
            return Span(day, day + dt.timedelta(days=1))
        case Length.WEEK:
            monday = day - dt.timedelta(days=day.weekday())
            return Span(monday, monday + dt.timedelta(days=7))
        case Length.MONTH:
            return _months(day, day.month, 1)
        case Length.QUARTER:
            return _months(day, day.month - (day.month - 1) % 3, 3)


def _months(day: dt.datetime, first: int, count: int) -> Span:
    start = day.replace(month=first, day=1)
    after = first + count
    return Span(start, start.replace(year=start.year + (after > 12), month=(after - 1) % 12 + 1))
