"""The report, and the explanations, of tables whose monitors were really refreshed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lakestead.cli.app import app
from lakestead.client import Warehouse
from lakestead.testing import Workspace
from tests.functional.profiling.planted import Planted

CONFIG = """
catalog_name: main
profile_defaults:
  profile_type: TIMESERIES
  timeseries_timestamp_column: at
  output_schema_name: SCHEMA
  slicing_exprs: [shop]
monitored_tables:
  main.SCHEMA.orders: {group: sales}
alerting: {null_rate_threshold: 0.2}
dashboards: {enabled: false, folder: /Shared/SCHEMA}
"""

ROWS = """
SELECT timestamp'2026-01-01' + make_interval(0, 0, 0, CAST(id % 3 AS INT)) AS at,
  (id % 100) + if(id % 3 = 2 AND id % 2 = 0, 80D, 0D) AS price,
  if(id % 3 = 2 AND id % 4 < 2, '<b>', 'CH') AS country,
  if(id % 2 = 0, 'Bern', 'Basel') AS shop,
  if(id % 3 = 2, NULL, 'ok') AS note
FROM (SELECT explode(sequence(0, 2999)) AS id)
"""


@pytest.fixture
def config(warehouse: Warehouse, metrics: Planted, tmp_path: Path) -> Path:
    """A configuration of a table with three days; on the third prices in Bern and countries are others."""
    warehouse.rows(f"CREATE TABLE {metrics.schema}.orders AS {ROWS}")
    path = tmp_path / "profiling.yaml"
    path.write_text(CONFIG.replace("SCHEMA", metrics.schema.split(".")[1]))
    return path


def test_drift_is_deployed_alerted_explained_and_reported(
    config: Path, warehouse: Warehouse, workspace_session: Workspace, metrics: Planted
) -> None:
    """From the rows of a table to a sentence about why."""
    from databricks.sdk.service.jobs import AlertTask, SubmitTask

    runner = CliRunner(env=workspace_session.env())
    for command in ("apply", "refresh"):
        done = runner.invoke(app, ["profile", command, str(config)])
        assert done.exit_code == 0, done.output

    (alert,) = [
        one
        for one in warehouse.client.alerts_v2.list_alerts()
        if f"kept by /Shared/{metrics.schema[5:]}\n" in (one.query_text or "")
        and one.display_name == "sales: drift"
    ]
    task = SubmitTask(task_key="drift", alert_task=AlertTask(alert_id=alert.id))
    warehouse.client.jobs.submit(tasks=[task]).result()
    state = warehouse.client.alerts_v2.get_alert(alert.id or "").evaluation.state
    assert state is not None
    assert state.value == "TRIGGERED"

    table = f"{metrics.schema}.orders"
    explained = runner.invoke(app, ["profile", "explain", table, str(config), "--json", "--column", "price"])
    assert explained.exit_code == 0, explained.output
    (price,) = json.loads(explained.output)
    assert price["drift"]["statistic"] == "ks_test"
    assert price["slices"][0]["slice"] == "shop = Bern"
    assert price["slices"][0]["share"] == pytest.approx(1, abs=0.05)
    said = runner.invoke(app, ["profile", "explain", table, str(config), "--column", "country"])
    assert "<b> from 0.0% to 50.0%" in said.output

    page = config.with_suffix(".html")
    done = runner.invoke(app, ["profile", "report", str(config), "-o", str(page)])
    assert done.exit_code == 0, done.output
    text = page.read_text()
    assert "shop = Bern" in text
    assert "100.0 % nulls, at most 20 % expected" in text
    assert "<b> from" not in text, "values are escaped"
    assert "&lt;b&gt; from 0.0% to 50.0%" in text
