"""What breaks a limit now: one row for each finding, with a sentence that says it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lakestead.profiling.config import Alerting
from lakestead.profiling.findings.measures import ALL_ROWS, Relations, drift, performance, quality, watched

MOST = 1000
"""Findings of one query; the worst come first."""


class Finding(StrEnum):
    """The kinds of findings."""

    DRIFT = "drift"
    NULLS = "null rate"
    ROWS = "row count"
    FRESHNESS = "freshness"
    PERFORMANCE = "model quality"


@dataclass(frozen=True)
class _Rule:
    """What a finding is made of: SQL over the rows of a query.

    Attributes:
        rows: the query. It gives source_table_name, owner, column_name, slice, granularity, and the window.
        broken: which rows are findings.
        measure: what was measured.
        value: its value.
        limit: what the value should keep to.
        sentence: what is wrong, behind the place.
        severity: the worst has the most.
        least: the newest finished windows with so many rows are judged; None judges all windows.
    """

    rows: str
    broken: str
    measure: str
    value: str
    limit: float
    sentence: str
    severity: str
    least: int | None = 0


def breaches(finding: Finding, relations: Relations, alerting: Alerting) -> str | None:
    """Return a query of what breaks a limit in the newest finished window of each table and granularity.

    Args:
        finding: what kind.
        relations: the metrics to look at.
        alerting: the limits.

    Returns:
        None when there is no such limit, or nothing that it could hold for. The columns of the query are the
        table, its owner, the column, the window, the slice, the measure, its value and limit, and `finding`:
        a sentence.
    """
    rules = {
        Finding.DRIFT: _drift,
        Finding.NULLS: _nulls,
        Finding.ROWS: _rows,
        Finding.FRESHNESS: _freshness,
        Finding.PERFORMANCE: _performance,
    }
    rule = rules[finding](relations, alerting)
    if rule is None:
        return None
    period = " || ' to ' || ".join(
        f"date_format({time}, 'yyyy-MM-dd HH:mm')" for time in ("window_start", "window_end")
    )
    place = (
        "source_table_name || if(column_name = ':table', '', ', ' || column_name)"
        f" || ', ' || {period} || if(slice = '{ALL_ROWS}', '', ', ' || slice)"
    )
    return f"""SELECT source_table_name, monitor_group, owner, column_name, window_start, window_end,
  granularity, slice, {rule.measure} AS measure, CAST({rule.value} AS DOUBLE) AS value,
  {rule.limit}D AS limit_value, {place} || ': ' || {rule.sentence} AS finding
FROM ({rule.rows}) f {_newest(relations, rule.least) if rule.least is not None else ""}
WHERE {rule.broken} ORDER BY {rule.severity} DESC, finding LIMIT {MOST}"""


def _newest(relations: Relations, least: int) -> str:
    """Keep the rows of the newest finished windows: one that still fills is not judged."""
    return f"""LEFT SEMI JOIN (
  SELECT source_table_name AS t, granularity AS g, max(`window`.start) AS s FROM {relations.profile}
  WHERE column_name = ':table' AND slice_key IS NULL AND log_type = 'INPUT'
    AND `window`.end <= current_timestamp() AND count >= {least} GROUP BY source_table_name, granularity) n
  ON f.source_table_name = n.t AND f.granularity <=> n.g AND f.window_start = n.s"""


def _drift(relations: Relations, alerting: Alerting) -> _Rule | None:
    if relations.drift is None:
        return None
    return _Rule(
        rows=drift(relations, alerting),
        broken="drifted",
        measure="statistic",
        value="value",
        limit=alerting.drift_threshold,
        sentence="statistic || ' ' || round(value, 3) || if(drift_type = 'BASELINE', ' against the baseline',"
        " ' against the window before') || ', ' || row_count || ' values against ' || compared_count",
        severity="value",
        least=alerting.minimum_count,
    )


def _nulls(relations: Relations, alerting: Alerting) -> _Rule | None:
    limit = alerting.null_rate_threshold
    if limit is None:
        return None
    return _Rule(
        rows=quality(relations),
        broken=f"column_name <> ':table' AND null_rate > {limit}D AND slice_key IS NULL"
        f" AND {watched('f', alerting)}",
        measure="'null rate'",
        value="null_rate",
        limit=limit,
        sentence=f"round(null_rate * 100, 2) || ' % nulls, at most {limit * 100:g} % expected'",
        severity="null_rate",
    )


def _rows(relations: Relations, alerting: Alerting) -> _Rule | None:
    limit = alerting.row_count_min
    if limit is None:
        return None
    return _Rule(
        rows=quality(relations),
        broken=f"column_name = ':table' AND row_count < {limit} AND slice_key IS NULL",
        measure="'row count'",
        value="row_count",
        limit=limit,
        sentence=f"row_count || ' rows, at least {limit} expected'",
        severity="-row_count",
    )


def _freshness(relations: Relations, alerting: Alerting) -> _Rule | None:
    limit = alerting.freshness_hours
    if limit is None:
        return None
    age = "(unix_timestamp(current_timestamp()) - unix_timestamp(window_end)) / 3600D"
    return _Rule(
        rows="SELECT source_table_name, monitor_group, owner, column_name, granularity, slice,"
        f" max(window_start) AS window_start, max(window_end) AS window_end FROM ({quality(relations)})"
        " WHERE column_name = ':table' AND slice_key IS NULL"
        " GROUP BY source_table_name, monitor_group, owner, column_name, granularity, slice",
        broken=f"{age} > {limit}D",
        measure="'hours since the newest window'",
        value=age,
        limit=limit,
        sentence=f"'the newest window ended ' || floor({age}) || ' hours ago, at most {limit:g} expected'",
        severity=age,
        least=None,
    )


def _performance(relations: Relations, alerting: Alerting) -> _Rule | None:
    if relations.performance is None:
        return None
    slices = f"if(coalesce(model_id, '*') = '*', '{ALL_ROWS}', 'model = ' || model_id)"
    return _Rule(
        rows=f"SELECT *, metric AS column_name, {slices} AS slice FROM ({performance(relations, alerting)})",
        broken="fell",
        measure="metric",
        value="value",
        limit=alerting.effect_sizes.performance_drop,
        sentence="round(value, 4) || ', ' || round(fall * 100, 1) || ' % worse than ' || round(reference, 4)",
        severity="fall",
        least=alerting.minimum_count,
    )
