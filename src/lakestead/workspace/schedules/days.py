"""The days of a Quartz cron expression: the fields in which L, W and # may be."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date
from typing import TypeAlias

from lakestead.workspace.schedules.fields import DAY, WEEKDAY

Days: TypeAlias = Callable[[int, int], Iterable[int]]
"""Gives the days of a month, in order, that a rule chooses: its arguments are the year and the month."""

_LAST = re.compile(r"L(?:-(\d+))?(W)?")
_NEAREST = re.compile(r"(\d+)W")
_NTH = re.compile(r"(\w+)#(\d)")
_LAST_WEEKDAY = re.compile(r"(\w+)L")


def of_month(text: str) -> Days:
    """Return the rule of a day of the month, e.g. ``1,15``, ``L``, ``L-3``, ``LW`` or ``15W``.

    Raises:
        ValueError: it is none.
    """
    if found := _LAST.fullmatch(text):
        before, weekday = int(found[1] or 0), bool(found[2])
        if before > 30:
            raise ValueError(f"'{text}' is before the month")
        return lambda year, month: _near(year, month, _length(year, month) - before, weekday)
    if found := _NEAREST.fullmatch(text):
        day = DAY.number(found[1])
        return lambda year, month: _near(year, month, day, weekday=True)
    days = DAY.values(text)
    return lambda year, month: [day for day in days if day <= _length(year, month)]


def of_week(text: str) -> Days:
    """Return the rule of a day of the week, e.g. ``MON-FRI``, ``6L`` (the last Friday) or ``2#1``.

    Raises:
        ValueError: it is none.
    """
    if found := _NTH.fullmatch(text):
        weekday, place = WEEKDAY.number(found[1]), int(found[2])
        if not 1 <= place <= 5:
            raise ValueError(f"'{text}': a month has up to 5 of each day of the week")
        return lambda year, month: _on(year, month, (weekday,))[place - 1 : place]
    if text != "L" and (found := _LAST_WEEKDAY.fullmatch(text)):
        last = WEEKDAY.number(found[1])
        return lambda year, month: _on(year, month, (last,))[-1:]
    # By itself, L is the last day of the week.
    weekdays = (7,) if text == "L" else WEEKDAY.values(text)
    return lambda year, month: _on(year, month, weekdays)


def _length(year: int, month: int) -> int:
    return monthrange(year, month)[1]


def _near(year: int, month: int, day: int, weekday: bool) -> list[int]:
    """Return a day, or the day from Monday to Friday in its month that is nearest to it."""
    length = _length(year, month)
    if not 1 <= day <= length:
        return []
    place = date(year, month, day).weekday()
    if not weekday or place < 5:
        return [day]
    if place == 5:
        return [day - 1 if day > 1 else day + 2]
    return [day + 1 if day < length else day - 2]


def _on(year: int, month: int, weekdays: tuple[int, ...]) -> list[int]:
    """Return the days of a month that are one of the days of the week; 1 is Sunday."""
    first = date(year, month, 1).isoweekday() % 7
    return [day for day in range(1, _length(year, month) + 1) if (first + day - 1) % 7 + 1 in weekdays]
