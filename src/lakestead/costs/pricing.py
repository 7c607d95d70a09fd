"""Prices of SKUs: the built-in list, a workspace's list, and what is declared."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

from lakestead.core.names import quote_name
from lakestead.costs.declared import Prices

if TYPE_CHECKING:
    from lakestead.client import Warehouse

REGIONS: Mapping[str, str] = MappingProxyType(
    {
        "us-east-1": "US_EAST_N_VIRGINIA",
        "us-east-2": "US_EAST_OHIO",
        "us-west-1": "US_WEST_CALIFORNIA",
        "us-west-2": "US_WEST_OREGON",
        "ca-central-1": "CANADA",
        "sa-east-1": "SA_BRAZIL",
        "eu-west-1": "EUROPE_IRELAND",
        "eu-west-2": "EUROPE_LONDON",
        "eu-west-3": "EUROPE_FRANCE",
        "eu-central-1": "EUROPE_FRANKFURT",
        "ap-southeast-1": "AP_SINGAPORE",
        "ap-southeast-2": "AP_SYDNEY",
        "ap-south-1": "AP_MUMBAI",
        "ap-northeast-1": "AP_TOKYO",
        "ap-northeast-2": "AP_SEOUL",
    }
)
"""What regions of AWS are called in the names of SKUs."""

_WAREHOUSES = {"SERVERLESS": "SERVERLESS_SQL_COMPUTE", "PRO": "SQL_PRO_COMPUTE", "CLASSIC": "SQL_COMPUTE"}
_REGIONLESS = ("SQL_COMPUTE",)


@dataclass(frozen=True, slots=True)
class Listed:
    """A price of a SKU.

    Args:
        sku: its name.
        unit: what is counted, e.g. `DBU`.
        price: of one unit.
        currency: of the price.
        since: from when on it holds.
        until: from when on it does not hold any more; None for no end.
    """

    sku: str
    unit: str
    price: Decimal
    currency: str
    since: dt.datetime
    until: dt.datetime | None = None


_EVER = dt.datetime.min.replace(tzinfo=dt.UTC)


class PriceList:
    """Prices by SKU and time.

    Args:
        listed: the prices; of two that hold, the later begun counts.
    """

    def __init__(self, listed: Iterable[Listed]) -> None:
        self._listed: dict[str, list[Listed]] = {}
        for price in sorted(listed, key=lambda one: one.since, reverse=True):
            self._listed.setdefault(price.sku, []).append(price)

    def find(self, sku: str, at: dt.datetime | None = None) -> Listed | None:
        """Return the price of a SKU at a time, now if none is given; None if there is no price."""
        moment = at or dt.datetime.now(dt.UTC)
        for price in self._listed.get(sku, ()):
            if price.since <= moment and (price.until is None or moment < price.until):
                return price
        return None

    def skus(self) -> list[str]:
        """Return the SKUs that have a price."""
        return sorted(self._listed)

    def with_declared(self, prices: Prices) -> PriceList:
        """Return the list with declared prices for what it does not have."""
        declared = [
            Listed(one.sku, one.unit, one.price, one.currency, _midnight(one.since), _midnight(one.until))
            for one in prices.list
            if one.sku not in self._listed
        ]
        return PriceList([*(price for found in self._listed.values() for price in found), *declared])


@cache
def built_in_prices() -> PriceList:
    """Return the public list prices that come with lakestead; the file says of when, and where from."""
    text = files("lakestead.costs").joinpath("price_list.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return PriceList(
        Listed(row["sku_name"], row["usage_unit"], Decimal(row["price"]), row["currency_code"], _EVER)
        for row in rows
    )


def read_prices_of(warehouse: Warehouse, catalog: str = "system") -> PriceList:
    """Return the prices that a workspace's `billing.list_prices` has.

    Args:
        warehouse: asks.
        catalog: of the system tables.

    Raises:
        databricks.sql.Error: when the table cannot be read.
    """
    rows = warehouse.rows(
        "SELECT sku_name, usage_unit, pricing.effective_list.default AS price, currency_code,"
        f" price_start_time, price_end_time FROM {quote_name(catalog, 'billing', 'list_prices')}"
        " WHERE pricing.effective_list.default IS NOT NULL"
    )
    return PriceList(
        Listed(
            row["sku_name"],
            row["usage_unit"],
            row["price"],
            row["currency_code"],
            row["price_start_time"],
            row["price_end_time"],
        )
        for row in rows
    )


def warehouse_sku(kind: str, region: str, tier: str = "PREMIUM") -> str:
    """Return the SKU that a SQL warehouse's DBUs are billed as.

    Args:
        kind: `SERVERLESS`, `PRO` or `CLASSIC`.
        region: of AWS, e.g. `us-east-1`, or as SKUs write it.
        tier: the account's plan, `PREMIUM` or `ENTERPRISE`.
    """
    product = _WAREHOUSES.get(kind.upper(), kind.upper())
    plain = f"{tier.upper()}_{product}"
    return plain if product in _REGIONLESS else f"{plain}_{REGIONS.get(region, region.upper())}"


def cluster_sku(workload: str, tier: str = "PREMIUM") -> str:
    """Return the SKU that a cluster's DBUs are billed as.

    Args:
        workload: `JOBS`, `ALL_PURPOSE`, `DLT_CORE`, …
        tier: the account's plan.
    """
    return f"{tier.upper()}_{workload.upper()}_COMPUTE"


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)
