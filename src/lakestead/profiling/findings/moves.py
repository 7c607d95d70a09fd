"""What moved where columns drifted, as a query: shares of categories, deciles of numbers."""

from __future__ import annotations

from lakestead.profiling.config import Alerting
from lakestead.profiling.findings.measures import ALL_ROWS, Relations, drift

MOST = 10
"""The categories of a column that changed the most."""

_SHARES = "transform(p.frequent_items, i -> named_struct('what', i.item, 'amount', i.count / p.count))"
_DECILES = ", ".join(
    f"named_struct('what', '{decile}0 % of the values up to',"
    f" 'amount', element_at(p.quantiles, CAST(ceil(size(p.quantiles) * 0.{decile}D) AS INT)))"
    for decile in range(1, 10)
)


def moves(relations: Relations, alerting: Alerting) -> str:
    """Return a query of what moved when each column drifted the last time, all rows together.

    Its columns are the table, its group, the column, the window, `what` (a category, or a decile), `earlier`
    and `now` as text, and `change`, a number.

    Args:
        relations: the metrics to look at, with drift.
        alerting: the limits.
    """
    of_column = "PARTITION BY source_table_name, column_name ORDER BY"
    drifted = f"""SELECT source_table_name, monitor_group, column_name, window_start, compared_start,
  granularity, row_number() OVER ({of_column} window_start DESC, value DESC) AS age
FROM ({drift(relations, alerting)}) WHERE drifted AND slice = '{ALL_ROWS}'"""
    amounts = f"""SELECT d.*, p.frequent_items IS NOT NULL AS shares, p.log_type = 'INPUT'
    AND p.`window`.start = d.window_start AS recent,
  explode(if(p.frequent_items IS NULL, array({_DECILES}), {_SHARES})) AS amount
FROM ({drifted}) d JOIN {relations.profile} p
  ON p.source_table_name = d.source_table_name AND p.column_name = d.column_name
WHERE d.age = 1 AND p.slice_key IS NULL AND coalesce(p.model_id, '*') = '*'
  AND (p.log_type = 'INPUT' AND p.granularity <=> d.granularity
      AND p.`window`.start IN (d.window_start, d.compared_start)
    OR p.log_type = 'BASELINE' AND d.compared_start IS NULL)"""
    sides = ", ".join(
        f"sum(if({condition}, amount.amount, 0)) AS {name}"
        for name, condition in (("earlier", "NOT recent"), ("now", "recent"))
    )
    changes = f"""SELECT *, row_number() OVER ({of_column} abs(now - earlier) DESC, what) AS place
FROM (SELECT source_table_name, monitor_group, column_name, window_start, shares, amount.what AS what, {sides}
  FROM ({amounts}) GROUP BY ALL)"""
    shown = ", ".join(
        f"if(shares, round({name} * 100, 1) || ' %', CAST(round({name}, 4) AS STRING)) AS {name}"
        for name in ("earlier", "now")
    )
    return f"""SELECT source_table_name, monitor_group, column_name, window_start, what, {shown},
  now - earlier AS change
FROM ({changes}) WHERE place <= {MOST} ORDER BY source_table_name, column_name, place"""
