"""What statements cost: SQL warehouses' usage, divided by their work.

In each hour, of what a warehouse used,

    busy share = time in which at least one statement ran ÷ time in which the warehouse ran, at most 1
    a statement's part = usage × busy share × its task time ÷ all statements' task time, both in the hour
    idle = usage − all parts

A statement's task time is spread evenly over its run, where it runs in several hours. Where the task time is
not known, its execution time counts; statements without either (results from the cache) have no part. When
the warehouse ran is in `compute.warehouse_events`; where nothing is there, it ran as long as its usage
records say. Of an hour whose end is not billed yet, only what is billed counts. Parts are rounded down to
12 decimals, and idle has the rest: they sum up to the usage exactly.
"""

from __future__ import annotations

from lakestead.costs.dimensions import Dimension
from lakestead.costs.usage import Ledger

_HOUR = 3_600_000_000  # microseconds
# What happens at the same time happens in this order.
_EVENTS = "CASE event_type WHEN 'STARTING' THEN 0 WHEN 'STOPPING' THEN 2 WHEN 'STOPPED' THEN 3 ELSE 1 END"
_KEYS = "workspace_id, warehouse_id, hour"
_PRICED = "sku_name, usage_unit, list_price, price, currency, rate"


def parts(ledger: Ledger, dimension: Dimension, rate: str, statement: str | None = None) -> str:
    """Return what follows `priced`: table expressions that end with `split`, the statements' parts.

    Its columns: `pool` (the warehouse's name in the dimension), `name` (the statements'), those of prices,
    and `quantity`.

    Args:
        ledger: its tables.
        dimension: how rows are named.
        rate: SQL of the exchange rate of a usage record.
        statement: SQL of statements' names, instead of the dimension's.
    """
    named = statement or dimension.statement
    name = "p.name" if named is None else ("coalesce(s.name, p.name)" if dimension.inherits else "s.name")
    used = "coalesce(r.running, s.billed)" if _has_events(ledger) else "s.billed"
    events = f", {_running(ledger)}" if _has_events(ledger) else ""
    joined = (
        "LEFT JOIN running AS r ON p.workspace_id = r.workspace_id AND p.warehouse_id = r.warehouse_id"
        " AND p.hour = r.hour"
        if events
        else ""
    )
    shares = _shares(ledger, named or "CAST(NULL AS STRING)")
    return f""", pool AS ({_pool(dimension, rate)}), billed AS ({_billed()}), {shares}{events}
, split AS (SELECT p.name AS pool, {name} AS name, sku_name, usage_unit, list_price, price, currency, rate,
            sum(CAST(CAST(floor(CAST(p.quantity AS DOUBLE) * (s.work / s.all_work)
                * least(1.0D, try_divide(s.busy, {used})) * 1e12D) / 1e12D
                AS DECIMAL(38, 12)) AS DECIMAL(38, 18))) AS quantity
        FROM pool AS p
        JOIN shares AS s ON p.workspace_id = s.workspace_id AND p.warehouse_id = s.warehouse_id
            AND p.hour = s.hour
        {joined}
        GROUP BY p.name, {name}, {_PRICED})"""


def _has_events(ledger: Ledger) -> bool:
    return "compute.warehouse_events" in ledger.tables


def _pool(dimension: Dimension, rate: str) -> str:
    """Return a query of what each warehouse used in each hour; a record counts for the hour it begins in."""
    return f"""
        SELECT {_KEYS}, name, {_PRICED}, sum(usage_quantity) AS quantity
        FROM (SELECT workspace_id, warehouse_id, {_hour("unix_micros(usage_start_time)")} AS hour,
                {dimension.warehouse} AS name, sku_name, usage_unit, list_price, price, currency,
                {rate} AS rate, usage_quantity
            FROM priced WHERE warehouse_id IS NOT NULL)
        GROUP BY {_KEYS}, name, {_PRICED}"""


def _billed() -> str:
    """Return a query of the part of each hour that is billed: less than the hour if the rest is not yet."""
    return f"""
        SELECT {_KEYS}, min(since_us) AS since_us, least(max(until_us), (hour + 1) * {_HOUR}) AS until_us
        FROM (SELECT workspace_id, warehouse_id, {_hour("unix_micros(usage_start_time)")} AS hour,
                unix_micros(usage_start_time) AS since_us, unix_micros(usage_end_time) AS until_us
            FROM usage WHERE warehouse_id IS NOT NULL)
        GROUP BY {_KEYS}"""


def _shares(ledger: Ledger, name: str) -> str:
    """Return table expressions that end with `shares`: each name's work in each hour, and all work."""
    work = "coalesce(total_task_duration_ms, execution_duration_ms)"
    return f"""
        runs AS (
            SELECT workspace_id, compute.warehouse_id AS warehouse_id, {name} AS name,
                CAST({work} AS DOUBLE) AS work, unix_micros(start_time) AS since_us,
                greatest(unix_micros(end_time), unix_micros(start_time) + 1) AS until_us
            FROM {ledger.name("query", "history")}
            WHERE start_time < :until AND end_time >= :since AND compute.warehouse_id IS NOT NULL
                AND {work} > 0
        ),
        hourly AS (
            SELECT workspace_id, warehouse_id, hour, name, least(r.until_us, b.until_us) AS until_us,
                greatest(r.since_us, b.since_us) AS since_us,
                work * (least(r.until_us, b.until_us) - greatest(r.since_us, b.since_us))
                    / (r.until_us - r.since_us) AS work,
                b.until_us - b.since_us AS billed
            FROM (SELECT *, explode(sequence({_hour("since_us")}, {_hour("until_us - 1")})) AS hour
                FROM runs) AS r
            JOIN billed AS b USING (workspace_id, warehouse_id, hour)
            WHERE r.since_us < b.until_us AND r.until_us > b.since_us
        ),
        covered AS (
            SELECT {_KEYS}, name, work, billed,
                greatest(0, until_us - greatest(since_us, coalesce(max(until_us) OVER (
                    PARTITION BY {_KEYS} ORDER BY since_us, until_us
                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), since_us))) AS busy
            FROM hourly
        ),
        named AS (
            SELECT {_KEYS}, name, sum(work) AS work, sum(busy) AS busy, max(billed) AS billed
            FROM covered GROUP BY {_KEYS}, name
        ),
        shares AS (
            SELECT {_KEYS}, name, work, billed, sum(work) OVER (PARTITION BY {_KEYS}) AS all_work,
                sum(busy) OVER (PARTITION BY {_KEYS}) AS busy
            FROM named
        )"""


def _running(ledger: Ledger) -> str:
    """Return the table expression `running`: for how long each warehouse ran in each hour."""
    return f"""
        spans AS (
            SELECT workspace_id, warehouse_id, cluster_count, unix_micros(event_time) AS since_us,
                coalesce(lead(unix_micros(event_time)) OVER (PARTITION BY workspace_id, warehouse_id
                    ORDER BY event_time, {_EVENTS}), unix_micros(least(:until, current_timestamp())))
                    AS until_us
            FROM {ledger.name("compute", "warehouse_events")} WHERE event_time < :until
        ),
        running AS (
            SELECT {_KEYS}, sum(least(r.until_us, b.until_us) - greatest(r.since_us, b.since_us)) AS running
            FROM (SELECT workspace_id, warehouse_id, since_us, until_us,
                    explode(sequence({_hour("greatest(since_us, unix_micros(:since))")},
                        {_hour("until_us - 1")})) AS hour
                FROM spans
                WHERE cluster_count > 0 AND until_us > since_us AND until_us > unix_micros(:since)) AS r
            JOIN billed AS b USING (workspace_id, warehouse_id, hour)
            WHERE r.since_us < b.until_us AND r.until_us > b.since_us
            GROUP BY {_KEYS}
        )"""


def _hour(microseconds: str) -> str:
    return f"CAST(floor(({microseconds}) / {_HOUR}) AS BIGINT)"
