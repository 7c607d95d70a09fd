"""Drift that was measured, one row of a drift table at a time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from lakestead.client import Warehouse
from lakestead.core.names import quote
from lakestead.profiling.views import Metrics


@dataclass(frozen=True)
class Drift:
    """How far a column's distribution moved from one window to another.

    Attributes:
        table: the monitored table.
        column: its column.
        start: when the window begins.
        end: when it ends.
        compared_start: when the window begins that it is compared with; None for the baseline.
        granularity: of the windows; None for snapshots.
        slice_key: the slicing expression; None for all rows.
        slice_value: its value.
        statistic: what was measured.
        value: how large it is, from 0 to 1.
        pvalue: how often chance alone would make as much.
    """

    table: str
    column: str
    start: dt.datetime
    end: dt.datetime
    compared_start: dt.datetime | None
    granularity: str | None
    slice_key: str | None
    slice_value: str | None
    statistic: str
    value: float
    pvalue: float | None

    @property
    def slice(self) -> str | None:
        """The slice in words; None for all rows."""
        return None if self.slice_key is None else f"{self.slice_key} = {self.slice_value}"

    @property
    def title(self) -> str:
        """Which column of which table, when, and where."""
        since = "the baseline" if self.compared_start is None else f"{self.compared_start:%Y-%m-%d %H:%M}"
        place = f", {self.slice}" if self.slice else ""
        return f"{self.table}, {self.column}, {self.start:%Y-%m-%d %H:%M} against {since}{place}"


def find_drifts(
    warehouse: Warehouse,
    metrics: Metrics,
    column: str | None = None,
    window: dt.datetime | None = None,
    slice_value: str | None = None,
    most: int = 10,
) -> list[Drift]:
    """Return measured drift of a table, the largest first.

    Args:
        warehouse: is asked.
        metrics: the table's metric tables.
        column: only of this column.
        window: only of the window that begins then; else the newest window of each granularity.
        slice_value: only of slices with this value; else only of all rows.
        most: so many at most.
    """
    model = metrics.model_id_column
    conditions = [f"monitor_version = (SELECT max(monitor_version) FROM {metrics.profile_table})"]
    if model in metrics.drift:
        conditions.append(f"{quote(str(model))} = '*'")
    parameters: dict[str, object] = {}
    for condition, name, value in (
        ("lower(column_name) = lower(:column)", "column", column),
        ("`window`.start = :window", "window", window),
        ("slice_value = :slice", "slice", slice_value),
    ):
        if value is not None:
            conditions.append(condition)
            parameters[name] = value
    if slice_value is None:
        conditions.append("slice_key IS NULL")
    rank = "dense_rank() OVER (PARTITION BY granularity, slice_key, slice_value ORDER BY `window`.start DESC)"
    rows = warehouse.rows(
        f"""SELECT column_name, `window`.start AS start, `window`.end AS end,
  window_cmp.start AS compared_start, granularity, slice_key, slice_value,
  if(js_distance IS NULL, 'ks_test', 'js_distance') AS statistic,
  coalesce(js_distance, ks_test.statistic) AS value,
  if(js_distance IS NULL, ks_test.pvalue, chi_squared_test.pvalue) AS pvalue
FROM (SELECT *, {rank} AS age FROM {metrics.drift_table} WHERE {" AND ".join(conditions)})
WHERE age = 1 AND coalesce(js_distance, ks_test.statistic) IS NOT NULL
ORDER BY value DESC, column_name LIMIT {most}""",
        **parameters,
    )
    return [Drift(metrics.target.full_name, row.pop("column_name"), **row) for row in rows]
