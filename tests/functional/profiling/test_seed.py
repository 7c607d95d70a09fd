"""The orchestrator as it was first documented: every snippet, but for the name of the package."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lakestead.client import Profile, Warehouse
from lakestead.profiling import (
    OrchestrationReport,
    OrchestratorConfig,
    get_monitor_statuses,
    load_config,
    print_monitor_statuses,
    run_bulk_provisioning,
    run_orchestration,
    wait_for_monitors,
)
from lakestead.testing import Workspace

CONFIG_DRIVEN = """
# configs/my_config.yaml
catalog_name: "prod"
warehouse_id: "your-warehouse-id"
mode: "full"

profile_defaults:
  profile_type: "INFERENCE"
  output_schema_name: "monitoring_results"
  prediction_column: "prediction"
  label_column: "label"
  timestamp_column: "timestamp"

monitored_tables:
  prod.ml.churn_predictions:
    baseline_table_name: "prod.ml.churn_baseline"
    label_column: "churned"
    prediction_column: "churn_probability"

  prod.ml.fraud_detection:
    label_column: "is_fraud"
    granularity: "1 hour"
"""
TAGGED = """
catalog_name: "prod"
warehouse_id: "your-warehouse-id"
include_tagged_tables: true

discovery:
  include_tags:
    monitor_enabled: "true"
  exclude_schemas:
    - "tmp_*"

profile_defaults:
  profile_type: "INFERENCE"
  output_schema_name: "monitoring_results"

monitored_tables: {}  # Can be empty when using discovery
"""
HYBRID = """
catalog_name: "prod"
include_tagged_tables: true  # Discover tagged tables

discovery:
  include_tags: {monitor_enabled: "true"}

monitored_tables:
  # These settings override any tags for this specific table
  prod.ml.churn_predictions:
    baseline_table_name: "prod.ml.churn_baseline"
    label_column: "churned"
"""
PER_TABLE = """
monitored_tables:
  prod.ml.churn_model:
    baseline_table_name: "prod.ml.churn_baseline"
    label_column: "churned"
    prediction_column: "churn_probability"
    timestamp_column: "prediction_time"
    problem_type: "PROBLEM_TYPE_CLASSIFICATION"
    granularity: "1 day"
    slicing_exprs:
      - "region"
      - "customer_segment"
"""
ROUTING = """
alerting:
  enable_aggregated_alerts: true
  default_notifications:
    - "mlops-alerts@company.com"
  group_notifications:
    ml_team:
      - "ml-team@company.com"
    data_eng:
      - "data-eng@company.com"
"""
TIME_SERIES = """
profile_defaults:
  profile_type: "TIMESERIES"
  timeseries_timestamp_column: "event_time"
  granularity: "1 day"
"""
SNAPSHOT = """
profile_defaults:
  profile_type: "SNAPSHOT"
"""
TAG = "ALTER TABLE prod.ml.churn_predictions SET TAGS ('monitor_enabled' = 'true');"
GROUP = """
ALTER TABLE prod.ml.churn_predictions SET TAGS (
    'monitor_enabled' = 'true',
    'monitor_group' = 'ml_team'
);
"""

_SCORED = """churned INT, churn_probability INT, prediction INT, label INT, timestamp TIMESTAMP,
    prediction_time TIMESTAMP, event_time TIMESTAMP, region STRING, customer_segment STRING,
    model_version STRING"""
_ROWS = """SELECT id % 2, id % 3 % 2, id % 3 % 2, id % 2, at, at, at, concat('r', id % 2), 'all', 'v1'
    FROM (SELECT id, TIMESTAMP'2026-03-01' + make_interval(0, 0, 0, 0, id) AS at FROM range(48))"""


@pytest.fixture
def prod(warehouse: Warehouse) -> Iterator[Warehouse]:
    """A catalog with the tables of the snippets."""
    warehouse.rows("CREATE CATALOG prod")
    warehouse.rows("CREATE SCHEMA prod.ml")
    for table in ("churn_predictions", "churn_baseline", "churn_model"):
        warehouse.rows(f"CREATE TABLE prod.ml.{table} ({_SCORED})")
        warehouse.rows(f"INSERT INTO prod.ml.{table} {_ROWS}")
    warehouse.rows(
        "CREATE TABLE prod.ml.fraud_detection AS"
        " SELECT label AS is_fraud, prediction, timestamp, model_version"
        " FROM prod.ml.churn_model WHERE hour(timestamp) < 3"
    )
    yield warehouse
    warehouse.rows("DROP CATALOG prod CASCADE")


@pytest.fixture
def configured(workspace_session: Workspace, tmp_path: Path) -> Callable[[str], OrchestratorConfig]:
    """Reads a configuration, in which the warehouse's id is put."""

    def load(text: str) -> OrchestratorConfig:
        file = tmp_path / "my_config.yaml"
        file.write_text(text.replace("your-warehouse-id", workspace_session.warehouse_id))
        return load_config(file)

    return load


@pytest.fixture
def profile(workspace_session: Workspace) -> Profile:
    """The workspace."""
    return workspace_session.profile


def test_config_driven(
    prod: Warehouse,
    configured: Callable[[str], OrchestratorConfig],
    profile: Profile,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Tables from YAML: monitors, metrics, views, an alert and a dashboard, and nothing the second time."""
    config = configured(CONFIG_DRIVEN)
    report = run_orchestration(config, profile=profile)
    print(f"Created {report.monitors_created} monitors")

    assert isinstance(report, OrchestrationReport)
    assert (report.tables_discovered, report.monitors_created, report.monitors_updated) == (2, 2, 0)
    assert (report.monitors_skipped, report.monitors_failed) == (0, 0)
    client = prod.client
    tables = {f"prod.ml.{name}" for name in ("churn_predictions", "fraud_detection")}
    assert {status.table_name for status in report.monitor_statuses} == tables
    churn = client.quality_monitors.get("prod.ml.churn_predictions")
    assert churn.baseline_table_name == "prod.ml.churn_baseline"
    assert churn.inference_log
    assert churn.inference_log.label_col == "churned"
    fraud = client.quality_monitors.get("prod.ml.fraud_detection")
    assert fraud.inference_log
    assert fraud.inference_log.granularities == ["1 hour"]

    (group,) = report.unified_profile_views
    counted = prod.rows(
        f"SELECT source_table_name, sum(count) AS n FROM {report.unified_profile_views[group]}"
        " WHERE column_name = ':table' AND slice_key IS NULL AND log_type = 'INPUT' AND model_id = 'v1'"
        " GROUP BY source_table_name"
    )
    assert {row["n"] for row in counted} == {48, 6}
    assert prod.rows(f"SELECT count(*) AS n FROM {report.unified_drift_views[group]}")[0]["n"] > 0
    assert client.alerts_v2.get_alert(report.drift_alert_ids[group]).id
    assert client.lakeview.get(report.dashboard_ids[group]).dashboard_id

    print_monitor_statuses(wait_for_monitors(config, profile=profile))
    shown = capsys.readouterr().out
    assert "Created 2 monitors" in shown
    assert all(table in re.sub(r"\s", "", shown) for table in tables)
    again = run_orchestration(config, profile=profile)
    assert (again.monitors_created, again.monitors_updated, again.dashboard_ids) == (
        0,
        0,
        report.dashboard_ids,
    )


def test_tags_groups_and_hybrid(
    prod: Warehouse, configured: Callable[[str], OrchestratorConfig], profile: Profile
) -> None:
    """Tags find tables and say their groups; the YAML is above them; each group has its own recipients."""
    prod.rows(TAG)
    found = run_bulk_provisioning(configured(TAGGED), profile=profile)
    assert (found.tables_discovered, found.monitors_created) == (1, 1)
    assert found.unified_drift_views == {}
    assert found.dashboard_ids == {}

    prod.rows(GROUP)
    hybrid = run_orchestration(configured(HYBRID + ROUTING), profile=profile)
    assert (hybrid.tables_discovered, hybrid.monitors_created, hybrid.monitors_updated) == (1, 0, 1)
    assert set(hybrid.unified_drift_views) == set(hybrid.dashboard_ids) == {"ml_team"}
    monitor = prod.client.quality_monitors.get("prod.ml.churn_predictions")
    assert monitor.baseline_table_name == "prod.ml.churn_baseline"
    alert = prod.client.alerts_v2.get_alert(hybrid.drift_alert_ids["ml_team"])
    assert alert.evaluation.notification
    told = [one.user_email for one in alert.evaluation.notification.subscriptions or ()]
    assert told == ["ml-team@company.com"]


def test_settings_and_profile_types(
    prod: Warehouse, configured: Callable[[str], OrchestratorConfig], profile: Profile
) -> None:
    """Each table by its own settings; snapshots, time series and inference logs."""
    head = 'catalog_name: "prod"\nmode: "bulk_provision_only"\n'
    table = "\nmonitored_tables: {prod.ml.churn_predictions: {}}\n"
    client = prod.client

    report = run_orchestration(configured(head + PER_TABLE), profile=profile)
    assert (report.monitors_created, report.unified_profile_views) == (1, {})
    model = client.quality_monitors.get("prod.ml.churn_model")
    assert model.slicing_exprs == ["region", "customer_segment"]
    assert model.inference_log
    assert model.inference_log.timestamp_col == "prediction_time"

    run_orchestration(configured(head + TIME_SERIES + table), profile=profile)
    series = client.quality_monitors.get("prod.ml.churn_predictions").time_series
    assert series
    assert (series.timestamp_col, series.granularities) == ("event_time", ["1 day"])
    config = configured(head + SNAPSHOT + table)
    report = run_orchestration(config, profile=profile)
    assert (report.monitors_created, report.monitors_updated) == (0, 1)
    assert client.quality_monitors.get("prod.ml.churn_predictions").snapshot is not None
    assert [status.table_name for status in get_monitor_statuses(config, profile=profile)] == [
        "prod.ml.churn_predictions"
    ]


def test_schema_validation(
    prod: Warehouse, configured: Callable[[str], OrchestratorConfig], profile: Profile
) -> None:
    """A column that is not there is told before anything is made, with those that are."""
    prod.rows("CREATE TABLE prod.ml.churn (id INT, prediction INT, actual_label INT, ts TIMESTAMP)")
    config = configured("""
catalog_name: "prod"
monitored_tables:
  prod.ml.churn: {label_column: label_v1, timestamp_column: ts}
""")
    message = (
        "Column 'label_v1' (from label_column) not found in table 'prod.ml.churn'."
        " Available columns: ['id', 'prediction', 'actual_label', 'ts']"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        run_orchestration(config, profile=profile)
    assert not prod.rows("SHOW SCHEMAS IN prod LIKE 'monitoring_results'")
