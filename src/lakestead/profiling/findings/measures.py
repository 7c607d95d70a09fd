"""What was measured, in every window: drift, quality of data, quality of models."""

from __future__ import annotations

from dataclasses import dataclass

from lakestead.core.names import quote_string
from lakestead.profiling.config import Alerting

SIGNIFICANCE = 0.01
"""A shift that chance alone makes more often than this is none, however large it looks."""

ALL_ROWS = "all rows"
"""What stands for the slice where a metric is of all rows."""

_SLICE = f"coalesce({{0}}.slice_key || ' = ' || {{0}}.slice_value, '{ALL_ROWS}') AS slice"
# Rows of single models tell the same again, once more for each model.
_ALL_MODELS = "coalesce({0}model_id, '*') = '*'"


@dataclass(frozen=True)
class Relations:
    """The unified metrics to look at: quoted names of views, or queries in parentheses.

    Attributes:
        profile: of profiles.
        drift: of drift; None without.
        performance: of models' quality; None without models.
    """

    profile: str
    drift: str | None = None
    performance: str | None = None


def drift(relations: Relations, alerting: Alerting) -> str:
    """Return a query of all measured drift that is worth a look, with whether it counts as one (`drifted`).

    Worth a look are columns that are not excluded, and windows that both have enough rows. It counts if the
    shift is large by the statistic that suits the column's type, and chance alone does not explain it.
    """
    sizes = alerting.effect_sizes
    return f"""SELECT d.source_table_name, d.monitor_group, d.owner, d.column_name,
  d.`window`.start AS window_start, d.`window`.end AS window_end, d.window_cmp.start AS compared_start,
  d.granularity, d.slice_key, d.slice_value, {_SLICE.format("d")}, d.drift_type,
  d.drift_statistic AS statistic, d.drift_score AS value,
  coalesce(d.ks_test.pvalue, d.chi_squared_test.pvalue) AS pvalue,
  CASE WHEN d.js_distance IS NOT NULL THEN {alerting.drift_threshold}D ELSE {sizes.ks_statistic}D END
    AS limit_value,
  d.population_stability_index, p.count AS row_count, p.count - coalesce(d.count_delta, 0) AS compared_count,
  coalesce(d.ks_test.pvalue, d.chi_squared_test.pvalue, 0D) <= {SIGNIFICANCE}D
    AND coalesce(d.js_distance >= {alerting.drift_threshold}D, d.ks_test.statistic >= {sizes.ks_statistic}D
      OR d.population_stability_index >= {sizes.population_stability_index}D, false) AS drifted
FROM {relations.drift} d JOIN {relations.profile} p
  ON p.source_table_name = d.source_table_name AND p.column_name = d.column_name
  AND p.`window`.start = d.`window`.start AND p.granularity <=> d.granularity
  AND p.slice_key <=> d.slice_key AND p.slice_value <=> d.slice_value AND p.model_id <=> d.model_id
WHERE d.drift_score IS NOT NULL AND {_ALL_MODELS.format("d.")} AND p.log_type = 'INPUT'
  AND least(p.count, p.count - coalesce(d.count_delta, 0)) >= {alerting.minimum_count}
  AND {watched("d", alerting)}"""


def watched(rows: str, alerting: Alerting) -> str:
    """Return the condition that a row is of no column that is excluded.

    Args:
        rows: the alias of the rows.
        alerting: says what is excluded.
    """
    full = f"{rows}.source_table_name || '.' || {rows}.column_name"
    excluded = [
        f"{name} LIKE {quote_string(_like(pattern))}"
        for pattern in alerting.exclude_columns
        for name in ([full] if "." in pattern else [f"{rows}.column_name"])
    ]
    return f"NOT ({' OR '.join(excluded)})" if excluded else "true"


def _like(pattern: str) -> str:
    """Return a pattern with * and ? as LIKE has it."""
    escaped = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped.replace("*", "%").replace("?", "_")


def quality(relations: Relations) -> str:
    """Return a query of the profile of every column (`:table` is the table itself) in every window."""
    return f"""SELECT p.source_table_name, p.monitor_group, p.owner, p.column_name,
  p.`window`.start AS window_start, p.`window`.end AS window_end, p.granularity, p.slice_key, p.slice_value,
  {_SLICE.format("p")}, p.count AS row_count, p.percent_null / 100 AS null_rate, p.distinct_count,
  p.avg, p.median, p.min, p.max
FROM {relations.profile} p
WHERE p.log_type = 'INPUT' AND {_ALL_MODELS.format("p.")}"""


def performance(relations: Relations, alerting: Alerting) -> str:
    """Return a query of each model's quality in every window that has enough rows.

    `fall` says by how much it is worse than in the first window or the one before, whichever was better, as a
    share of that; `fell` says whether that is too much. The only model of a table is not told apart from all.
    """
    order = "PARTITION BY source_table_name, granularity, model_id, metric ORDER BY `window`.start"
    return f"""SELECT *, fall >= {alerting.effect_sizes.performance_drop}D AS fell FROM (
  SELECT *, CASE WHEN better = 'higher' THEN reference - value ELSE value - reference END
    / nullif(abs(reference), 0D) AS fall
  FROM (
    SELECT *, CASE WHEN better = 'higher' THEN greatest(first, previous) ELSE least(first, previous) END
      AS reference
    FROM (
      SELECT source_table_name, monitor_group, owner, model_id, metric, better, value, count AS row_count,
        `window`.start AS window_start, `window`.end AS window_end, granularity,
        first_value(value) OVER ({order}) AS first, lag(value) OVER ({order}) AS previous
      FROM (SELECT *, min(nullif(model_id, '*')) OVER (PARTITION BY source_table_name)
          <> max(nullif(model_id, '*')) OVER (PARTITION BY source_table_name) AS several
        FROM {relations.performance} WHERE slice_key IS NULL AND count >= {alerting.minimum_count})
      WHERE several OR {_ALL_MODELS.format("")})))"""
