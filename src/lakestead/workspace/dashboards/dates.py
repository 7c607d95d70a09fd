"""Days that a dashboard names by how far they are from now: ``now``, ``now-7d``, ``now-12M/M``."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta

_RELATIVE = re.compile(r"now(?:([+-]\d+)([smhdwMy]))?(?:/([smhdwMy]))?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
_MONTHS = {"M": 1, "y": 12}


def resolve(value: str | None, kind: str, *, last: bool = False) -> str | None:
    """Return a value of a parameter; a date or timestamp that is relative to now becomes one that is not.

    Args:
        value: as the dashboard or a filter gives it.
        kind: the parameter's SQL type.
        last: a rounded value is the end of its period, not the beginning.
    """
    match = _RELATIVE.fullmatch(value or "") if kind in ("DATE", "TIMESTAMP") else None
    if match is None:
        return value
    moment = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    amount, unit, rounding = match.groups()
    if amount:
        moment = _shift(moment, int(amount), unit)
    if rounding:
        moment = _floor(moment, rounding)
        if last:
            moment = _shift(moment, 1, rounding) - timedelta(seconds=1)
    return moment.date().isoformat() if kind == "DATE" else moment.isoformat(sep=" ")


def _shift(moment: datetime, amount: int, unit: str) -> datetime:
    if unit in _SECONDS:
        return moment + timedelta(seconds=amount * _SECONDS[unit])
    year, month = divmod(moment.year * 12 + moment.month - 1 + amount * _MONTHS[unit], 12)
    # What would be the 31st of a month with 30 days is its last.
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def _floor(moment: datetime, unit: str) -> datetime:
    day = moment.replace(hour=0, minute=0, second=0)
    if unit == "w":
        return day - timedelta(days=day.weekday())
    if unit in _MONTHS:
        return day.replace(day=1, month=1 if unit == "y" else day.month)
    return {
        "s": moment,
        "m": moment.replace(second=0),
        "h": moment.replace(minute=0, second=0),
        "d": day,
    }[unit]
