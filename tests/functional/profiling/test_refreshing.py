"""Monitors refreshed, and alerts evaluated, when one asks for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lakestead.client import Warehouse
from lakestead.profiling import load_config, run_orchestration
from lakestead.profiling.refreshing import Refreshed, refresh_monitors
from lakestead.testing import Workspace
from tests.functional.command import lakestead
from tests.functional.profiling.planted import Planted

CONFIG = """
catalog_name: main
profile_defaults: {{profile_type: SNAPSHOT, output_schema_name: {schema}}}
monitored_tables: {{main.{schema}.orders: {{}}, main.{schema}.others: {{}}}}
alerting: {{row_count_min: 2}}
dashboards: {{folder: /Shared/{schema}}}
"""


@pytest.fixture
def declared(warehouse: Warehouse, metrics: Planted, tmp_path: Path) -> Path:
    """A configuration of two tables, the monitors of which were just made."""
    for name in ("orders", "others"):
        warehouse.rows(f"CREATE TABLE {metrics.schema}.{name} AS SELECT 1 AS id, 'new' AS state")
    file = tmp_path / "profiling.yaml"
    file.write_text(CONFIG.format(schema=metrics.schema.removeprefix("main.")), encoding="utf-8")
    run_orchestration(load_config(file), warehouse=warehouse)
    return file


def states(done: list[Refreshed]) -> dict[str, str]:
    return {one.table_name.rpartition(".")[2]: one.state for one in done}


def counted(warehouse: Warehouse, metrics: Planted) -> list[int]:
    table = f"{metrics.schema}.orders_profile_metrics"
    rows = warehouse.rows(f"SELECT count FROM {table} WHERE column_name = ':table' ORDER BY window")
    return [row["count"] for row in rows]


def test_only_what_has_changed_is_computed(declared: Path, warehouse: Warehouse, metrics: Planted) -> None:
    config = load_config(declared)
    assert states(refresh_monitors(config, warehouse=warehouse)) == {"orders": "CURRENT", "others": "CURRENT"}
    warehouse.rows(f"INSERT INTO {metrics.schema}.orders VALUES (2, 'new')")
    told: list[Refreshed] = []
    done = refresh_monitors(config, warehouse=warehouse, progress=told.append)
    assert states(done) == {"orders": "SUCCESS", "others": "CURRENT"}
    assert sorted(told, key=lambda one: one.table_name) == done
    assert counted(warehouse, metrics) == [1, 2]
    everything = refresh_monitors(config, only_changed=False, warehouse=warehouse)
    assert states(everything) == {"orders": "SUCCESS", "others": "SUCCESS"}


def test_a_table_without_a_monitor_is_told(declared: Path, warehouse: Warehouse, metrics: Planted) -> None:
    config = load_config(declared)
    client = warehouse.client
    client.data_quality.delete_monitor("table", client.tables.get(f"{metrics.schema}.others").table_id or "")
    assert states(refresh_monitors(config, warehouse=warehouse))["others"] == "NOT_MONITORED"


def test_the_commands(
    declared: Path, workspace_session: Workspace, warehouse: Warehouse, metrics: Planted
) -> None:
    def run(*arguments: str) -> tuple[int, Any]:
        done = lakestead(
            "profile", *arguments, "--json", folder=declared.parent, environment=workspace_session.env()
        )
        assert not done.stderr
        return done.returncode, json.loads(done.stdout)

    code, shown = run("alerts")
    assert code == 0
    assert {one["finding"]: one["state"] for one in shown} == {"drift": "UNKNOWN", "row count": "UNKNOWN"}
    code, shown = run("alerts", "--evaluate")
    assert code == 1
    assert {one["finding"]: one["state"] for one in shown} == {"drift": "OK", "row count": "TRIGGERED"}
    for name in ("orders", "others"):
        warehouse.rows(f"INSERT INTO {metrics.schema}.{name} VALUES (2, 'new')")
    code, shown = run("refresh")
    assert (code, [one["state"] for one in shown]) == (0, ["SUCCESS", "SUCCESS"])
    assert run("alerts", "--evaluate")[0] == 0
