"""Monitors from a configuration: what is planned, done, left, refused and removed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lakestead.client import Warehouse
from lakestead.profiling import (
    OrchestratorConfig,
    apply,
    get_monitor_statuses,
    plan,
    print_monitor_statuses,
    run_bulk_provisioning,
    wait_for_monitors,
)
from lakestead.profiling.changes import Action, Changes
from lakestead.profiling.coverage import coverage
from lakestead.profiling.problems import PreflightError

LOG = (
    "id BIGINT, prediction STRING, label STRING, amount DOUBLE, ts TIMESTAMP, region STRING,"
    " model_version STRING"
)


@pytest.fixture
def schema(warehouse: Warehouse) -> Iterator[str]:
    """A schema with two logs of predictions; their metrics go to the schema of its name and `_out`."""
    name = f"prov_{uuid.uuid4().hex[:10]}"
    warehouse.rows(f"CREATE SCHEMA main.{name}")
    for table in ("churn", "fraud"):
        warehouse.rows(f"CREATE TABLE main.{name}.{table} ({LOG})")
    yield name
    warehouse.rows(f"DROP SCHEMA main.{name} CASCADE")
    warehouse.rows(f"DROP SCHEMA IF EXISTS main.{name}_out CASCADE")


@pytest.fixture
def configured(schema: str) -> Callable[..., OrchestratorConfig]:
    """Makes a configuration of the tables in the schema."""

    def make(tables: dict[str, dict[str, object]], **said: Any) -> OrchestratorConfig:
        defaults = {"output_schema_name": f"{schema}_out", "timestamp_column": "ts", "label_column": "label"}
        return OrchestratorConfig.model_validate(
            {
                "catalog_name": "main",
                "mode": "bulk_provision_only",
                "dashboards": {"folder": f"/Shared/{schema}"},
                "monitored_tables": {f"main.{schema}.{name}": own for name, own in tables.items()},
                "profile_defaults": {**defaults, **said.pop("profile_defaults", {})},
                **said,
            }
        )

    return make


def actions(changes: Changes) -> dict[str, Action]:
    return {change.table.rpartition(".")[2]: change.action for change in changes.items}


def test_the_life_of_monitors(
    warehouse: Warehouse, schema: str, configured: Callable[..., OrchestratorConfig]
) -> None:
    first = configured(
        {
            "churn": {
                "slicing_exprs": ["region", "amount > 10"],
                "granularity": ["1 day", "1 month"],
                "schedule": {"quartz_cron_expression": "0 0 6 * * ?", "timezone_id": "Europe/Zurich"},
                "custom_metrics": [
                    {
                        "name": "total",
                        "type": "AGGREGATE",
                        "input_columns": ["amount"],
                        "definition": "sum(`{{input_column}}`)",
                        "output_data_type": "double",
                    }
                ],
            },
            "fraud": {"profile_type": "SNAPSHOT"},
        }
    )
    assert actions(plan(first, warehouse=warehouse)) == {"churn": Action.CREATE, "fraud": Action.CREATE}
    told: list[str] = []
    report = run_bulk_provisioning(first, warehouse=warehouse, progress=lambda one: told.append(one.table))
    assert (report.tables_discovered, report.monitors_created, report.monitors_failed) == (2, 2, 0)
    assert sorted(told) == [f"main.{schema}.churn", f"main.{schema}.fraud"]
    statuses = wait_for_monitors(first, warehouse=warehouse)
    assert [one.status for one in statuses] == ["ACTIVE", "ACTIVE"]
    assert statuses[0].profile_metrics_table == f"main.{schema}_out.churn_profile_metrics"

    again = run_bulk_provisioning(first, warehouse=warehouse)
    assert (again.monitors_unchanged, again.applied) == (2, [])

    second = configured({"churn": {"granularity": "1 hour"}, "fraud": {"profile_type": "TIMESERIES"}})
    changes = plan(second, warehouse=warehouse)
    assert actions(changes) == {"churn": Action.UPDATE, "fraud": Action.RECREATE}
    differing = {one.setting: (one.found, one.wanted) for one in changes.items[0].differences}
    assert set(differing) == {"slicing_exprs", "schedule", "custom_metrics", "granularity"}
    assert differing["granularity"] == (["1 day", "1 month"], ["1 hour"])
    assert differing["schedule"] == ("0 0 6 * * ? Europe/Zurich", None)
    assert [one.error for one in apply(changes, warehouse=warehouse)] == [None, None]

    third = configured({"churn": {"granularity": "1 hour"}})
    changes = plan(third, warehouse=warehouse)
    assert actions(changes) == {"churn": Action.UNCHANGED, "fraud": Action.ORPHANED}
    assert apply(changes, warehouse=warehouse) == []
    (removed,) = apply(changes, warehouse=warehouse, remove_orphans=True)
    assert (removed.table, removed.error) == (f"main.{schema}.fraud", None)
    assert actions(plan(third, warehouse=warehouse)) == {"churn": Action.UNCHANGED}
    names = [f"main.{schema}.{name}" for name in ("fraud", "gone")]
    found = get_monitor_statuses(names, warehouse=warehouse)
    assert [one.status for one in found] == ["NOT_MONITORED", "NOT_FOUND"]


def test_everything_wrong_is_said_before_anything_is_made(
    warehouse: Warehouse, schema: str, configured: Callable[..., OrchestratorConfig]
) -> None:
    config = configured(
        {
            "churn": {"label_column": "label_v1", "slicing_exprs": ["nosuch = 1"]},
            "fraud": {"problem_type": "REGRESSION", "baseline_table_name": "main.nowhere.base"},
            "gone": {},
        }
    )
    with pytest.raises(ValueError, match="Available columns") as caught:
        run_bulk_provisioning(config, warehouse=warehouse)
    assert isinstance(caught.value, PreflightError)
    found = {(problem.table.rpartition(".")[2], problem.setting) for problem in caught.value.problems}
    assert found == {
        ("churn", "label_column"),
        ("churn", "slicing_exprs"),
        ("fraud", "prediction_column"),
        ("fraud", "label_column"),
        ("fraud", "baseline_table_name"),
        ("gone", "monitored_tables"),
    }
    monitored = get_monitor_statuses([f"main.{schema}.churn", f"main.{schema}.fraud"], warehouse=warehouse)
    assert {one.status for one in monitored} == {"NOT_MONITORED"}
    elsewhere = config.model_copy(update={"catalog_name": "nowhere", "monitored_tables": {}})
    with pytest.raises(PreflightError, match=r"'nowhere' \(from catalog_name\)"):
        plan(elsewhere, warehouse=warehouse)


def test_tables_of_one_name_need_two_output_schemas(
    warehouse: Warehouse, schema: str, configured: Callable[..., OrchestratorConfig]
) -> None:
    warehouse.rows(f"CREATE SCHEMA main.{schema}_out")
    warehouse.rows(f"CREATE TABLE main.{schema}_out.churn ({LOG})")
    config = configured({"churn": {}})
    both = {
        **config.monitored_tables,
        f"main.{schema}_out.churn": config.monitored_tables[f"main.{schema}.churn"],
    }
    with pytest.raises(PreflightError, match=r"would all write .*churn_profile_metrics"):
        plan(config.model_copy(update={"monitored_tables": both}), warehouse=warehouse)


def test_tags_find_tables_and_yaml_wins(
    warehouse: Warehouse, schema: str, configured: Callable[..., OrchestratorConfig]
) -> None:
    warehouse.rows(f"CREATE TABLE main.{schema}.wrong (id BIGINT)")
    for table, more in (
        ("churn", "'monitor_group' = 'ml', 'monitor_label_column' = 'nowhere', 'owner' = 'ann@example.com'"),
        (
            "fraud",
            "'monitor_profile_type' = 'snapshot', 'monitor_priority' = 'high', 'monitor_group' = 'risk'",
        ),
        ("wrong", "'monitor_profile_type' = 'timeseries'"),
    ):
        warehouse.rows(f"ALTER TABLE main.{schema}.{table} SET TAGS ('on' = '{schema}', {more})")
    config = configured(
        {"churn": {"label_column": "label"}},
        include_tagged_tables=True,
        discovery={"include_tags": {"on": schema}},
    )
    changes = plan(config, warehouse=warehouse)
    assert actions(changes) == {"churn": Action.CREATE, "fraud": Action.CREATE, "wrong": Action.REFUSED}
    assert "Column 'ts' (from timestamp_column) not found" in changes.of(Action.REFUSED)[0].reason
    fraud, churn = changes.targets
    assert (fraud.name, fraud.group, fraud.source, fraud.priority) == ("fraud", "risk", "tags", 1)
    assert (churn.name, churn.group, churn.source, churn.owner) == ("churn", "ml", "yaml", "ann@example.com")
    assert churn.settings.label_column == "label"

    limited = config.model_copy(update={"policy": config.policy.model_copy(update={"max_tables": 1})})
    report = run_bulk_provisioning(limited, warehouse=warehouse)
    assert (report.monitors_created, report.monitors_skipped) == (1, 2)
    assert [one.table_name for one in report.monitor_statuses] == [f"main.{schema}.fraud"]


def test_privileges_are_looked_at(
    warehouse: Warehouse,
    schema: str,
    configured: Callable[..., OrchestratorConfig],
    somebody: tuple[str, Warehouse],
) -> None:
    name, theirs = somebody
    on = f"SCHEMA main.{schema}"
    warehouse.rows(f"GRANT USE CATALOG ON CATALOG main TO `{name}`")
    warehouse.rows(f"GRANT USE SCHEMA ON {on} TO `{name}`")
    warehouse.rows(f"GRANT SELECT ON TABLE main.{schema}.churn TO `{name}`")
    warehouse.rows(f"GRANT SELECT, MANAGE ON TABLE main.{schema}.fraud TO `{name}`")
    config = configured({"churn": {}, "fraud": {}})
    with pytest.raises(PreflightError) as caught:
        plan(config, warehouse=theirs)
    assert [problem.text for problem in caught.value.problems] == [
        "Privilege CREATE SCHEMA on 'main' is missing (from output_schema_name)",
        f"Privilege MANAGE on 'main.{schema}.churn' is missing (from monitored_tables)",
    ]
    warehouse.rows(f"CREATE SCHEMA main.{schema}_out")
    warehouse.rows(f"GRANT USE SCHEMA, CREATE TABLE ON SCHEMA main.{schema}_out TO `{name}`")
    warehouse.rows(f"GRANT MANAGE ON {on} TO `{name}`")
    report = run_bulk_provisioning(config, warehouse=theirs)
    assert (report.monitors_created, report.monitors_failed) == (2, 0)


def test_coverage(
    warehouse: Warehouse,
    schema: str,
    configured: Callable[..., OrchestratorConfig],
    capsys: pytest.CaptureFixture[str],
) -> None:
    run_bulk_provisioning(configured({"churn": {}, "fraud": {}}), warehouse=warehouse)
    print_monitor_statuses(wait_for_monitors([f"main.{schema}.fraud"], warehouse=warehouse))
    assert "ACTIVE" in capsys.readouterr().out
    warehouse.rows(f"CREATE TABLE main.{schema}.left_out (id BIGINT)")
    warehouse.rows(f"CREATE TABLE main.{schema}_out.old_drift_metrics (id BIGINT)")
    found = coverage(configured({"churn": {}}), warehouse=warehouse)
    assert {f"main.{schema}.churn", f"main.{schema}.fraud"} <= set(found.monitored)
    assert f"main.{schema}.left_out" in found.unmonitored
    assert not any("_metrics" in name for name in found.unmonitored)
    assert found.orphaned_monitors == [f"main.{schema}.fraud"]
    assert found.orphaned_metric_tables == [f"main.{schema}_out.old_drift_metrics"]
