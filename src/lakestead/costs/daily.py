"""What each day has cost, and where: what forecasts and anomalies are reckoned from."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lakestead.client import Warehouse
from lakestead.costs.budgets.owners import USAGE, OwnerColumns
from lakestead.costs.declared import Attribution, Prices
from lakestead.costs.exchange import needed_rate, one_currency
from lakestead.costs.money import MONEY
from lakestead.costs.usage import Period, ledgers

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayCost:
    """What a day has cost in one place.

    Args:
        day: in UTC.
        warehouse: the SQL warehouse's id; None for what no warehouse did.
        team: as tags say; None where none does.
        sku: what was paid for.
        money: in the currency of `Costs`.
    """

    day: dt.date
    warehouse: str | None
    team: str | None
    sku: str
    money: Decimal


@dataclass(frozen=True, slots=True)
class Costs:
    """What the days of a period have cost.

    Args:
        period: the days, of which there are usage records for every hour.
        currency: of all money; None if nothing has a price.
        rows: what they have cost, in places.
    """

    period: Period
    currency: str | None
    rows: tuple[DayCost, ...]

    def series(self, wanted: Callable[[DayCost], bool] = lambda _: True) -> dict[dt.date, Decimal]:
        """Return the money of each day, from the first with any cost to the last; 0 for days between them.

        Args:
            wanted: which costs count.
        """
        sums: defaultdict[dt.date, Decimal] = defaultdict(Decimal)
        for row in self.rows:
            if wanted(row):
                sums[row.day] += row.money
        if not sums:
            return {}
        first = min(sums)
        return {first + n * _DAY: sums[first + n * _DAY] for n in range((self.period.until - first).days)}


def read_costs(
    warehouses: Sequence[Warehouse],
    period: Period,
    catalog: str = "system",
    attribution: Attribution | None = None,
    prices: Prices | None = None,
) -> Costs:
    """Return what the days of a period have cost; a last day that is not complete is left out.

    Args:
        warehouses: one of each workspace that counts.
        period: the days.
        catalog: of the system tables.
        attribution: which tags name a team.
        prices: what price lists do not say, and exchange rates.

    Raises:
        ConfigError: when costs are in several currencies, and no rates between them are declared.
        databricks.sql.Error: when a table cannot be read.
    """
    declared = prices or Prices()
    owners = OwnerColumns(attribution or Attribution())
    found = [
        row
        for ledger in ledgers(warehouses, period, catalog, declared)
        for row in ledger.query(_query(owners), period, **owners.parameters)
    ]
    newest = max((row["newest"].date() for row in found), default=period.until)
    until = min(period.until, newest)
    priced = [row for row in found if row["currency"] is not None and row["day"] < until]
    currency = one_currency((row["currency"] for row in priced), declared)
    rows = tuple(_cost(row, declared, currency) for row in priced)
    return Costs(Period(period.since, max(until, period.since)), currency, rows)


def _cost(row: dict[str, Any], prices: Prices, currency: str | None) -> DayCost:
    rate = needed_rate(prices, row["currency"], currency or "", row["day"])
    return DayCost(row["day"], row["warehouse_id"], row["team"], row["sku_name"], row["money"] * rate)


def _query(owners: OwnerColumns) -> str:
    return f"""
        , owned AS (SELECT *, {owners.of(USAGE)}, {MONEY} AS money FROM priced)
        SELECT usage_date AS day, warehouse_id, team, sku_name, currency, sum(money) AS money,
            max(max(usage_end_time)) OVER () AS newest
        FROM owned GROUP BY usage_date, warehouse_id, team, sku_name, currency"""
