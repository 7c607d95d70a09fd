"""Costs of days from planted usage, and an anomaly with its place."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from lakestead.client import Warehouse
from lakestead.core.errors import ConfigError
from lakestead.costs.anomalies import find_anomalies
from lakestead.costs.daily import read_costs
from lakestead.costs.declared import Prices, Rate
from lakestead.costs.usage import Period

from .planted import System, at

DAY = dt.timedelta(days=1)
START = at("2026-03-02")


def test_a_spike_of_one_team_s_warehouse(warehouse: Warehouse, catalog: str) -> None:
    system = System(price=Decimal("0.50"))
    for n in range(35):
        for name, team, quantity in (("w1", "a", 100), ("w2", "b", 40)):
            more = 300 if (n, name) == (20, "w2") else n % 3
            hour = START + n * DAY + dt.timedelta(hours=9)
            used = Decimal(quantity + more)
            system.add_usage(hour, hour + DAY / 24, used, tags={"team": team}, warehouse_id=name)
    # Of the last day only the morning is billed so far.
    system.write(warehouse, catalog)
    costs = read_costs([warehouse], Period(START.date(), (START + 60 * DAY).date()), catalog)
    assert costs.period.until == (START + 34 * DAY).date()
    assert costs.currency == "USD"
    series = costs.series()
    assert list(series) == [(START + n * DAY).date() for n in range(34)]
    assert series[(START + DAY).date()] == Decimal("71")
    (found,) = find_anomalies(costs)
    assert found.day == (START + 20 * DAY).date()
    assert [(place.kind, place.name) for place in found.places if place.kind != "sku"] == [
        ("warehouse", "w2"),
        ("team", "b"),
    ]
    assert abs(found.excess - 150) < 2


def test_several_currencies_need_rates(warehouse: Warehouse, catalog: str) -> None:
    system = System(price=Decimal("0.50"))
    system.add_usage(START, START + DAY, Decimal(10))
    system.add_price("EUROPEAN", Decimal(1))
    system.rows["billing.list_prices"][-1]["currency_code"] = "EUR"
    system.add_usage(START, START + DAY, Decimal(10), sku="EUROPEAN")
    system.write(warehouse, catalog)
    period = Period(START.date(), (START + DAY).date())
    with pytest.raises(ConfigError, match="costs are in EUR and USD: declare"):
        read_costs([warehouse], period, catalog)
    with pytest.raises(ConfigError, match="no exchange rate leads from EUR into USD"):
        read_costs([warehouse], period, catalog, prices=Prices(currency="USD"))
    rates = (Rate(currency="EUR", rate=Decimal("1.1")),)
    costs = read_costs([warehouse], period, catalog, prices=Prices(currency="USD", rates=rates))
    assert costs.series() == {START.date(): Decimal("16")}


def test_no_usage_at_all(warehouse: Warehouse, catalog: str) -> None:
    System().write(warehouse, catalog)
    costs = read_costs([warehouse], Period(START.date(), (START + DAY).date()), catalog)
    assert (costs.currency, costs.series()) == (None, {})
