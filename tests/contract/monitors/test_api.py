"""Monitors through the data-quality API: what is declared, refused, shown, changed and deleted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import (
    BadRequest,
    InvalidParameterValue,
    NotFound,
    NotImplemented,
    PermissionDenied,
)
from databricks.sdk.errors.platform import ResourceConflict
from databricks.sdk.service.catalog import MonitorSnapshot
from databricks.sdk.service.dashboards import Dashboard
from databricks.sdk.service.dataquality import (
    AnomalyDetectionConfig,
    CronSchedule,
    CronSchedulePauseStatus,
    DataProfilingConfig,
    DataProfilingCustomMetric,
    DataProfilingCustomMetricType,
    DataProfilingStatus,
    InferenceLogConfig,
    InferenceProblemType,
    Monitor,
    NotificationDestination,
    NotificationSettings,
    Refresh,
    RefreshState,
    RefreshTrigger,
    TimeSeriesConfig,
)

from lakestead.testing import Workspace
from tests.contract.conftest import Reader, Sql
from tests.contract.monitors.declared import BY_DAY, DAY, SNAPSHOT, Table, make, until

AGGREGATE = DataProfilingCustomMetricType.DATA_PROFILING_CUSTOM_METRIC_TYPE_AGGREGATE
DERIVED = DataProfilingCustomMetricType.DATA_PROFILING_CUSTOM_METRIC_TYPE_DERIVED


@pytest.fixture
def table(workspace_session: Workspace, sql: Sql, schema: str) -> Table:
    """A table that has no monitor yet."""
    return make(workspace_session.client(), sql, schema)


def test_a_monitor_is_declared_refreshed_and_deleted(table: Table, sql: Sql) -> None:
    api = table.client.data_quality
    made = table.create(time_series=BY_DAY, slicing_exprs=["shop", "amount > 2"]).data_profiling_config
    assert made is not None
    assert made.status is DataProfilingStatus.DATA_PROFILING_STATUS_PENDING
    assert (made.monitor_version, made.monitored_table_name) == (1, table.name)
    assert made.profile_metrics_table_name == f"{table.name}_profile_metrics"
    [first] = table.finished()
    assert (first.state, first.trigger, first.message) == (
        RefreshState.MONITOR_REFRESH_STATE_SUCCESS,
        RefreshTrigger.MONITOR_REFRESH_TRIGGER_MANUAL,
        None,
    )
    assert first.start_time_ms is not None
    assert first.end_time_ms is not None
    assert first.end_time_ms >= first.start_time_ms
    shown = table.shown()
    assert shown.status is DataProfilingStatus.DATA_PROFILING_STATUS_ACTIVE
    assert (shown.time_series, shown.slicing_exprs) == (BY_DAY, ["shop", "amount > 2"])
    assert sql(f"SELECT count(DISTINCT window) FROM {shown.profile_metrics_table_name}") == [(2,)]
    again = api.create_refresh("table", table.id, Refresh("table", table.id))
    assert again.refresh_id is not None
    assert [one.refresh_id for one in table.finished()] == [again.refresh_id, first.refresh_id]
    assert api.get_refresh("table", table.id, again.refresh_id).trigger is first.trigger
    assert len(list(api.list_refresh("table", table.id, page_size=1))) == 2
    with pytest.raises(BadRequest, match="is over"):
        api.cancel_refresh("table", table.id, again.refresh_id)
    with pytest.raises(ResourceConflict, match="already has a monitor"):
        table.create(snapshot=SNAPSHOT)
    api.delete_monitor("table", table.id)
    with pytest.raises(NotFound, match="There is no monitor on table"):
        api.get_monitor("table", table.id)
    for refresh_id in (again.refresh_id, 2**64):
        with pytest.raises(NotFound):
            api.get_refresh("table", table.id, refresh_id)
    assert sql(f"SELECT count(*) > 0 FROM {shown.drift_metrics_table_name}") == [(True,)]


def test_a_mask_changes_what_it_names_alone(table: Table) -> None:
    metric = DataProfilingCustomMetric("spread", "max({{input_column}})", ["amount"], "double", AGGREGATE)
    cron = CronSchedule("0 0 3 * * ?", "Europe/Paris")
    table.create(snapshot=SNAPSHOT, schedule=cron, custom_metrics=[metric], slicing_exprs=["shop"])
    api = table.client.data_quality

    def update(mask: str, **config: object) -> DataProfilingConfig:
        changed = api.update_monitor("table", table.id, table.monitor(**config), mask).data_profiling_config
        assert changed is not None
        return changed

    paused = CronSchedule("", "", CronSchedulePauseStatus.CRON_SCHEDULE_PAUSE_STATUS_PAUSED)
    shown = update("data_profiling_config.schedule.pause_status", schedule=paused)
    assert shown.schedule is not None
    assert (shown.schedule.quartz_cron_expression, shown.schedule.timezone_id) == (
        "0 0 3 * * ?",
        "Europe/Paris",
    )
    assert shown.schedule.pause_status is paused.pause_status
    assert shown.monitor_version == 1, "when it is refreshed is no part of what is measured"
    shown = update("data_profiling_config.custom_metrics,data_profiling_config.schedule")
    assert (shown.custom_metrics, shown.schedule, shown.slicing_exprs) == ([], None, ["shop"])
    assert shown.monitor_version == 2
    shown = update("data_profiling_config", time_series=BY_DAY)
    assert (shown.snapshot, shown.time_series, shown.slicing_exprs) == (None, BY_DAY, [])
    assert shown.monitor_version == 3
    for mask in ("object_id", "{}.status", "{}.nonsense", "{}.schedule.nonsense", "{}.custom_metrics.name"):
        with pytest.raises(InvalidParameterValue, match="cannot be changed"):
            update(mask.format("data_profiling_config"), snapshot=SNAPSHOT, schedule=cron)
    with pytest.raises(InvalidParameterValue, match="Exactly one of"):
        update("data_profiling_config.snapshot", snapshot=SNAPSHOT)
    assert table.shown().monitor_version == 3


def test_all_that_is_wrong_is_told_at_once(table: Table, sql: Sql, schema: str) -> None:
    sql("CREATE TABLE other (amount STRING)")
    metrics = [
        DataProfilingCustomMetric("avg", "avg({{input_column}})", ["amount"], "double", AGGREGATE),
        DataProfilingCustomMetric("a", "{{input_column}} + 1", ["amount"], "double", AGGREGATE),
        DataProfilingCustomMetric("b", "sum({{nobody}})", ["amount"], "double", AGGREGATE),
        DataProfilingCustomMetric("c", "sum({{input_column}})", ["price"], "money", AGGREGATE),
        DataProfilingCustomMetric("d", "sum(amount)", ["amount"], "money", AGGREGATE),
        DataProfilingCustomMetric("e", "missing / 2", [":table"], "double", DERIVED),
    ]
    log = InferenceLogConfig(
        InferenceProblemType.INFERENCE_PROBLEM_TYPE_REGRESSION, "amount", [DAY, DAY], "said", "who", "model"
    )
    wrong: dict[str, object] = {
        "inference_log": log,
        "time_series": TimeSeriesConfig("when", [DAY]),
        "slicing_exprs": ["nothing > 1", "sum(amount)", "amount >", "(SELECT 1)", "shop, said"],
        "baseline_table_name": f"{schema}.other",
        "schedule": CronSchedule("every day", "UTC"),
        "notification_settings": NotificationSettings(NotificationDestination(["somebody"])),
        "warehouse_id": "0123456789abcdef",
        "assets_dir": "monitors",
    }
    with pytest.raises(InvalidParameterValue) as refused:
        table.create(**wrong)
    for said in (
        "Exactly one of snapshot, time_series, inference_log must be present: found time_series and inf",
        "timestamp_column: the table has no column 'when'. Available columns: amount, at, model, said, shop.",
        "timestamp_column: column 'amount' has the type DOUBLE; needed is TIMESTAMP",
        "granularities: the same one is there twice",
        "prediction_column: column 'said' has the type STRING; regression needs a number",
        "model_id_column: the table has no column 'who'",
        "slicing_exprs 'nothing > 1': the table has no column 'nothing'",
        "slicing_exprs 'sum(amount)': an expression over the columns of one row is needed",
        "slicing_exprs 'amount >' is not a SQL expression",
        "slicing_exprs '(SELECT 1)'",
        "slicing_exprs 'shop, said' is more than one SQL expression",
        f"baseline_table_name: column 'amount' is STRING in '{schema}.other' and DOUBLE in the mon",
        "schedule: Invalid Quartz cron expression",
        "notification_settings: 'somebody' is not an e-mail address",
        "warehouse_id: there is no SQL warehouse",
        "assets_dir: 'monitors' is not an absolute path",
    ):
        assert said in str(refused.value)
    log = replace(log, granularities=[DAY], prediction_column="amount", label_column=None)
    sql("ALTER TABLE orders ADD COLUMN median INT")
    with pytest.raises(InvalidParameterValue, match="the metric tables have a column 'median' of their own"):
        table.create(inference_log=replace(log, timestamp_column="at", model_id_column="median"))
    with pytest.raises(InvalidParameterValue) as refused:
        table.create(snapshot=SNAPSHOT, custom_metrics=metrics)
    for said in (
        "Custom metric 'avg': the metric tables have a column of that name",
        "Custom metric 'a' of amount: an aggregate metric needs an aggregate function",
        "Custom metric 'b': 'nobody' is undefined",
        "Custom metric 'c': input_columns has no column of the table in 'price'",
        "Custom metric 'd': 'money' is not a type",
        "Custom metric 'e' of :table: the profile metrics has no column 'missing'",
    ):
        assert said in str(refused.value)
    with pytest.raises(NotFound):
        table.client.data_quality.get_monitor("table", table.id)


def test_what_cannot_be_monitored_is_refused(table: Table, sql: Sql, schema: str) -> None:
    api = table.client.data_quality
    with pytest.raises(NotImplemented, match="Anomaly detection"):
        api.create_monitor(Monitor("schema", table.schema_id, AnomalyDetectionConfig()))
    with pytest.raises(NotFound, match="no table with the id"):
        api.create_monitor(
            Monitor("table", table.schema_id, data_profiling_config=table.monitor().data_profiling_config)
        )
    with pytest.raises(InvalidParameterValue, match="a monitor of a table needs it"):
        api.create_monitor(Monitor("table", table.id))
    with pytest.raises(InvalidParameterValue, match="found none"):
        table.create()
    with pytest.raises(InvalidParameterValue, match="no schema with the id"):
        table.create(output_schema_id=table.id, snapshot=SNAPSHOT)
    addresses = NotificationSettings(NotificationDestination([f"{n}@example.com" for n in range(6)]))
    with pytest.raises(InvalidParameterValue, match="at most 5"):
        table.create(snapshot=SNAPSHOT, notification_settings=addresses)


def test_metric_tables_are_of_one_monitor(table: Table, sql: Sql, schema: str) -> None:
    table.create(snapshot=SNAPSHOT)
    other = f"{schema}_other"
    sql(f"CREATE SCHEMA {other}")
    twin = make(table.client, sql, other)
    with pytest.raises(
        InvalidParameterValue, match=f"the metric tables of '{table.name}' have the same names"
    ):
        twin.create(snapshot=SNAPSHOT, output_schema_id=table.schema_id)
    twin.create(snapshot=SNAPSHOT)
    with pytest.raises(InvalidParameterValue, match="have the same names there"):
        twin.client.quality_monitors.update(twin.name, schema, snapshot=MonitorSnapshot())
    sql(f"DROP SCHEMA {other} CASCADE")


def test_privileges_on_the_table_decide(table: Table, sql: Sql, schema: str, reader: Reader) -> None:
    theirs = Table(table.name, table.id, table.schema_id, reader.client)
    with pytest.raises(PermissionDenied, match="owner of"):
        theirs.create(snapshot=SNAPSHOT)
    sql(f"GRANT MANAGE ON TABLE {table.name} TO `{reader.name}`")
    sql(f"REVOKE CREATE TABLE ON SCHEMA {schema} FROM `{reader.name}`")
    with pytest.raises(PermissionDenied, match="CREATE TABLE"):
        theirs.create(snapshot=SNAPSHOT)
    sql(f"GRANT CREATE TABLE ON SCHEMA {schema} TO `{reader.name}`")
    theirs.create(snapshot=SNAPSHOT)
    assert theirs.finished()[0].state is RefreshState.MONITOR_REFRESH_STATE_SUCCESS
    assert theirs.client.tables.get(f"{table.name}_profile_metrics").owner == reader.name
    sql(f"REVOKE MANAGE ON TABLE {table.name} FROM `{reader.name}`")
    assert theirs.shown().monitored_table_name == table.name
    assert table.id in {one.object_id for one in reader.client.data_quality.list_monitor()}
    for refused in (
        lambda: reader.client.data_quality.delete_monitor("table", table.id),
        lambda: reader.client.data_quality.create_refresh("table", table.id, Refresh("table", table.id)),
        lambda: reader.client.data_quality.update_monitor("table", table.id, table.monitor(), "*"),
        lambda: reader.client.quality_monitors.run_refresh(table.name),
    ):
        with pytest.raises(PermissionDenied):
            refused()
    sql(f"REVOKE SELECT ON SCHEMA {schema} FROM `{reader.name}`")
    with pytest.raises(PermissionDenied):
        theirs.shown()
    assert table.id not in {one.object_id for one in reader.client.data_quality.list_monitor()}


def test_monitors_are_listed_page_by_page(table: Table, sql: Sql, schema: str) -> None:
    tables = [make(table.client, sql, schema, f"t{number}") for number in range(5)]
    for one in tables:
        one.create(snapshot=SNAPSHOT)
    found = [one.object_id for one in table.client.data_quality.list_monitor(page_size=2)]
    assert found == sorted(found, key=str)
    assert {one.id for one in tables} <= set(found)
    with pytest.raises(InvalidParameterValue, match="page_token"):
        list(table.client.data_quality.list_monitor(page_token="?"))


def test_a_monitor_follows_its_table(table: Table, sql: Sql) -> None:
    table.create(snapshot=SNAPSHOT)
    table.finished()
    sql(f"ALTER TABLE {table.name} RENAME TO renamed")
    shown = table.shown()
    assert shown.monitored_table_name == table.name.replace("orders", "renamed")
    assert shown.profile_metrics_table_name == f"{table.name}_profile_metrics"
    sql("INSERT INTO renamed SELECT * FROM renamed")
    table.client.data_quality.create_refresh("table", table.id, Refresh("table", table.id))
    assert table.finished()[0].state is RefreshState.MONITOR_REFRESH_STATE_SUCCESS
    sql("DROP TABLE renamed")
    with pytest.raises(NotFound):
        table.shown()
    assert sql(f"SELECT count(DISTINCT window) FROM {shown.profile_metrics_table_name}") == [(2,)]


def test_a_refresh_waits_for_the_one_before_and_both_can_be_cancelled(
    workspace_session: Workspace, sql: Sql, schema: str
) -> None:
    client: WorkspaceClient = workspace_session.client()
    many = make(client, sql, schema, "many")
    sql(
        "INSERT INTO many SELECT TIMESTAMP'2026-01-01 00:00:00' + make_interval(0, 0, 0, 0, 0, id % 1000), "
        "id / 7, cast(id AS STRING), cast(id % 1000 AS STRING), id FROM range(600000)"
    )
    many.create(time_series=BY_DAY, slicing_exprs=["said", "model"])
    until(lambda: many.refreshes()[0].state is RefreshState.MONITOR_REFRESH_STATE_RUNNING)
    waiting = client.data_quality.create_refresh("table", many.id, Refresh("table", many.id))
    assert waiting.state is RefreshState.MONITOR_REFRESH_STATE_PENDING
    assert waiting.refresh_id is not None
    cancelled = client.data_quality.cancel_refresh("table", many.id, waiting.refresh_id).refresh
    assert cancelled is not None
    assert cancelled.state is RefreshState.MONITOR_REFRESH_STATE_CANCELED
    first = many.refreshes()[1].refresh_id
    assert first is not None
    client.data_quality.cancel_refresh("table", many.id, first)
    assert {one.state for one in many.finished()} == {RefreshState.MONITOR_REFRESH_STATE_CANCELED}
    assert many.shown().status is DataProfilingStatus.DATA_PROFILING_STATUS_ACTIVE
    assert sql("SELECT count(*) FROM many_profile_metrics") == [(0,)]


def test_a_dashboard_shows_the_metrics(table: Table, schema: str) -> None:
    log = InferenceLogConfig(
        InferenceProblemType.INFERENCE_PROBLEM_TYPE_CLASSIFICATION, "at", [DAY], "said", "model", "shop"
    )
    folder = f"/Shared/{schema}"
    made = table.create(inference_log=log, assets_dir=f"/Workspace{folder}").data_profiling_config
    assert made is not None
    assert made.dashboard_id is not None
    table.finished()
    lakeview = table.client.lakeview
    shown = lakeview.get(made.dashboard_id)
    assert shown.path == f"{folder}/{table.name}/orders Monitoring.lvdash.json"
    # Saved again, it is checked: its datasets run, and have the columns that its widgets show.
    same = Dashboard(serialized_dashboard=shown.serialized_dashboard, warehouse_id=shown.warehouse_id)
    lakeview.update(made.dashboard_id, same)
    assert lakeview.get_published(made.dashboard_id).display_name == "orders Monitoring"
    lakeview.trash(made.dashboard_id)
    again = table.client.quality_monitors.regenerate_dashboard(table.name)
    assert again.dashboard_id not in (None, made.dashboard_id)
    assert again.parent_folder == f"/Workspace{folder}/{table.name}"
    assert table.shown().dashboard_id == again.dashboard_id
    table.client.data_quality.delete_monitor("table", table.id)
    table.create(snapshot=SNAPSHOT, assets_dir=folder)
    path = lakeview.get(table.shown().dashboard_id or "").path
    assert path == f"{folder}/{table.name}/orders Monitoring (2).lvdash.json"
