"""The rows of the report: findings, and what was measured over the newest windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from lakestead.client import Warehouse
from lakestead.profiling.config import Alerting
from lakestead.profiling.findings import ALL_ROWS, Finding, Relations, breaches, drift, performance, quality
from lakestead.profiling.views import PART_TABLES, Kind, Metrics, relevant, union

Row = dict[str, Any]
WINDOWS = 60
"""The newest windows of each table and granularity are shown."""

COLUMNS = 40
"""The columns that drifted the most are shown."""

_AGE = "dense_rank() OVER (PARTITION BY source_table_name, granularity ORDER BY window_start DESC) AS age"


def findings(
    warehouse: Warehouse, metrics: Sequence[Metrics], alerting: Alerting
) -> dict[Finding, list[Row]]:
    """Return what breaks a limit in the newest windows, by kind.

    Args:
        warehouse: is asked.
        metrics: the metric tables of all monitored tables.
        alerting: the limits.
    """
    return {
        finding: _rows(warehouse, metrics, partial(breaches, finding, alerting=alerting))
        for finding in Finding
    }


def drifts(warehouse: Warehouse, metrics: Sequence[Metrics], alerting: Alerting) -> list[Row]:
    """Return measured drift of all rows of the columns that drifted the most, with each window's `age`.

    Args:
        warehouse: is asked.
        metrics: the metric tables of all monitored tables.
        alerting: the limits.
    """

    def query(relations: Relations) -> str | None:
        if relations.drift is None:
            return None
        worst = "max(value) OVER (PARTITION BY source_table_name, column_name) AS worst"
        aged = f"SELECT *, {_AGE} FROM ({drift(relations, alerting)}) WHERE slice = '{ALL_ROWS}'"
        ranked = f"SELECT *, {worst} FROM ({aged}) WHERE age <= {WINDOWS}"
        place = "dense_rank() OVER (ORDER BY worst DESC, source_table_name, column_name) AS place"
        return f"SELECT * FROM (SELECT *, {place} FROM ({ranked})) WHERE place <= {COLUMNS}"

    rows = _rows(warehouse, metrics, query)
    places = sorted({(-row["worst"], row["source_table_name"], row["column_name"]) for row in rows})[:COLUMNS]
    shown = {place[1:] for place in places}
    return [row for row in rows if (row["source_table_name"], row["column_name"]) in shown]


def tables(warehouse: Warehouse, metrics: Sequence[Metrics]) -> list[Row]:
    """Return the rows of each table, and the worst null rate of its columns, over windows.

    Args:
        warehouse: is asked.
        metrics: the metric tables of all monitored tables.
    """

    def query(relations: Relations) -> str:
        aged = f"SELECT *, {_AGE} FROM ({quality(relations)}) WHERE slice = '{ALL_ROWS}'"
        return f"""SELECT source_table_name, granularity, window_start, max(window_end) AS window_end,
  max(if(column_name = ':table', row_count, NULL)) AS row_count, max(null_rate) AS null_rate, max(age) AS age
FROM ({aged}) WHERE age <= {WINDOWS}
GROUP BY source_table_name, granularity, window_start ORDER BY source_table_name, window_start"""

    return _rows(warehouse, metrics, query)


def models(warehouse: Warehouse, metrics: Sequence[Metrics], alerting: Alerting) -> list[Row]:
    """Return the quality of models over windows.

    Args:
        warehouse: is asked.
        metrics: the metric tables of all monitored tables.
        alerting: what is a fall.
    """

    def query(relations: Relations) -> str | None:
        if relations.performance is None:
            return None
        aged = f"SELECT *, {_AGE} FROM ({performance(relations, alerting)})"
        return f"SELECT * FROM ({aged}) WHERE age <= {WINDOWS} ORDER BY source_table_name, window_start"

    return _rows(warehouse, metrics, query)


def _rows(
    warehouse: Warehouse, metrics: Sequence[Metrics], query: Callable[[Relations], str | None]
) -> list[Row]:
    found: list[Row] = []
    for relations in _relations(metrics):
        text = query(relations)
        if text is not None:
            found += warehouse.rows(text)
    return found


def _relations(metrics: Sequence[Metrics]) -> Iterator[Relations]:
    """Yield the metrics in parts that are not too large for a statement."""
    for start in range(0, len(metrics), PART_TABLES):
        part = metrics[start : start + PART_TABLES]
        queries = {kind: f"({union(kind, members)})" for kind in Kind if (members := relevant(kind, part))}
        yield Relations(queries[Kind.PROFILE], queries.get(Kind.DRIFT), queries.get(Kind.PERFORMANCE))
