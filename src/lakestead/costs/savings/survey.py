"""How SQL warehouses were used: when they ran, when statements ran on them, and what they cost.

All moments at which a warehouse's clusters or statements change are put in order. Between two of them
nothing changes: so long so many clusters ran, with so many statements, that kept so many cores busy (a
statement's task time, spread evenly over its run).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lakestead.costs.money import MONEY
from lakestead.costs.usage import Ledger, Period

NEEDED = ("query.history", "compute.warehouses", "compute.warehouse_events")
"""The tables that a survey reads, beside those of prices and usage."""

SERVERLESS_STOP_MINUTES = 5
CLASSIC_STOP_MINUTES = 10
"""After how many idle minutes a warehouse should stop: the shortest that the workspace's pages offer. What is
not serverless takes minutes to start again."""

_MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True)
class Use:
    """How a SQL warehouse was used in a period. Times are in microseconds.

    Args:
        warehouse: its id.
        name: as people call it.
        size: as system tables write it.
        kind: `SERVERLESS`, `PRO` or `CLASSIC`.
        auto_stop: after how many idle minutes it stops; 0 for never, None if that is not known.
        most_clusters: how many it may have.
        money: what it cost.
        running: for how long its clusters ran, all added up.
        idle: the part of `running` in which no statement ran.
        stoppable: the part of `idle` after the minutes after which it should have stopped.
        pauses: in how many pauses that was.
        cores: the most that were busy at once.
        task_ms: the task time of all statements.
        untimed: how many statements ran whose task time is not known.
        statements: how many ran.
        waiting_ms: for how long statements waited for room; None if that is not known.
        total_ms: how long all statements took; None if that is not known.
        spilled: bytes that did not fit into memory; None if that is not known.
    """

    warehouse: str
    name: str
    size: str | None
    kind: str | None
    auto_stop: int | None
    most_clusters: int | None
    money: Decimal
    running: int
    idle: int
    stoppable: int
    pauses: int
    cores: float
    task_ms: int
    untimed: int
    statements: int
    waiting_ms: int | None
    total_ms: int | None
    spilled: int | None

    @property
    def work_money(self) -> Decimal:
        """What it cost while statements ran."""
        return self.money * (self.running - self.idle) / self.running if self.running else Decimal(0)

    @property
    def stop_minutes(self) -> int:
        """After how many idle minutes it should stop."""
        return SERVERLESS_STOP_MINUTES if self.kind == "SERVERLESS" else CLASSIC_STOP_MINUTES


def survey(ledger: Ledger, period: Period, rates: Mapping[str, Decimal]) -> list[Use]:
    """Return how each warehouse was used that ran and cost something.

    Args:
        ledger: has all tables that are `NEEDED`.
        period: the days.
        rates: what a unit of each currency is worth.

    Raises:
        databricks.sql.Error: when a table cannot be read.
    """
    money: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in ledger.query(_COST, period):
        money[row["warehouse_id"]] += row["money"] * rates[row["currency"]]
    rows = ledger.query(_query(ledger), period)
    return [_use(row, money[row["warehouse"]]) for row in rows if money[row["warehouse"]] > 0]


def _use(row: dict[str, Any], money: Decimal) -> Use:
    known = {**row, "name": row["name"] or row["warehouse"], "cores": float(row["cores"] or 0)}
    return Use(**known, money=money)


_COST = f"""
    SELECT warehouse_id, currency, sum({MONEY}) AS money FROM priced
    WHERE warehouse_id IS NOT NULL AND currency IS NOT NULL GROUP BY warehouse_id, currency"""


def _query(ledger: Ledger) -> str:
    return f"""
        , settings AS (
            SELECT warehouse_id, max_by(warehouse_name, change_time) AS name,
                max_by(warehouse_size, change_time) AS size, max_by(warehouse_type, change_time) AS kind,
                max_by(auto_stop_minutes, change_time) AS auto_stop,
                max_by(max_clusters, change_time) AS most_clusters
            FROM {ledger.name("compute", "warehouses")} GROUP BY warehouse_id
        ),
        statements AS (
            SELECT compute.warehouse_id AS warehouse, total_task_duration_ms AS task_ms, from_result_cache,
                waiting_at_capacity_duration_ms AS waiting_ms, total_duration_ms AS total_ms,
                spilled_local_bytes AS spilled, unix_micros(greatest(start_time, :since)) AS start,
                unix_micros(least(end_time, :until)) AS end,
                coalesce(total_task_duration_ms, 0) * 1000.0D
                    / greatest(unix_micros(end_time) - unix_micros(start_time), 1) AS cores
            FROM {ledger.name("query", "history")}
            WHERE end_time > :since AND start_time < :until AND compute.warehouse_id IS NOT NULL
        ),
        events AS (
            SELECT warehouse_id AS warehouse, unix_micros(greatest(event_time, :since)) AS at,
                cluster_count - lag(cluster_count, 1, 0)
                    OVER (PARTITION BY warehouse_id ORDER BY event_time) AS clusters
            FROM {ledger.name("compute", "warehouse_events")}
            WHERE event_time < :until AND cluster_count IS NOT NULL
        ),
        changes AS (
            SELECT warehouse, at, clusters, 0 AS statements, 0.0D AS cores FROM events
            UNION ALL SELECT warehouse, start, 0, 1, cores FROM statements
            UNION ALL SELECT warehouse, end, 0, -1, -cores FROM statements
            UNION ALL SELECT DISTINCT warehouse,
                unix_micros(least(:until, greatest(current_timestamp(), :since))), 0, 0, 0.0D FROM events
        ),
        moments AS (
            SELECT warehouse, at, sum(clusters) AS clusters, sum(statements) AS statements,
                sum(cores) AS cores
            FROM changes GROUP BY warehouse, at
        ),
        spans AS (
            SELECT warehouse, at, lead(at) OVER (PARTITION BY warehouse ORDER BY at) AS until,
                sum(clusters) OVER (PARTITION BY warehouse ORDER BY at) AS clusters,
                sum(statements) OVER (PARTITION BY warehouse ORDER BY at) AS statements,
                sum(cores) OVER (PARTITION BY warehouse ORDER BY at) AS cores
            FROM moments
        ),
        pieces AS (
            SELECT *, sum(if(is_idle, 0, 1)) OVER (PARTITION BY warehouse ORDER BY at) AS piece
            FROM (SELECT *, clusters > 0 AND statements = 0 AS is_idle FROM spans)
            WHERE until IS NOT NULL
        ),
        paused AS (
            SELECT *, if(is_idle, min(if(is_idle, at, NULL)) OVER (PARTITION BY warehouse, piece), NULL)
                AS paused
            FROM pieces
        ),
        stops AS (
            SELECT p.*, p.paused + {_MINUTE_US}
                * if(s.kind = 'SERVERLESS', {SERVERLESS_STOP_MINUTES}, {CLASSIC_STOP_MINUTES}) AS stop
            FROM paused AS p LEFT JOIN settings AS s ON s.warehouse_id = p.warehouse
        ),
        times AS (
            SELECT warehouse, sum(clusters * (until - at)) AS running,
                sum(if(is_idle, clusters * (until - at), 0)) AS idle,
                sum(if(is_idle, clusters * greatest(0, until - greatest(at, stop)), 0)) AS stoppable,
                count(DISTINCT if(is_idle AND until > stop, piece, NULL)) AS pauses, max(cores) AS cores
            FROM stops WHERE clusters > 0 GROUP BY warehouse
        ),
        work AS (
            SELECT warehouse, coalesce(sum(task_ms), 0) AS task_ms, count(*) AS statements,
                count_if(task_ms IS NULL AND NOT coalesce(from_result_cache, FALSE)) AS untimed,
                sum(waiting_ms) AS waiting_ms, sum(total_ms) AS total_ms, sum(spilled) AS spilled
            FROM statements GROUP BY warehouse
        )
        SELECT t.warehouse, s.name, s.size, s.kind, s.auto_stop, s.most_clusters, t.running, t.idle,
            t.stoppable, t.pauses, t.cores, coalesce(w.task_ms, 0) AS task_ms,
            coalesce(w.untimed, 0) AS untimed, coalesce(w.statements, 0) AS statements, w.waiting_ms,
            w.total_ms, w.spilled
        FROM times AS t LEFT JOIN work AS w ON w.warehouse = t.warehouse
            LEFT JOIN settings AS s ON s.warehouse_id = t.warehouse"""
