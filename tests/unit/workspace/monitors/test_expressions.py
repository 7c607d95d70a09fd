"""Expressions of users: names of columns, and what must not get out of its parentheses."""

from __future__ import annotations

import pytest

from lakestead.workspace.errors import ApiError
from lakestead.workspace.monitors.refreshes.expressions import column_named, enclosed, metric_expression
from lakestead.workspace.monitors.spec import CustomMetric, MetricType, MonitorSpec, ProfileType


@pytest.mark.parametrize(
    ("text", "column"),
    [(" Shop ", "shop"), ("`a b`", "a b"), ("none", None), ("date(at)", None), ("shop.x", None), ("1", None)],
)
def test_names(text: str, column: str | None) -> None:
    assert column_named(text, ["shop", "a b", "1"]) == column


@pytest.mark.parametrize("text", ["a > 1", "avg(`)`)", "/* ) */ a", "a -- b", "')' || \"(\"", "x IN (1, 2)"])
def test_enclosed(text: str) -> None:
    assert enclosed(text, "it") == f"({text}\n)"


@pytest.mark.parametrize(
    "text",
    ["a) FROM t --", "a), (b", "1; DROP TABLE t", "SELECT 1", "(SELECT 1)", "x IN (FROM t)", ")(", "a))", ""],
)
def test_refused(text: str) -> None:
    with pytest.raises(ApiError, match="it: "):
        enclosed(text, "it")


def _metric(definition: str, kind: MetricType = MetricType.AGGREGATE) -> CustomMetric:
    return CustomMetric(kind, "m", ("v",), definition, "double")


def test_templates() -> None:
    monitor = MonitorSpec(
        table_id="t",
        table=("c", "s", "t"),
        owner="me",
        output_schema=("c", "s"),
        profile_table=("c", "s", "p"),
        drift_table=("c", "s", "d"),
        profile_type=ProfileType.SNAPSHOT,
        timestamp_column=None,
        granularities=(),
        problem_type=None,
        prediction_column="said",
        label_column=None,
        model_id_column=None,
        probability_column=None,
        slicing_exprs=(),
        custom_metrics=(),
        baseline_table=None,
        monitor_version=1,
        warehouse_id="w",
    )
    text = "{% if input_column == 'v' %}max({{input_column}} - {{prediction_col}}){% endif %}"
    assert metric_expression(_metric(text), monitor, "v") == "(max(v - said)\n)"
    drift = _metric("{{current_df}}.m - {{base_df}}.m", MetricType.DRIFT)
    assert metric_expression(drift, monitor, "v") == "(current_df.m - base_df.m\n)"
    for wrong in (
        "{{label_col}}",
        "{{current_df}}.m",
        "{{ input_column.__class__.__mro__ }}",
        "{% if %}",
        "{{ range(3) | list | unknown }}",
    ):
        with pytest.raises(ApiError, match="Custom metric 'm'"):
            metric_expression(_metric(wrong), monitor, "v")
