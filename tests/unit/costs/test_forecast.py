"""Forecasts and anomalies of costs that are known: what is planted is found."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

import pytest

from lakestead.core.errors import SourceError
from lakestead.costs.anomalies import find_anomalies
from lakestead.costs.daily import Costs, DayCost
from lakestead.costs.forecast import forecast
from lakestead.costs.usage import Period

MONDAY = dt.date(2026, 1, 5)
DAY = dt.timedelta(days=1)


def weekly(days: int, noise: float = 0.0) -> dict[dt.date, Decimal]:
    """100 on weekdays and 20 at weekends, give or take."""
    chance = random.Random(1)
    costs = {}
    for n in range(days):
        day = MONDAY + n * DAY
        usual = 100 if day.weekday() < 5 else 20
        costs[day] = Decimal(str(round(usual + chance.gauss(0, noise), 2))) if noise else Decimal(usual)
    return costs


def costs_of(series: dict[dt.date, Decimal]) -> Costs:
    rows = tuple(
        DayCost(day, "w1" if day.weekday() < 5 else "w2", "a", "SKU", money) for day, money in series.items()
    )
    return Costs(Period(min(series), max(series) + DAY), "USD", rows)


def test_the_pattern_of_weekdays_goes_on() -> None:
    found = forecast(weekly(56, noise=2), MONDAY + 63 * DAY)
    assert [day.day for day in found.days] == [MONDAY + n * DAY for n in range(56, 63)]
    for day in found.days:
        usual = 100 if day.day.weekday() < 5 else 20
        assert day.low < usual < day.high
        assert abs(day.expected - usual) < 6
    assert found.low < 540 < found.high
    assert found.high - found.low < sum(day.high - day.low for day in found.days)
    assert found.backtest is not None
    assert found.backtest.error is not None
    assert found.backtest.error < Decimal("0.06")
    assert found.backtest.coverage > Decimal("0.5")


def test_the_same_costs_have_the_same_forecast() -> None:
    history = weekly(35, noise=5)
    assert forecast(history, MONDAY + 40 * DAY) == forecast(history, MONDAY + 40 * DAY)


def test_a_wider_interval_for_more_confidence() -> None:
    history = weekly(35, noise=5)
    narrow = forecast(history, MONDAY + 40 * DAY, Decimal("0.5"))
    wide = forecast(history, MONDAY + 40 * DAY, Decimal("0.95"))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_costs_that_never_vary() -> None:
    history = {MONDAY + n * DAY: Decimal(7) for n in range(40)}
    found = forecast(history, MONDAY + 43 * DAY)
    assert (found.expected, found.low, found.high) == (21, 21, 21)
    assert found.backtest is not None
    assert (found.backtest.error, found.backtest.coverage) == (0, 1)


def test_nothing_is_below_zero() -> None:
    history = {MONDAY + n * DAY: Decimal(max(0, 60 - 2 * n)) for n in range(35)}
    assert all(day.low >= 0 for day in forecast(history, MONDAY + 60 * DAY).days)


def test_28_days_have_no_backtest() -> None:
    assert forecast(weekly(28, noise=1), MONDAY + 30 * DAY).backtest is None


def test_too_little_history_is_told() -> None:
    with pytest.raises(SourceError, match="27 days are known: a forecast needs those of 28"):
        forecast(weekly(27), MONDAY + 60 * DAY)
    with pytest.raises(SourceError, match="27 days are known"):
        find_anomalies(costs_of(weekly(27)))


def test_a_time_that_is_over_is_refused() -> None:
    with pytest.raises(SourceError, match="nothing is to be forecast"):
        forecast(weekly(30), MONDAY + 30 * DAY)


def test_planted_spikes_are_found_with_their_place() -> None:
    series = weekly(56, noise=2)
    tuesday, sunday = MONDAY + 22 * DAY, MONDAY + 41 * DAY
    series[tuesday] += 300
    series[sunday] += 60
    found = find_anomalies(costs_of(series))
    assert [anomaly.day for anomaly in found] == [tuesday, sunday]
    assert abs(found[0].excess - 300) < 10
    assert abs(found[1].excess - 60) < 10
    assert [(place.kind, place.name) for place in found[0].places] == [
        ("warehouse", "w1"),
        ("team", "a"),
        ("sku", "SKU"),
    ]
    assert all(abs(place.money - 300) < 10 for place in found[0].places)


def test_a_spike_among_costs_without_noise() -> None:
    series = weekly(42)
    series[MONDAY + 20 * DAY] += 50
    (found,) = find_anomalies(costs_of(series))
    assert (found.day, round(found.excess)) == (MONDAY + 20 * DAY, 50)


def test_usual_days_do_not_stand_out() -> None:
    assert find_anomalies(costs_of(weekly(56, noise=5))) == []
    assert find_anomalies(costs_of(weekly(56))) == []


def test_gaps_are_days_without_cost() -> None:
    series = weekly(10)
    del series[MONDAY + 3 * DAY]
    assert costs_of(series).series()[MONDAY + 3 * DAY] == 0
