"""Intervals as text."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa

_SECOND = 1_000_000_000
_UNITS = (("hours", 3600 * _SECOND), ("minutes", 60 * _SECOND))


def months_text(months: int) -> str:
    """Return an interval of years and months, e.g. ``1-2``."""
    years, rest = divmod(abs(months), 12)
    return f"{'-' if months < 0 else ''}{years}-{rest}"


def interval_text(value: timedelta | pa.MonthDayNano) -> str:
    """Return another interval: ``1 02:03:04.500000000``, or ``2 months 3 days`` if it has no fixed length."""
    return _day_time(value) if isinstance(value, timedelta) else _calendar(value)


def _day_time(value: timedelta) -> str:
    sign = "-" if value < timedelta(0) else ""
    value = abs(value)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{value.days} {hours:02}:{minutes:02}:{seconds:02}.{value.microseconds * 1000:09}"


def _calendar(value: pa.MonthDayNano) -> str:
    years, months = _split(value.months, 12)
    parts = [(years, "years"), (months, "months"), (value.days, "days")]
    rest = value.nanoseconds
    for name, length in _UNITS:
        count, rest = _split(rest, length)
        parts.append((count, name))
    text = [f"{count} {name}" for count, name in parts if count]
    if rest:
        seconds, fraction = divmod(abs(rest), _SECOND)
        digits = f"{seconds}.{fraction:09}".rstrip("0").rstrip(".")
        text.append(f"{'-' if rest < 0 else ''}{digits} seconds")
    return " ".join(text) or "0 seconds"


def _split(value: int, unit: int) -> tuple[int, int]:
    """Divide towards zero, so that both parts have the value's sign."""
    count, rest = divmod(abs(value), unit)
    return (count, rest) if value >= 0 else (-count, -rest)
