"""Usage records with their prices, as a query."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lakestead.client import Warehouse
from lakestead.core.names import quote_name
from lakestead.costs.declared import Price, Prices

INFRASTRUCTURE = "CLOUD_INFRASTRUCTURE"
"""The SKU, so to say, of what the cloud's own bill has."""

_FOREVER = "TIMESTAMP '9999-12-31 00:00:00'"
_EVER = "TIMESTAMP '1970-01-01 00:00:00'"
_LIST_AMOUNT = "pricing.effective_list.default"
_OWNER = "concat(account_id, '/', coalesce(workspace_id, ''))"


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, UTC.

    Args:
        since: the first.
        until: the first that does not count any more.
    """

    since: dt.date
    until: dt.date


@dataclass(frozen=True)
class Ledger:
    """The system tables of one workspace, and how to read them.

    Args:
        warehouse: asks.
        catalog: of the system tables.
        prices: what the lists of prices do not have.
        tables: the tables of schemas that need not be there, e.g. `billing.account_prices`.
        without: `account/workspace` of which other ledgers have the usage.
    """

    warehouse: Warehouse
    catalog: str = "system"
    prices: Prices = field(default_factory=Prices)
    tables: frozenset[str] = frozenset()
    without: tuple[str, ...] = ()

    def name(self, schema: str, table: str) -> str:
        """Return a table's quoted name."""
        return quote_name(self.catalog, schema, table)

    def query(self, text: str, period: Period, **parameters: Any) -> list[dict[str, Any]]:
        """Return the rows of a query that begins with the table expression `priced`.

        Args:
            text: what follows; may refer to `priced`, `:since` and `:until`.
            period: what counts.
            parameters: further ones.
        """
        return self.warehouse.rows(f"{self.priced()} {text}", **self.parameters(period), **parameters)

    def parameters(self, period: Period) -> dict[str, Any]:
        """Return the parameters that `priced` has."""
        found: dict[str, Any] = {
            "since": dt.datetime.combine(period.since, dt.time(), dt.UTC),
            "until": dt.datetime.combine(period.until, dt.time(), dt.UTC),
        }
        if self.without:
            found["without"] = list(self.without)
        if self.prices.list:
            found["declared"] = json.dumps([_row(price) for price in self.prices.list])
        return found

    def priced(self) -> str:
        """Return `WITH … priced AS (…)`: each usage record of the period, with its price.

        The price is the one that held when the record's time ended: from a price's start up to, and not
        including, its end. `list_price` is Databricks' effective list price, `price` what the account pays:
        the account's own price if there is one, else the list's, else the declared; NULL if there is none.
        Corrections are records as any others.
        """
        contracts = "billing.account_prices" in self.tables
        declared = bool(self.prices.list)
        parts = [f"list_price AS ({_prices(self.name('billing', 'list_prices'), _LIST_AMOUNT)})"]
        if contracts:
            own = _prices(self.name("billing", "account_prices"), "pricing.default", "account_id")
            parts.append(f"own_price AS ({own})")
        if declared:
            parts.append(f"declared_price AS ({_DECLARED})")
        parts.append(f"usage AS ({self._usage()})")
        price = ["o.price"] * contracts + ["l.price"] + ["d.price"] * declared
        currency = ["o.currency"] * contracts + ["l.currency"] + ["d.currency"] * declared
        joins = _join("l", "list_price")
        joins += _join("o", "own_price", "AND u.account_id = o.account_id") if contracts else ""
        joins += _join("d", "declared_price") if declared else ""
        priced = f"""
            SELECT u.*, coalesce(u.own_cost_price, l.price) AS list_price,
                coalesce(u.own_cost_price, {", ".join(price)}) AS price,
                coalesce(u.own_cost_currency, {", ".join(currency)}) AS currency
            FROM usage AS u {joins}"""
        return f"WITH {', '.join(parts)}, priced AS ({priced})"

    def _usage(self) -> str:
        """Return a query of all records; what the cloud itself bills is a record with a price of 1."""
        apart = f"AND NOT array_contains(:without, {_OWNER})" if self.without else ""
        where = f"WHERE usage_date >= CAST(:since AS DATE) AND usage_date < CAST(:until AS DATE) {apart}"
        usage = f"""
            SELECT account_id, workspace_id, record_id, sku_name, cloud, usage_unit, usage_start_time,
                usage_end_time, usage_date, usage_quantity, custom_tags, billing_origin_product AS product,
                usage_type, record_type, usage_metadata.warehouse_id AS warehouse_id,
                coalesce(usage_metadata.warehouse_id, usage_metadata.cluster_id, usage_metadata.job_id,
                    usage_metadata.dlt_pipeline_id, usage_metadata.endpoint_id, usage_metadata.app_id,
                    usage_metadata.database_instance_id, usage_metadata.metastore_id) AS resource_id,
                identity_metadata.run_as AS run_as,
                CAST(NULL AS DECIMAL(38, 18)) AS own_cost_price, CAST(NULL AS STRING) AS own_cost_currency
            FROM {self.name("billing", "usage")} {where}"""
        if "billing.cloud_infra_cost" not in self.tables:
            return usage
        return f"""{usage} UNION ALL
            SELECT account_id, workspace_id, record_id, '{INFRASTRUCTURE}', cloud, currency_code,
                usage_start_time, usage_end_time, usage_date, cost, CAST(NULL AS MAP<STRING, STRING>),
                '{INFRASTRUCTURE}', '{INFRASTRUCTURE}', 'ORIGINAL', usage_metadata.warehouse_id,
                coalesce(usage_metadata.warehouse_id, usage_metadata.cluster_id,
                    usage_metadata.instance_pool_id),
                CAST(NULL AS STRING), CAST(1 AS DECIMAL(38, 18)), currency_code
            FROM {self.name("billing", "cloud_infra_cost")} {where}"""


_DECLARED = f"""
    SELECT p.sku AS sku_name, p.unit AS usage_unit, p.cloud AS cloud, p.currency AS currency,
        CAST(p.price AS DECIMAL(38, 18)) AS price,
        coalesce(CAST(p.since AS TIMESTAMP), {_EVER}) AS price_start,
        coalesce(CAST(p.until AS TIMESTAMP), {_FOREVER}) AS price_end
    FROM (SELECT explode(from_json(:declared,
        'array<struct<sku:string,unit:string,cloud:string,currency:string,price:string,since:string,until:string>>'
    )) AS p)"""


def _row(price: Price) -> dict[str, str | None]:
    return {
        "sku": price.sku,
        "unit": price.unit,
        "cloud": price.cloud,
        "currency": price.currency,
        "price": str(price.price),
        "since": None if price.since == dt.date.min else f"{price.since} 00:00:00Z",
        "until": None if price.until == dt.date.max else f"{price.until} 00:00:00Z",
    }


def _prices(table: str, amount: str, *keys: str) -> str:
    """Return a query of prices of which no two hold at the same time: usage is never counted twice."""
    names = ", ".join([*keys, "sku_name", "cloud", "usage_unit"])
    return f"""
        SELECT {names}, currency, price, price_start,
            least(price_end, coalesce(next_start, {_FOREVER})) AS price_end
        FROM (SELECT *, lead(price_start) OVER (PARTITION BY {names} ORDER BY price_start) AS next_start
            FROM (SELECT {names}, currency_code AS currency, {amount} AS price,
                    price_start_time AS price_start, coalesce(price_end_time, {_FOREVER}) AS price_end,
                    row_number() OVER (PARTITION BY {names}, price_start_time
                        ORDER BY price_end_time NULLS FIRST, {amount}) AS same_start
                FROM {table} WHERE {amount} IS NOT NULL)
            WHERE same_start = 1)"""


def _join(alias: str, prices: str, also: str = "") -> str:
    return f"""
        LEFT JOIN {prices} AS {alias} ON u.sku_name = {alias}.sku_name AND u.usage_unit = {alias}.usage_unit
            AND u.cloud = coalesce({alias}.cloud, u.cloud) AND u.usage_end_time >= {alias}.price_start
            AND u.usage_end_time < {alias}.price_end {also}"""


_OPTIONAL = (
    "billing.account_prices",
    "billing.cloud_infra_cost",
    "query.history",
    "compute.warehouses",
    "compute.warehouse_events",
    "lakeflow.job_run_timeline",
    "access.table_lineage",
)


def ledgers(
    warehouses: Sequence[Warehouse], period: Period, catalog: str = "system", prices: Prices | None = None
) -> list[Ledger]:
    """Return the ledgers of several workspaces, of which no two have the same usage.

    The billing tables of one workspace have the usage of all workspaces of its account; a workspace's usage
    is taken from the first that has it.

    Args:
        warehouses: one of each workspace.
        period: what counts.
        catalog: of the system tables, in all of them.
        prices: what the lists of prices do not have.

    Raises:
        databricks.sql.Error: when tables cannot be read.
    """
    made: list[Ledger] = []
    taken: tuple[str, ...] = ()
    for warehouse in warehouses:
        ledger = Ledger(warehouse, catalog, prices or Prices(), _tables(warehouse, catalog), taken)
        made.append(ledger)
        if len(warehouses) > 1:
            rows = ledger.query(f"SELECT DISTINCT {_OWNER} AS id FROM priced", period)
            taken += tuple(row["id"] for row in rows)
    return made


def _tables(warehouse: Warehouse, catalog: str) -> frozenset[str]:
    """Return which of the tables are there that need not be."""
    found = set()
    for schema in sorted({table.split(".")[0] for table in _OPTIONAL}):
        if not warehouse.rows(f"SHOW SCHEMAS IN {quote_name(catalog)} LIKE '{schema}'"):
            continue
        rows = warehouse.rows(f"SHOW TABLES IN {quote_name(catalog, schema)}")
        found |= {f"{schema}.{row['tableName']}" for row in rows}
    return frozenset(found & set(_OPTIONAL))
