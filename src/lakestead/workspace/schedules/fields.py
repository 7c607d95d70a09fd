"""The fields of a Quartz cron expression: numbers, names, ranges and steps."""

from __future__ import annotations

import re
from dataclasses import dataclass

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_PART = re.compile(r"(?P<first>\*|\w+)?(?:-(?P<last>\w+))?(?:/(?P<step>\d+))?")


@dataclass(frozen=True, slots=True)
class Field:
    """What a place in an expression can hold.

    Attributes:
        name: for messages.
        low: the smallest number.
        high: the greatest.
        names: words for the numbers from ``low`` on.
    """

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    def values(self, text: str) -> tuple[int, ...]:
        """Return the numbers that a text stands for, in order.

        Raises:
            ValueError: it is no list of numbers, ranges and steps of this field.
        """
        found: set[int] = set()
        for part in text.split(","):
            found.update(self._part(part))
        return tuple(sorted(found))

    def number(self, word: str) -> int:
        """Return the number that a word stands for.

        Raises:
            ValueError: it is none of this field.
        """
        if word in self.names:
            return self.low + self.names.index(word)
        if not (word.isascii() and word.isdigit() and self.low <= int(word) <= self.high):
            raise ValueError(f"'{word}' is no {self.name}: {self.low} to {self.high} are")
        return int(word)

    def _part(self, text: str) -> list[int]:
        found = _PART.fullmatch(text)
        if not text or found is None:
            raise ValueError(f"'{text}' is no {self.name}")
        first, last, step = found["first"], found["last"], found["step"]
        if first in (None, "*"):
            # "/15" is "*/15".
            if last is not None or (first is None and step is None):
                raise ValueError(f"'{text}' is no {self.name}")
            start, end = self.low, self.high
        else:
            start = self.number(first)
            end = self.number(last) if last is not None else start if step is None else self.high
        if step is not None and not 0 < int(step) <= self.high:
            raise ValueError(f"the step of '{text}' must be from 1 to {self.high}")
        # A range may go over the end: 22-2 are the hours of a night.
        beyond = end if end >= start else end + self.high - self.low + 1
        size = self.high - self.low + 1
        return [
            (number - self.low) % size + self.low for number in range(start, beyond + 1, int(step or "1"))
        ]


SECOND = Field("second", 0, 59)
MINUTE = Field("minute", 0, 59)
HOUR = Field("hour", 0, 23)
DAY = Field("day of the month", 1, 31)
MONTH = Field("month", 1, 12, MONTHS)
WEEKDAY = Field("day of the week", 1, 7, WEEKDAYS)
YEAR = Field("year", 1970, 2099)
