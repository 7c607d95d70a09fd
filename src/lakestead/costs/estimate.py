"""What a statement would cost, before it runs."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from lakestead.client import Warehouse
from lakestead.core.errors import ConfigError
from lakestead.core.names import InvalidName, quote_name, split_name
from lakestead.costs.calibration import Calibration, Run, calibrate
from lakestead.costs.pricing import PriceList, warehouse_sku
from lakestead.costs.rates import WAREHOUSE_WORKERS, warehouse_dbus, warehouse_size
from lakestead.costs.usage import Ledger, Period, ledgers

if TYPE_CHECKING:
    from databricks.sdk.service.sql import GetWarehouseResponse

_DAYS = 30
_MOST_RUNS = 5_000
_GIGABYTE = 1_000_000_000
# Spark's plans say `Relation main.raw.t[…]`, the embedded workspace's `TableScan: main.raw.t projection=…`.
_TABLE = re.compile(r"(?:\bRelation |\bTableScan: )((?:[\w-]+|`[^`]+`)(?:\.(?:[\w-]+|`[^`]+`)){2})")

# The rule of thumb, for where there is no history: a second, and what a worker takes for a gigabyte. Joins
# and aggregations go over what they read more than once, and shuffle it.
COMPLEXITIES = {"simple": Decimal(1), "medium": Decimal("2.5"), "complex": Decimal(5)}
_START_MS = 1_000
_WORKER_MS_PER_GIGABYTE = 4_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a statement would cost if it ran alone.

    Args:
        cost: in `currency`.
        currency: of the price.
        dbus: what the warehouse would use.
        milliseconds: for how long it would run.
        size: the bytes of the tables that it reads; what is skipped in them is not known before.
        tables: their names.
        statements: of how many statements of the history its time was learnt; 0 for the rule of thumb.
        error: the median relative error of such estimates on that history; None for the rule of thumb.
        price: of a DBU.
        listed: whether the price is lakestead's own list's, for want of usage of the warehouse.
    """

    cost: Decimal
    currency: str
    dbus: Decimal
    milliseconds: int
    size: int
    tables: tuple[str, ...]
    statements: int
    error: float | None
    price: Decimal
    listed: bool


def rule_of_thumb(complexity: str, gigabytes: Decimal, size: str) -> int:
    """Return for how many milliseconds a statement runs on an idle warehouse, roughly.

        1 s + complexity × gigabytes × 4 s ÷ workers

    Complexity is 1 for a simple statement (a scan), 2.5 for a medium (joins, aggregation), 5 for a complex
    one (several of them, windows).

    Args:
        complexity: `simple`, `medium` or `complex`.
        gigabytes: what it reads.
        size: of the warehouse.

    Raises:
        ConfigError: there is no such complexity or size.
    """
    if complexity not in COMPLEXITIES:
        raise ConfigError(f"unknown complexity '{complexity}'; known are {', '.join(COMPLEXITIES)}")
    workers = WAREHOUSE_WORKERS[warehouse_size(size)]
    return _START_MS + int(COMPLEXITIES[complexity] * gigabytes * _WORKER_MS_PER_GIGABYTE / workers)


def estimate(
    warehouse: Warehouse, statement: str, prices: PriceList, region: str, catalog: str = "system"
) -> Estimate:
    """Return what a statement would cost on a warehouse.

    The warehouse explains it; the tables in the plan tell their sizes (`DESCRIBE DETAIL`); the warehouse's
    own history tells how long it works for a byte. The price is that of its newest usage.

    Args:
        warehouse: explains, and would run it.
        statement: a query.
        prices: for a warehouse without usage.
        region: of such a warehouse.
        catalog: of the system tables.

    Raises:
        databricks.sql.Error: when the statement cannot be explained.
        ConfigError: when there is no price.
    """
    tables = plan_tables(warehouse.rows(f"EXPLAIN COST {statement}")[0]["plan"])
    size = sum(_size(warehouse, table) for table in tables)
    its = warehouse.client.warehouses.get(_id(warehouse))
    today = dt.datetime.now(dt.UTC).date()
    period = Period(today - dt.timedelta(days=_DAYS), today + dt.timedelta(days=1))
    ledger = ledgers([warehouse], period, catalog)[0]
    learnt = _learn(ledger, period, _id(warehouse))
    if learnt is None:
        gigabytes = Decimal(size) / _GIGABYTE
        milliseconds = rule_of_thumb("medium", gigabytes, its.cluster_size or "")
    else:
        milliseconds = max(1, round(learnt.work(size) * learnt.elapsed))
    dbus = warehouse_dbus(its.cluster_size or "", milliseconds)
    price, currency, listed = _price(ledger, period, its, prices, region)
    return Estimate(
        dbus * price,
        currency,
        dbus,
        milliseconds,
        size,
        tables,
        learnt.statements if learnt else 0,
        learnt.error if learnt else None,
        price,
        listed,
    )


def plan_tables(plan: str) -> tuple[str, ...]:
    """Return the tables that a plan reads, each once."""
    found = []
    for name in _TABLE.findall(plan):
        try:
            found.append(".".join(split_name(name)))
        except InvalidName:
            continue
    return tuple(dict.fromkeys(found))


def _size(warehouse: Warehouse, table: str) -> int:
    rows = warehouse.rows(f"DESCRIBE DETAIL {quote_name(*table.split('.'))}")
    return int(rows[0]["sizeInBytes"] or 0)


def _id(warehouse: Warehouse) -> str:
    return warehouse.profile.http_path.rsplit("/", 1)[-1]


def _learn(ledger: Ledger, period: Period, warehouse_id: str) -> Calibration | None:
    if "query.history" not in ledger.tables:
        return None
    rows = ledger.warehouse.rows(
        f"""SELECT read_bytes, total_task_duration_ms AS work, execution_duration_ms AS elapsed
        FROM {ledger.name("query", "history")}
        WHERE compute.warehouse_id = :warehouse AND start_time >= :since AND read_bytes > 0
            AND execution_status = 'FINISHED' AND total_task_duration_ms > 0 AND execution_duration_ms > 0
        ORDER BY start_time DESC LIMIT {_MOST_RUNS}""",
        warehouse=warehouse_id,
        since=dt.datetime.combine(period.since, dt.time(), dt.UTC),
    )
    return calibrate([Run(row["read_bytes"], row["work"], row["elapsed"]) for row in reversed(rows)])


def _price(
    ledger: Ledger, period: Period, its: GetWarehouseResponse, prices: PriceList, region: str
) -> tuple[Decimal, str, bool]:
    """Return the price of a DBU, its currency, and whether it is a list's rather than the warehouse's own."""
    row = ledger.query(
        "SELECT max_by(price, usage_end_time) AS price, max_by(currency, usage_end_time) AS currency"
        " FROM priced WHERE warehouse_id = :warehouse AND usage_unit = 'DBU' AND price IS NOT NULL",
        period,
        warehouse=its.id,
    )[0]
    if row["price"] is not None:
        return row["price"], row["currency"], False
    kind = its.warehouse_type.value if its.warehouse_type else "CLASSIC"
    sku = warehouse_sku("SERVERLESS" if its.enable_serverless_compute else kind, region)
    listed = prices.find(sku)
    if listed is None:
        raise ConfigError(f"there is no price of {sku}: declare it under `prices` in governance.yaml")
    return listed.price, listed.currency, True
