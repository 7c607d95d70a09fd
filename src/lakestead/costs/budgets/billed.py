"""What usage records say was spent.

A SQL warehouse's record (an hour of it at most) is divided among the statements that ran in its time, by
their task time, or by their duration where no task time is known. A statement's part is its own tags' (or a
fallback's) where it has some, else the warehouse's. A record of a time without statements is the
warehouse's whole.
"""

from __future__ import annotations

from lakestead.costs.budgets.owners import OwnerColumns
from lakestead.costs.budgets.periods import Span
from lakestead.costs.budgets.spending import Spending
from lakestead.costs.declared import Attribution
from lakestead.costs.money import MONEY
from lakestead.costs.owners import Columns
from lakestead.costs.usage import Ledger

STATEMENT = Columns("h.query_tags", "h.workspace_id", "h.compute.warehouse_id", "h.executed_by", "'SQL'")
"""Where a statement `h` of query history says whose it is."""

_RECORD = Columns("r.custom_tags", "r.workspace_id", "r.warehouse_id", "r.run_as", "r.product")


def read_billed(ledger: Ledger, span: Span, attribution: Attribution) -> list[Spending]:
    """Return what was spent in a span, by whom and where.

    Args:
        ledger: has the records.
        span: a record counts where it started.
        attribution: which tags say whose it is.

    Raises:
        databricks.sql.Error: when a table cannot be read.
    """
    owners = OwnerColumns(attribution)
    rows = ledger.query(_query(ledger, owners), span.days, **owners.parameters)
    return [Spending(**row) for row in rows]


def weight(history: str) -> str:
    """Return an expression of what a statement's part of a warehouse's cost is reckoned by, in milliseconds.

    Args:
        history: the alias of its row of `system.query.history`.
    """
    return f"coalesce({history}.total_task_duration_ms, {history}.total_duration_ms)"


# The types are such that no product has more than 38 digits, beyond which digits are dropped.
# A statement belongs to each hour that it ran in: by the hour, records and statements meet in an equality.
def _query(ledger: Ledger, owners: OwnerColumns) -> str:
    return f"""
        , records AS (
            SELECT *, date_trunc('HOUR', usage_start_time) AS hour, {MONEY} AS money FROM priced
        ),
        statements AS (
            SELECT h.compute.warehouse_id AS warehouse_id, h.start_time, h.end_time, {owners.of(STATEMENT)},
                {weight("h")} AS weight,
                explode(sequence(
                    date_trunc('HOUR', h.start_time), date_trunc('HOUR', h.end_time), INTERVAL 1 HOUR
                )) AS hour
            FROM {ledger.name("query", "history")} AS h
            WHERE h.end_time > :since AND h.start_time < :until AND h.compute.warehouse_id IS NOT NULL
        ),
        overlaps AS (
            SELECT r.record_id, s.team, s.project, s.cost_center, s.weight
                * (unix_micros(least(s.end_time, r.usage_end_time))
                    - unix_micros(greatest(s.start_time, r.usage_start_time)))
                DIV greatest(unix_micros(s.end_time) - unix_micros(s.start_time), 1) AS weight
            FROM records AS r JOIN statements AS s ON r.warehouse_id = s.warehouse_id AND r.hour = s.hour
            WHERE s.start_time < r.usage_end_time AND s.end_time > r.usage_start_time
        ),
        parts AS (
            SELECT record_id, team, project, cost_center, sum(weight) AS weight
            FROM overlaps WHERE weight > 0 GROUP BY 1, 2, 3, 4
        ),
        shares AS (SELECT *, sum(weight) OVER (PARTITION BY record_id) AS whole FROM parts)
        SELECT {owners.of(_RECORD, known="s")},
            r.warehouse_id AS warehouse, r.workspace_id AS workspace, r.currency,
            CAST(sum(CAST(coalesce(r.money, 0) AS DECIMAL(20, 12))
                * CAST(coalesce(s.weight, 1) AS DECIMAL(17, 0))
                / CAST(coalesce(s.whole, 1) AS DECIMAL(17, 0))) AS DECIMAL(38, 12)) AS money,
            count(DISTINCT if(r.money IS NULL, r.record_id, NULL)) AS unpriced
        FROM records AS r LEFT JOIN shares AS s ON r.record_id = s.record_id
        GROUP BY 1, 2, 3, 4, 5, 6"""
