"""Quartz cron expressions: ``seconds minutes hours day-of-month month day-of-week [year]``.

As in Quartz' tutorial: one of the two days must be ``?``; names are those of English, in any case; 1 is
Sunday. Where clocks are put forward, a time that is left out comes as much later; where they are put back, a
time comes once, unless the expression is for every hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.schedules.days import Days, of_month, of_week
from lakestead.workspace.schedules.fields import HOUR, MINUTE, MONTH, SECOND, YEAR

_EVERY_HOUR = 24


@dataclass(frozen=True, slots=True)
class Cron:
    """Times at which something is due.

    Attributes:
        seconds: of the minute; like the others in order.
        minutes: of the hour.
        hours: of the day.
        days: of a month.
        months: of the year.
        years: the years.
        zone: what the clocks show for which it is meant.
    """

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: Days
    months: tuple[int, ...]
    years: tuple[int, ...]
    zone: ZoneInfo

    def next(self, after: datetime) -> datetime | None:
        """Return the first time after a given one, in UTC; None when there is no more.

        Args:
            after: a time with its zone.
        """
        folds = (0, 1) if len(self.hours) == _EVERY_HOUR else (0,)
        found = [self._first(after, fold) for fold in folds]
        return min((one for one in found if one is not None), default=None)

    def _first(self, after: datetime, fold: int) -> datetime | None:
        # From an hour before: what clocks show goes back and forth by so much.
        start = after.astimezone(self.zone).replace(tzinfo=None) - timedelta(hours=1)
        for shown in self._shown(start):
            at = shown.replace(tzinfo=self.zone, fold=fold).astimezone(UTC)
            if at > after:
                return at
        return None

    def _shown(self, start: datetime) -> Iterator[datetime]:
        """Give what clocks show whenever it is due, from the hour of ``start`` on."""
        for day in self._dates(start.date()):
            for hour in self.hours:
                if day == start.date() and hour < start.hour:
                    continue
                for minute in self.minutes:
                    for second in self.seconds:
                        yield datetime.combine(day, time(hour, minute, second))

    def _dates(self, start: date) -> Iterator[date]:
        for year in self.years:
            for month in self.months:
                if (year, month) >= (start.year, start.month):
                    for day in self.days(year, month):
                        if (found := date(year, month, day)) >= start:
                            yield found


def parse(expression: str, timezone: str) -> Cron:
    """Return the times that an expression stands for.

    Args:
        expression: six or seven fields of Quartz.
        timezone: name of a time zone, e.g. ``Europe/Paris``.

    Raises:
        ApiError: INVALID_REQUEST saying what is wrong with either.
    """
    try:
        return _parse(expression, _zone(timezone))
    except ValueError as error:
        raise ApiError(
            ErrorCode.INVALID_REQUEST, f"Invalid Quartz cron expression '{expression[:200]}': {error}."
        ) from None


def _parse(expression: str, zone: ZoneInfo) -> Cron:
    fields = expression.upper().split()
    if len(fields) not in (6, 7):
        raise ValueError(f"it has {len(fields)} fields, and needs 6 or 7: second to day of the week, year")
    second, minute, hour, day, month, weekday, year = (*fields, "*")[:7]
    if (day == "?") == (weekday == "?"):
        raise ValueError("exactly one of day of the month and day of the week must be '?'")
    return Cron(
        SECOND.values(second),
        MINUTE.values(minute),
        HOUR.values(hour),
        of_week(weekday) if day == "?" else of_month(day),
        MONTH.values(month),
        YEAR.values(year),
        zone,
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    # What zoneinfo raises for names that are none, paths, and folders of its database.
    except (ValueError, OSError, KeyError):
        raise ApiError(ErrorCode.INVALID_REQUEST, f"'{name[:100]}' is not a time zone.") from None
