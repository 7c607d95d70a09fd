"""Monitors through the older API, which is of the same monitors."""

from __future__ import annotations

import pytest
from databricks.sdk.errors import InvalidParameterValue, NotFound, NotImplemented
from databricks.sdk.service.catalog import (
    MonitorCronSchedule,
    MonitorCronSchedulePauseStatus,
    MonitorDataClassificationConfig,
    MonitorDestination,
    MonitorInferenceLog,
    MonitorInferenceLogProblemType,
    MonitorInfoStatus,
    MonitorMetric,
    MonitorMetricType,
    MonitorNotifications,
    MonitorRefreshInfoState,
    MonitorRefreshInfoTrigger,
    MonitorSnapshot,
    MonitorTimeSeries,
)
from databricks.sdk.service.dataquality import (
    AggregationGranularity,
    CronSchedulePauseStatus,
    DataProfilingCustomMetricType,
    InferenceProblemType,
)

from lakestead.testing import Workspace
from tests.contract.conftest import Sql
from tests.contract.monitors.declared import SNAPSHOT, Table, make

FOLDER = "/Shared/monitors"
# As `pyspark.sql.types.StructField("output", DoubleType()).json()` gives it.
DOUBLE = '{"metadata":{},"name":"output","nullable":true,"type":"double"}'


@pytest.fixture
def table(workspace_session: Workspace, sql: Sql, schema: str) -> Table:
    """A table that has no monitor yet."""
    return make(workspace_session.client(), sql, schema)


def test_each_api_shows_what_the_other_declared(table: Table, sql: Sql, schema: str) -> None:
    api = table.client.quality_monitors
    log = MonitorInferenceLog(
        problem_type=MonitorInferenceLogProblemType.PROBLEM_TYPE_CLASSIFICATION,
        timestamp_col="at",
        granularities=["1 day", "2 weeks", "1 month"],
        prediction_col="said",
        label_col="shop",
        model_id_col="model",
    )
    metric = MonitorMetric(
        "worth", "avg(`{{input_column}}`)", ["amount"], DOUBLE, MonitorMetricType.CUSTOM_METRIC_TYPE_AGGREGATE
    )
    schedule = MonitorCronSchedule("0 0 12 * * ?", "PST8PDT", MonitorCronSchedulePauseStatus.PAUSED)
    told = MonitorNotifications(on_failure=MonitorDestination(["a@example.com"]))
    made = api.create(
        table.name,
        schema,
        FOLDER,
        inference_log=log,
        custom_metrics=[metric],
        schedule=schedule,
        notifications=told,
        skip_builtin_dashboard=True,
    )
    assert made.status is MonitorInfoStatus.MONITOR_STATUS_PENDING
    newer = table.shown()
    assert newer.output_schema_id == table.schema_id
    assert newer.inference_log is not None
    assert newer.inference_log.problem_type is InferenceProblemType.INFERENCE_PROBLEM_TYPE_CLASSIFICATION
    assert newer.inference_log.granularities == [
        AggregationGranularity.AGGREGATION_GRANULARITY_1_DAY,
        AggregationGranularity.AGGREGATION_GRANULARITY_2_WEEKS,
        AggregationGranularity.AGGREGATION_GRANULARITY_1_MONTH,
    ]
    assert newer.custom_metrics is not None
    aggregate = DataProfilingCustomMetricType.DATA_PROFILING_CUSTOM_METRIC_TYPE_AGGREGATE
    assert [(one.name, one.type) for one in newer.custom_metrics] == [("worth", aggregate)]
    assert newer.schedule is not None
    assert newer.schedule.pause_status is CronSchedulePauseStatus.CRON_SCHEDULE_PAUSE_STATUS_PAUSED
    table.finished()
    shown = api.get(table.name.upper())
    assert shown.status is MonitorInfoStatus.MONITOR_STATUS_ACTIVE
    assert (shown.inference_log, shown.custom_metrics, shown.schedule) == (log, [metric], schedule)
    assert (shown.notifications, shown.assets_dir, shown.output_schema_name) == (told, FOLDER, schema)
    assert (shown.table_name, shown.monitor_version) == (table.name, 1)
    rows = "column_name = 'amount' AND granularity = '1 month' AND model = '*'"
    assert sql(f"SELECT worth, count FROM {shown.profile_metrics_table_name} WHERE {rows}") == [(2.0, 2)]
    api.delete(table.name)
    table.create(snapshot=SNAPSHOT)
    assert api.get(table.name).snapshot == MonitorSnapshot()


def test_probabilities_are_maps(table: Table, schema: str) -> None:
    log = MonitorInferenceLog(
        problem_type=MonitorInferenceLogProblemType.PROBLEM_TYPE_CLASSIFICATION,
        timestamp_col="at",
        granularities=["1 day"],
        prediction_col="said",
        model_id_col="model",
        prediction_proba_col="amount",
    )
    with pytest.raises(InvalidParameterValue, match=r"'amount' has the type .*; needed is a MAP"):
        table.client.quality_monitors.create(table.name, schema, FOLDER, inference_log=log)


def test_an_update_declares_all_there_is(table: Table, schema: str) -> None:
    api = table.client.quality_monitors
    schedule = MonitorCronSchedule("0 0 12 * * ?", "UTC")
    api.create(
        table.name, schema, FOLDER, snapshot=MonitorSnapshot(), schedule=schedule, slicing_exprs=["shop"]
    )
    series = MonitorTimeSeries("at", ["1 week"])
    changed = api.update(table.name, schema, time_series=series)
    assert (changed.schedule, changed.slicing_exprs, changed.snapshot) == (None, [], None)
    assert (changed.time_series, changed.assets_dir, changed.monitor_version) == (series, FOLDER, 2)
    with pytest.raises(InvalidParameterValue, match="granularities"):
        api.update(table.name, schema, time_series=MonitorTimeSeries("at", ["2 days"]))
    with pytest.raises(InvalidParameterValue, match="Exactly one of"):
        api.update(table.name, schema)
    classified = MonitorDataClassificationConfig(enabled=True)
    with pytest.raises(NotImplemented, match="Data classification"):
        api.update(table.name, schema, snapshot=MonitorSnapshot(), data_classification_config=classified)
    with pytest.raises(NotFound):
        api.update(table.name, f"{schema}_not", snapshot=MonitorSnapshot())


def test_refreshes_have_the_older_words(table: Table, schema: str) -> None:
    api = table.client.quality_monitors
    api.create(table.name, schema, FOLDER, snapshot=MonitorSnapshot())
    asked = api.run_refresh(table.name)
    assert (asked.state, asked.trigger) == (MonitorRefreshInfoState.PENDING, MonitorRefreshInfoTrigger.MANUAL)
    table.finished()
    done = api.get_refresh(table.name, asked.refresh_id)
    assert done.state is MonitorRefreshInfoState.SUCCESS
    assert done.end_time_ms is not None
    found = api.list_refreshes(table.name).refreshes
    assert found is not None
    assert [one.refresh_id == asked.refresh_id for one in found] == [True, False]
    with pytest.raises(NotFound, match="has no refresh"):
        api.get_refresh(table.name, asked.refresh_id + 1000)
    with pytest.raises(NotFound):
        api.get(f"{table.name}_not")
