"""Splits the values of a column into ranges that are read at the same time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from math import isfinite
from typing import Any

from lakestead.core.errors import SourceError

from .source import Window

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(1970, 1, 1)


def split(column: str, lowest: Any, highest: Any, parts: int) -> list[Window]:
    """Return windows of equal width that together hold every row, and no row twice.

    The first has no lower bound, so that it holds the rows whose column is NULL; the last has no upper bound.

    Args:
        column: the column's name.
        lowest: its least value; None if the column has no value.
        highest: its greatest value.
        parts: how many windows at most.

    Raises:
        SourceError: when the column's values are neither numbers nor dates nor times.
    """
    if lowest is None or highest is None or parts < 2 or lowest == highest:
        return [Window(column)]
    first, last = _number(column, lowest), _number(column, highest)
    cuts = [first + (last - first) * part // parts for part in range(1, parts)]
    bounds = [_value(cut, lowest) for cut in sorted(set(cuts)) if cut > first]
    edges = [None, *bounds, None]
    return [Window(column, lower, upper) for lower, upper in pairwise(edges)]


def _number(column: str, value: Any) -> int:
    if isinstance(value, bool):
        pass
    elif isinstance(value, int):
        return value
    elif isinstance(value, float | Decimal) and isfinite(value):
        return int(value)
    elif isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return (aware - _EPOCH) // timedelta(microseconds=1)
    elif isinstance(value, date):
        return (value - _FIRST_DAY).days
    raise SourceError(
        f"partition_column '{column}' has the value {value!r}: ranges can be made of finite numbers,"
        " dates and timestamps only; choose another partition_column, or set partitions to 1"
    )


def _value(number: int, like: Any) -> Any:
    if isinstance(like, datetime):
        moment = _EPOCH + timedelta(microseconds=number)
        return moment if like.tzinfo else moment.replace(tzinfo=None)
    if isinstance(like, date):
        return _FIRST_DAY + timedelta(days=number)
    return number
