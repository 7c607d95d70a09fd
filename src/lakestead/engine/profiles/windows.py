"""Windows of time, and the granularities that make them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Instants = NDArray[np.datetime64]

_MICROSECONDS = {"minute": 60_000_000, "hour": 3_600_000_000, "day": 86_400_000_000, "week": 604_800_000_000}
# 1970-01-01 was a Thursday: weeks are counted from the Monday before it.
_MONDAY = -3 * _MICROSECONDS["day"]
_FIXED = {"minute": (5, 30), "hour": (1,), "day": (1,), "month": (1,), "year": (1,)}
_TEXT = re.compile(
    r"(?:AGGREGATION_GRANULARITY_)?(\d+)[ _](MINUTE|HOUR|DAY|WEEK|MONTH|YEAR)S?", re.IGNORECASE
)


@dataclass(frozen=True, order=True, slots=True)
class Window:
    """A span of time, in UTC.

    Attributes:
        start: the first instant in it.
        end: the first instant after it; the start itself for the single point of a snapshot.
    """

    start: datetime
    end: datetime


class Unit(StrEnum):
    """What a granularity counts."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Granularity:
    """How long windows are; they begin at whole units in UTC, weeks on Mondays.

    Attributes:
        number: how many units.
        unit: minutes, hours, days, weeks, months or years.
    """

    number: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Granularity:
        """Return the granularity of ``1 day``, ``2 weeks`` or ``AGGREGATION_GRANULARITY_1_DAY``.

        Raises:
            ValueError: it is none of 5 or 30 minutes, 1 hour, 1 day, any number of weeks, 1 month, 1 year.
        """
        found = _TEXT.fullmatch(text.strip())
        if found is not None:
            number, unit = int(found[1]), Unit(found[2].lower())
            if number > 0 and number in _FIXED.get(unit, (number,)):
                return cls(number, unit)
        raise ValueError(
            f"'{text}' is no granularity: 5 minutes, 30 minutes, 1 hour, 1 day, <n> week(s), 1 month, 1 year"
        )

    def __str__(self) -> str:
        return f"{self.number} {self.unit}{'s' if self.number > 1 else ''}"

    def ordinals(self, instants: NDArray[Any]) -> NDArray[np.int64]:
        """Return the numbers of the windows that instants (``datetime64[us]``) fall into."""
        if self.unit in (Unit.MONTH, Unit.YEAR):
            return instants.astype(f"datetime64[{self._calendar}]").astype(np.int64)
        step, origin = self._step
        counted = instants.astype("datetime64[us]").view(np.int64)
        return (counted - origin) // step

    def floor(self, instants: NDArray[Any]) -> Instants:
        """Return the starts of the windows that instants (``datetime64[us]``) fall into."""
        return self._starts(self.ordinals(instants))

    def at(self, ordinal: int) -> Window:
        """Return the window of a number."""
        start, end = (
            one.replace(tzinfo=UTC) for one in self._starts(np.array([ordinal, ordinal + 1])).tolist()
        )
        return Window(start, end)

    def next(self, start: datetime) -> datetime:
        """Return the start of the window after the one that an instant falls into."""
        return self.window(start).end

    def previous(self, start: datetime) -> datetime:
        """Return the start of the window before the one that an instant falls into."""
        return self.at(self._ordinal(start) - 1).start

    def window(self, instant: datetime) -> Window:
        """Return the window that an instant falls into."""
        return self.at(self._ordinal(instant))

    def _ordinal(self, instant: datetime) -> int:
        utc = instant.astimezone(UTC).replace(tzinfo=None)
        return int(self.ordinals(np.array([utc], "datetime64[us]"))[0])

    def _starts(self, ordinals: NDArray[np.int64]) -> Instants:
        if self.unit in (Unit.MONTH, Unit.YEAR):
            return ordinals.astype(f"datetime64[{self._calendar}]").astype("datetime64[us]")
        step, origin = self._step
        return (ordinals * step + origin).view("datetime64[us]")

    @property
    def _step(self) -> tuple[int, int]:
        """How long a window is and where the first begins, in microseconds."""
        return self.number * _MICROSECONDS[self.unit], _MONDAY if self.unit is Unit.WEEK else 0

    @property
    def _calendar(self) -> str:
        return "M" if self.unit is Unit.MONTH else "Y"
