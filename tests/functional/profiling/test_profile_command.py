"""`lakestead profile`, from init to coverage."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from lakestead.client import Warehouse
from lakestead.testing import Workspace
from tests.functional.command import lakestead


@pytest.fixture
def schema(warehouse: Warehouse) -> Iterator[str]:
    """A schema with a table of sales."""
    name = f"cmd_{uuid.uuid4().hex[:10]}"
    warehouse.rows(f"CREATE SCHEMA main.{name}")
    warehouse.rows(f"CREATE TABLE main.{name}.sales (id BIGINT, region STRING, at TIMESTAMP)")
    warehouse.rows(f"INSERT INTO main.{name}.sales VALUES (1, 'eu', TIMESTAMP'2026-01-01 10:00:00')")
    yield name
    warehouse.rows(f"DROP SCHEMA main.{name} CASCADE")
    warehouse.rows(f"DROP SCHEMA IF EXISTS main.{name}_out CASCADE")


@pytest.fixture
def profile(
    workspace_session: Workspace, schema: str, tmp_path: Path
) -> Callable[..., CompletedProcess[str]]:
    """Writes a configuration and runs `lakestead profile` on it."""

    def run(command: str, *options: str, text: str = "") -> CompletedProcess[str]:
        (tmp_path / "profiling.yaml").write_text(
            f"""
catalog_name: main
mode: bulk_provision_only
dashboards: {{folder: /Shared/{schema}}}
profile_defaults: {{profile_type: SNAPSHOT, output_schema_name: {schema}_out}}
monitored_tables:
  main.{schema}.sales:
    slicing_exprs: [region]
{text}"""
        )
        return lakestead("profile", command, *options, folder=tmp_path, environment=workspace_session.env())

    return run


def test_from_check_to_coverage(
    profile: Callable[..., CompletedProcess[str]], warehouse: Warehouse, schema: str
) -> None:
    table = f"main.{schema}.sales"
    checked = profile("check")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "1 table is named; no mistakes" in checked.stdout

    unmonitored = profile("status", "--json")
    assert unmonitored.returncode == 1
    assert [one["status"] for one in json.loads(unmonitored.stdout)] == ["NOT_MONITORED"]

    planned = json.loads(profile("plan", "--json").stdout)
    assert planned["changed"] is True
    assert planned["counts"]["create"] == 1
    (change,) = planned["tables"]
    assert (change["table"], change["action"]) == (table, "create")
    size = warehouse.rows(f"DESCRIBE DETAIL {table}")[0]["sizeInBytes"]
    assert change["estimate"] == {"bytes": size, "dbu": pytest.approx(0.05 + 0.02 * size / 1e9 * 2)}

    applied = profile("apply", "--json")
    assert applied.returncode == 0
    assert json.loads(applied.stdout)["monitors_created"] == 1
    assert f"✓ create {table}" in applied.stderr
    assert "monitors that are as declared: 1" in profile("plan").stdout
    waited = profile("status", "--wait", "--json")
    assert (waited.returncode, json.loads(waited.stdout)[0]["status"]) == (0, "ACTIVE")

    text = f"    profile_type: TIMESERIES\n    timestamp_column: at\n  main.{schema}.gone:"
    missing = profile("plan", text=text)
    assert missing.returncode == 2
    assert f"Table 'main.{schema}.gone' (from monitored_tables) not found" in missing.stderr
    shown = profile("plan", text=text.partition("\n  main")[0]).stdout
    assert "profile_type: SNAPSHOT → TIMESERIES" in shown
    assert "recreate" in shown

    warehouse.rows(f"CREATE TABLE main.{schema}.other (id BIGINT)")
    covered = json.loads(profile("coverage", "--json").stdout)
    assert table in covered["monitored"]
    assert f"main.{schema}.other" in covered["unmonitored"]
    assert f"main.{schema}.other" in profile("coverage").stdout


def test_check_needs_no_workspace(tmp_path: Path) -> None:
    def check(text: str) -> CompletedProcess[str]:
        (tmp_path / "p.yaml").write_text(f"catalog_name: main\nmonitored_tables: {{main.a.b: {text}}}\n")
        nowhere = {"DATABRICKS_HOST": "http://127.0.0.1:1", "DATABRICKS_TOKEN": "none"}
        return lakestead("profile", "check", "p.yaml", folder=tmp_path, environment=nowhere)

    assert check("{}").returncode == 0
    wrong = check("{slicing_exprs: [id >]}")
    assert (wrong.returncode, "main.a.b: slicing_exprs: 'id >' cannot be parsed" in wrong.stdout) == (2, True)
    unknown = check("{granularity: 1 dya}")
    assert (unknown.returncode, "p.yaml:2:" in unknown.stdout) == (2, True)
    refused = check("{}}\npolicy: {require_baseline: true")
    assert (refused.returncode, "refused by policy: main.a.b" in refused.stdout) == (1, True)


def test_init_writes_what_check_accepts(tmp_path: Path) -> None:
    assert lakestead("profile", "check", folder=tmp_path).returncode == 2
    assert lakestead("profile", "init", folder=tmp_path).returncode == 0
    assert lakestead("profile", "check", folder=tmp_path).returncode == 0
    again = lakestead("profile", "init", folder=tmp_path)
    assert (again.returncode, "--force" in again.stderr) == (2, True)
    assert lakestead("profile", "init", "--force", folder=tmp_path).returncode == 0
