"""The cost report over usage and query history: a year of a company with forty warehouses.

Ten million usage records and as many statements, made in the engine, are priced, divided among the statements
by their task time, idle time apart, and summed by team. The peer is DuckDB in this process over the same
Parquet files, with the same division in its own SQL. Memory is this process's: the toolkit's share; the
workspace does the work.
"""

from __future__ import annotations

import datetime as dt
import gc
import tracemalloc
from contextlib import ExitStack, closing
from decimal import Decimal
from typing import Any

import duckdb

from benchmarks.harness import Figure, Goal, Group, Size, compared, in_turns, timed
from benchmarks.servers.lakestead import lakestead
from lakestead.client import Warehouse
from lakestead.costs import By, Period, read_report

_PERIOD = Period(dt.date(2025, 1, 1), dt.date(2026, 1, 1))
_WAREHOUSES = 40
_CATALOG = "copies"
_PEER, _REPORT = "DuckDB, same files", "lakestead costs report"
_START = "TIMESTAMP '2025-01-01 00:00:00'"
_SECONDS = 365 * 86_400
_TABLES = {
    "billing.list_prices": """
        SELECT CAST(NULL AS STRING) AS account_id, 'SQL' AS sku_name, 'AWS' AS cloud, 'USD' AS currency_code,
            'DBU' AS usage_unit, timestamp_seconds(1735689600 + 15552000 * id) AS price_start_time,
            IF(id = 2, CAST(NULL AS TIMESTAMP), timestamp_seconds(1735689600 + 15552000 * (id + 1)))
                AS price_end_time,
            named_struct('default', p, 'effective_list', named_struct('default', p)) AS pricing
        FROM (SELECT id, CAST(0.5 + id * 0.1 AS DECIMAL(38, 18)) AS p FROM range(3))""",
    "billing.usage": """
        SELECT 'account' AS account_id, '1' AS workspace_id, CAST(id AS STRING) AS record_id,
            'SQL' AS sku_name, 'AWS' AS cloud, 'DBU' AS usage_unit, start AS usage_start_time,
            start + INTERVAL 1 HOUR AS usage_end_time,
            CAST(start AS DATE) AS usage_date, map('team', concat('team ', w % 10)) AS custom_tags,
            CAST(CAST(1 + id % 8 AS DECIMAL(20, 0)) / 8 AS DECIMAL(38, 18)) AS usage_quantity,
            named_struct('warehouse_id', concat('w', w), 'cluster_id', n, 'job_id', n, 'dlt_pipeline_id', n,
                'endpoint_id', n, 'app_id', n, 'database_instance_id', n, 'metastore_id', n)
                AS usage_metadata,
            named_struct('run_as', n) AS identity_metadata, 'ORIGINAL' AS record_type,
            'SQL' AS billing_origin_product, 'COMPUTE_TIME' AS usage_type
        FROM (SELECT id, id % {warehouses} AS w, CAST(NULL AS STRING) AS n,
                timestamp_seconds(1735689600 + 3600 * (id DIV {warehouses} % 8760)) AS start
            FROM range({rows}))""",
    "query.history": """
        SELECT '1' AS workspace_id, CAST(id AS STRING) AS statement_id,
            concat('user', id % 500) AS executed_by,
            named_struct('type', 'WAREHOUSE', 'cluster_id', CAST(NULL AS STRING), 'warehouse_id',
                concat('w', id % {warehouses})) AS compute,
            CASE WHEN id % 3 = 0 THEN map('team', concat('squad ', id % 30)) END AS query_tags,
            'FINISHED' AS execution_status, 'SELECT 1' AS statement_text,
            CAST(id % 5000 AS BIGINT) AS total_task_duration_ms,
            CAST(id % 2000 AS BIGINT) AS execution_duration_ms,
            timestamp_seconds(1735689600 + id * 7919 % {seconds}) AS start_time,
            timestamp_seconds(1735689600 + id * 7919 % {seconds} + id % 60) AS end_time
        FROM range({rows})""",
}
_DUCKDB = """
    WITH prices AS (
        SELECT sku_name, cloud, usage_unit, pricing.effective_list.default AS price, price_start_time,
            coalesce(price_end_time, TIMESTAMPTZ '9999-12-31') AS price_end_time
        FROM read_parquet('{list_prices}')
    ),
    pool AS (
        SELECT usage_metadata.warehouse_id AS warehouse, epoch(usage_start_time) // 3600 AS hour,
            custom_tags['team'] AS team, price, sum(usage_quantity) AS quantity
        FROM read_parquet('{usage}') AS u LEFT JOIN prices AS p ON u.sku_name = p.sku_name
            AND u.cloud = p.cloud AND u.usage_unit = p.usage_unit AND usage_end_time >= price_start_time
            AND usage_end_time < price_end_time
        GROUP BY ALL
    ),
    runs AS (
        SELECT compute.warehouse_id AS warehouse, query_tags['team'] AS team, epoch(start_time) AS a,
            greatest(epoch(end_time), epoch(start_time) + 0.000001) AS b, total_task_duration_ms AS work
        FROM read_parquet('{history}') WHERE total_task_duration_ms > 0
    ),
    hourly AS (
        SELECT warehouse, team, hour, greatest(a, hour * 3600) AS since, least(b, (hour + 1) * 3600) AS till,
            work * (least(b, (hour + 1) * 3600) - greatest(a, hour * 3600)) / (b - a) AS work
        FROM (SELECT *, unnest(range(CAST(floor(a / 3600) AS BIGINT), CAST(ceil(b / 3600) AS BIGINT))) AS hour
            FROM runs)
    ),
    covered AS (
        SELECT warehouse, team, hour, work, greatest(0, till - greatest(since, coalesce(max(till) OVER (
            PARTITION BY warehouse, hour ORDER BY since, till
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), since))) AS busy
        FROM hourly
    ),
    named AS (SELECT warehouse, team, hour, sum(work) AS work, sum(busy) AS busy FROM covered GROUP BY ALL),
    shares AS (
        SELECT *, sum(work) OVER w AS all_work, sum(busy) OVER w AS all_busy FROM named
        WINDOW w AS (PARTITION BY warehouse, hour)
    )
    SELECT coalesce(s.team, p.team) AS team,
        sum(CAST(quantity AS DOUBLE) * price * s.work / all_work * least(1, all_busy / 3600)) AS cost
    FROM pool AS p JOIN shares AS s ON p.warehouse = s.warehouse AND p.hour = s.hour GROUP BY ALL"""


def run(size: Size) -> list[Group]:
    """Measure."""
    rows = size(10_000_000, 100_000)
    with ExitStack() as stack:
        workspace = stack.enter_context(lakestead())
        warehouse = stack.enter_context(closing(Warehouse(workspace.profile)))
        files = _make(warehouse, rows)
        peer = stack.enter_context(duckdb.connect())
        peer.execute("SET TimeZone = 'UTC'")
        query = _DUCKDB.format(**files)
        _agree(warehouse, peer.execute(query).fetchall())
        contenders = {
            _PEER: timed(lambda: peer.execute(query).fetchall()),
            _REPORT: timed(lambda: _report(warehouse)),
        }
        figures = compared(in_turns(contenders, rounds=1), "s", lambda seconds: seconds)
        memory = Figure(
            _REPORT, _memory(warehouse), "MB", goal=Goal(200), note="peak of the toolkit's own objects"
        )
        return [
            Group(f"Cost report by team over {rows:,} usage records and {rows:,} statements", figures),
            Group("Memory that the toolkit takes for it", [memory]),
        ]


def _make(warehouse: Warehouse, rows: int) -> dict[str, str]:
    """Make the tables; return the Parquet files of each, as a pattern."""
    warehouse.execute(f"CREATE CATALOG {_CATALOG}").close()
    files = {}
    for table, query in _TABLES.items():
        schema, name = table.split(".")
        warehouse.execute(f"CREATE SCHEMA IF NOT EXISTS {_CATALOG}.{schema}").close()
        text = query.format(rows=rows, warehouses=_WAREHOUSES, seconds=_SECONDS)
        warehouse.execute(f"CREATE TABLE {_CATALOG}.{table} AS {text}").close()
        location = warehouse.rows(f"DESCRIBE DETAIL {_CATALOG}.{table}")[0]["location"]
        files[name] = f"{location.removeprefix('file://')}/*.parquet"
    return files


def _report(warehouse: Warehouse) -> dict[str | None, Decimal]:
    report = read_report([warehouse], _PERIOD, By.TEAM, catalog=_CATALOG)
    return {share.name: share.cost - share.idle for share in report.shares}


def _agree(warehouse: Warehouse, peers: list[Any]) -> None:
    """Make sure that both have done the same."""
    ours = _report(warehouse)
    for team, cost in peers:
        if abs(float(ours[team]) - cost) > 1e-6 * abs(cost):
            raise RuntimeError(f"{team}: {ours[team]} here, {cost} by the peer")


def _memory(warehouse: Warehouse) -> float:
    gc.collect()
    tracemalloc.start()
    try:
        _report(warehouse)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
