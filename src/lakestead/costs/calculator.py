"""What work would cost, before it runs."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from lakestead.client import Warehouse
from lakestead.core.errors import ConfigError
from lakestead.costs.declared import Prices, read_prices
from lakestead.costs.estimate import Estimate, estimate, rule_of_thumb
from lakestead.costs.pricing import PriceList, built_in_prices, warehouse_sku
from lakestead.costs.rates import warehouse_dbus

_REGION = "us-west-2"


class DatabricksUnityCatalogPricingCalculator:
    """Estimates costs.

    Args:
        prices: of SKUs; the built-in public list if not given.
        declared: what `governance.yaml` says of prices.
    """

    def __init__(self, prices: PriceList | None = None, declared: Prices | None = None) -> None:
        self._prices = (prices or built_in_prices()).with_declared(declared or Prices())

    def calculate_sql_warehouse_cost(
        self,
        warehouse_size: str,
        duration_ms: int,
        region: str = _REGION,
        *,
        warehouse_type: str = "SERVERLESS",
        tier: str = "PREMIUM",
    ) -> Decimal:
        """Return what a SQL warehouse costs while it runs.

        Args:
            warehouse_size: `2X-Small` to `4X-Large`.
            duration_ms: for how long.
            region: of AWS.
            warehouse_type: `SERVERLESS`, `PRO` or `CLASSIC`.
            tier: the account's plan.

        Raises:
            ConfigError: there is no such size, or no price.
        """
        sku = warehouse_sku(warehouse_type, region, tier)
        price = self._prices.find(sku)
        if price is None:
            raise ConfigError(f"there is no price of {sku}: declare it under `prices` in governance.yaml")
        return warehouse_dbus(warehouse_size, duration_ms) * price.price

    def estimate_query_cost(
        self,
        query_complexity: str,
        data_scanned_gb: Decimal | float,
        warehouse_size: str = "Small",
        region: str = _REGION,
    ) -> Decimal:
        """Return roughly what a query costs on an idle serverless warehouse; see `estimate.rule_of_thumb`.

        `estimate_statement` knows better: it looks at a statement, its tables and the warehouse's history.

        Args:
            query_complexity: `simple`, `medium` or `complex`.
            data_scanned_gb: what it reads, in gigabytes.
            warehouse_size: `2X-Small` to `4X-Large`.
            region: of AWS.

        Raises:
            ConfigError: there is no such complexity or size, or no price.
        """
        time = rule_of_thumb(query_complexity, Decimal(str(data_scanned_gb)), warehouse_size)
        return self.calculate_sql_warehouse_cost(warehouse_size, time, region)

    def estimate_statement(
        self, warehouse: Warehouse, statement: str, *, region: str = _REGION, catalog: str = "system"
    ) -> Estimate:
        """Return what a statement would cost on a warehouse, and how far such estimates were off.

        Args:
            warehouse: explains it, and would run it.
            statement: a query.
            region: for the list price, if the warehouse has no usage yet.
            catalog: of the system tables.

        Raises:
            databricks.sql.Error: when the statement cannot be explained.
            ConfigError: when there is no price.
        """
        return estimate(warehouse, statement, self._prices, region, catalog)


@cache
def get_pricing_calculator() -> DatabricksUnityCatalogPricingCalculator:
    """Return the calculator of this process, with `prices:` of the `governance.yaml` here if there is one.

    Raises:
        ConfigError: when that file is wrong.
    """
    return DatabricksUnityCatalogPricingCalculator(declared=read_prices())
