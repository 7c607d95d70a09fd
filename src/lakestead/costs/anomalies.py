"""Days that cost more than they should have, and where.

A day's expected cost is the trend and the pattern of weekdays of all days (STL, robust: outliers do not move
them). A day stands out whose rest is larger than `_SCORE` times the usual rest, which is 1.4826 times the
median of all rests (the standard deviation, were they normal), and larger than a share of what was expected.
What a place spent more than usual is what exceeds the median of the same weekday on other days there.
"""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lakestead.core.errors import MissingExtra, SourceError
from lakestead.costs.daily import Costs, DayCost
from lakestead.costs.forecast import LEAST_DAYS, WEEK

_SCORE = 5.0
_LEAST_SHARE = 0.1  # of the expected cost: less is no news
_NORMAL = 1.4826
_PLACES: Mapping[str, Callable[[DayCost], str | None]] = {
    "warehouse": lambda row: row.warehouse,
    "team": lambda row: row.team,
    "sku": lambda row: row.sku,
}


@dataclass(frozen=True, slots=True)
class Excess:
    """Where a day cost more than usual.

    Args:
        kind: `warehouse`, `team` or `sku`.
        name: which; None for what has none.
        money: by how much more.
    """

    kind: str
    name: str | None
    money: Decimal


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A day that cost more than it should have.

    Args:
        day: in UTC.
        cost: what it cost.
        expected: what it should have.
        score: how many times larger the difference is than usual.
        places: where it was spent, the largest of each kind first.
    """

    day: dt.date
    cost: Decimal
    expected: Decimal
    score: Decimal
    places: Sequence[Excess]

    @property
    def excess(self) -> Decimal:
        """How much more it cost."""
        return self.cost - self.expected


def find_anomalies(costs: Costs) -> list[Anomaly]:
    """Return the days that stand out, the costliest excess first.

    Args:
        costs: of at least four weeks.

    Raises:
        SourceError: when the costs of too few days are known.
        MissingExtra: when statsmodels is not installed.
    """
    series = costs.series()
    if len(series) < LEAST_DAYS:
        raise SourceError(
            f"the costs of {len(series)} days are known: to tell what is unusual takes those of {LEAST_DAYS},"
            " four weeks"
        )
    expected = _expected([float(money) for money in series.values()])
    rests = [float(money) - usual for money, usual in zip(series.values(), expected, strict=True)]
    scale = _NORMAL * statistics.median(abs(rest) for rest in rests)
    found = []
    for day, usual, rest in zip(series, expected, rests, strict=True):
        usual = max(usual, 0.0)
        if rest > max(_SCORE * scale, _LEAST_SHARE * usual, 0.01):
            money = Decimal(str(round(usual, 2)))
            score = Decimal(str(round(rest / scale, 1))) if scale else Decimal("Infinity")
            found.append(Anomaly(day, series[day], money, score, _places(costs, day, series[day] - money)))
    return sorted(found, key=lambda anomaly: anomaly.excess, reverse=True)


def _expected(values: Sequence[float]) -> list[float]:
    try:
        from statsmodels.tsa.seasonal import STL
    except ImportError as error:
        raise MissingExtra("finding anomalies", "costs") from error
    # `periodic`: each weekday has one value, which no single day can move.
    fitted = STL(values, period=WEEK, seasonal=len(values) // 2 * 2 + 1, robust=True).fit()
    return [float(value) for value in fitted.trend + fitted.seasonal]


def _places(costs: Costs, day: dt.date, excess: Decimal) -> list[Excess]:
    """Return where an excess was spent; what is small beside it is no place of it."""
    least = excess * Decimal(str(_LEAST_SHARE))
    found = []
    for kind, name_of in _PLACES.items():
        names = {name_of(row) for row in costs.rows if row.day == day}
        excesses = [Excess(kind, name, _excess(costs, day, name_of, name)) for name in names]
        found += sorted((one for one in excesses if one.money >= least), key=_money, reverse=True)
    return found


def _money(place: Excess) -> Decimal:
    return place.money


def _excess(
    costs: Costs, day: dt.date, name_of: Callable[[DayCost], str | None], name: str | None
) -> Decimal:
    """Return by how much a place spent more than on the same weekday of other weeks."""
    there = costs.series(lambda row: name_of(row) == name)
    days = [one for one in costs.series() if one.weekday() == day.weekday() and one != day]
    usual = statistics.median(there.get(one, Decimal(0)) for one in days)
    return there[day] - usual
