"""What has run since a warehouse's newest usage record, which come hours late: an estimate of its cost.

    cost = hours in which any of its statements ran × DBUs an hour of its size × its newest record's price

It is divided among the statements as records are. A warehouse of several clusters is counted as one, and idle
time is not: this is the least that it cost. A warehouse without a record has the list price of its kind, if
that is the same wherever it is listed; else none is known.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from lakestead.costs.budgets.billed import STATEMENT, weight
from lakestead.costs.budgets.owners import OwnerColumns, warehouse_columns
from lakestead.costs.budgets.periods import Span
from lakestead.costs.budgets.spending import Spending
from lakestead.costs.declared import Attribution
from lakestead.costs.rates import warehouse_dbus
from lakestead.costs.usage import Ledger, Period

_LOOK_BACK = dt.timedelta(days=35)  # for a record that says what a warehouse's DBUs cost


def read_unbilled(ledger: Ledger, span: Span, attribution: Attribution) -> list[Spending]:
    """Return what was spent in a span and has no usage record yet, by whom and where.

    Args:
        ledger: has the records and the history.
        span: a statement counts for the time that it ran in it.
        attribution: which tags say whose it is.

    Raises:
        databricks.sql.Error: when a table cannot be read.
    """
    earlier = Period((span.start - _LOOK_BACK).date(), span.days.until)
    owners = OwnerColumns(attribution)
    rows = ledger.query(_query(ledger, owners), earlier, start=span.start, **owners.parameters)
    return [_spending(row) for row in rows]


def _spending(row: dict[str, Any]) -> Spending:
    money, currency = Decimal(0), None
    if row["size"] is not None and row["price"] is not None:
        whole = warehouse_dbus(row["size"], row["busy_us"] // 1000) * row["price"]
        money, currency = whole * row["weight"] / row["whole"], row["currency"]
    names = ("team", "project", "cost_center", "warehouse", "workspace")
    unpriced = row["statements"] if currency is None else 0
    return Spending(**{name: row[name] for name in names}, currency=currency, money=money, unpriced=unpriced)


# What a DBU of a kind of warehouse costs, where all that are listed now cost the same.
_BY_KIND = """
        by_kind AS (
            SELECT kind, max(amount) AS price, max(code) AS currency
            FROM (SELECT price AS amount, currency AS code,
                    CASE WHEN sku_name LIKE '%SERVERLESS_SQL_COMPUTE%' THEN 'SERVERLESS'
                    WHEN sku_name LIKE '%SQL_PRO_COMPUTE%' THEN 'PRO'
                    WHEN sku_name LIKE '%SQL_COMPUTE%' THEN 'CLASSIC' END AS kind
                FROM list_price WHERE usage_unit = 'DBU' AND price_start <= current_timestamp()
                    AND price_end > current_timestamp())
            WHERE kind IS NOT NULL
            GROUP BY kind HAVING min(amount) = max(amount) AND min(code) = max(code)
        )"""


def _query(ledger: Ledger, owners: OwnerColumns) -> str:
    return f"""
        , newest AS (
            SELECT warehouse_id, max(usage_end_time) AS billed, max_by(price, usage_end_time) AS price,
                max_by(currency, usage_end_time) AS currency
            FROM priced WHERE warehouse_id IS NOT NULL GROUP BY warehouse_id
        ),
        {_BY_KIND},
        settings AS (
            SELECT warehouse_id, max_by(warehouse_size, change_time) AS size,
                max_by(warehouse_type, change_time) AS kind,
                max_by(tags, change_time) AS tags
            FROM {ledger.name("compute", "warehouses")} GROUP BY warehouse_id
        ),
        statements AS (
            SELECT h.compute.warehouse_id AS warehouse, h.workspace_id AS workspace, {owners.of(STATEMENT)},
                {weight("h")} AS weight, n.price, n.currency,
                unix_micros(greatest(h.start_time, coalesce(n.billed, :start), :start)) AS start,
                unix_micros(least(h.end_time, :until)) AS end
            FROM {ledger.name("query", "history")} AS h
                LEFT JOIN newest AS n ON n.warehouse_id = h.compute.warehouse_id
            WHERE h.compute.warehouse_id IS NOT NULL AND h.start_time < :until
                AND h.end_time > greatest(coalesce(n.billed, :start), :start)
        ),
        reached AS (
            SELECT *, max(end) OVER (
                PARTITION BY warehouse ORDER BY start, end ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS reached
            FROM statements WHERE weight > 0
        ),
        whole AS (
            SELECT warehouse, sum(weight) AS whole,
                sum(greatest(0, end - greatest(start, coalesce(reached, 0)))) AS busy_us
            FROM reached GROUP BY warehouse
        )
        SELECT {owners.of(warehouse_columns("s.tags", "r.workspace", "r.warehouse"), known="r")},
            r.warehouse, r.workspace, s.size,
            if(r.price IS NULL, k.currency, r.currency) AS currency, coalesce(r.price, k.price) AS price,
            w.busy_us, w.whole,
            sum(r.weight) AS weight, count(*) AS statements
        FROM reached AS r JOIN whole AS w ON w.warehouse = r.warehouse
            LEFT JOIN settings AS s ON s.warehouse_id = r.warehouse
            LEFT JOIN by_kind AS k ON k.kind = s.kind
        GROUP BY ALL"""
