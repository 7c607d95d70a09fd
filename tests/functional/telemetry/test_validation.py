"""Checks of a setup, and `lakestead telemetry`."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from io import StringIO

import pytest
from jsonschema import Draft202012Validator
from rich.console import Console

from lakestead.core.errors import ConfigError
from lakestead.telemetry import Status, print_validation_result, validate_setup
from lakestead.testing import Workspace
from tests.functional.command import lakestead as command
from tests.servers.otlp import collector

NAMES = [
    "host",
    "token",
    "connectivity",
    "Unity Catalog",
    "warehouse",
    "permissions",
    "attribution",
    "exporter",
]
PASSED, FAILED, SKIPPED, WARNING = Status.PASSED, Status.FAILED, Status.SKIPPED, Status.WARNING


def lakestead(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command where no workspace is configured but the one of `environment`."""
    return command("telemetry", *arguments, environment={"HOME": os.devnull, **environment})


def statuses(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    found = json.loads(done.stdout)
    assert found["ok"] == (done.returncode == 0)
    return {check["name"]: check["status"] for check in found["checks"]}


def test_a_whole_setup_passes(workspace_session: Workspace) -> None:
    with workspace_session.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # the warehouse runs
    with collector() as running:
        done = lakestead(
            "check",
            "--json",
            **workspace_session.env(),
            GENOPS_TEAM="data",
            GENOPS_PROJECT="insights",
            OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{running.grpc_port}",
        )
    assert done.returncode == 0
    assert statuses(done) == dict.fromkeys(NAMES, PASSED)


def test_a_token_that_is_not_valid(workspace_session: Workspace) -> None:
    done = lakestead("check", "--json", **{**workspace_session.env(), "DATABRICKS_TOKEN": "dapi-secret"})
    assert done.returncode == 1
    assert statuses(done) == {
        "host": PASSED,
        "token": PASSED,
        "connectivity": FAILED,
        "Unity Catalog": SKIPPED,
        "warehouse": SKIPPED,
        "permissions": SKIPPED,
        "attribution": WARNING,
        "exporter": WARNING,
    }
    assert "dapi-secret" not in done.stdout + done.stderr


def test_a_warehouse_that_is_not_there(workspace_session: Workspace) -> None:
    environment = {**workspace_session.env(), "DATABRICKS_WAREHOUSE_ID": "0123456789abcdef"}
    found = statuses(lakestead("check", "--json", **environment))
    assert (found["Unity Catalog"], found["warehouse"], found["permissions"]) == (PASSED, FAILED, SKIPPED)


def test_no_workspace_and_no_collector() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        done = lakestead("check", OTEL_EXPORTER_OTLP_ENDPOINT=endpoint)
    assert done.returncode == 1
    assert "set DATABRICKS_HOST" in done.stdout
    assert "Connection refused" in done.stdout
    assert "2 checks failed, 1 warning" in done.stdout


def test_what_is_not_asked_for_is_skipped(workspace_session: Workspace) -> None:
    done = lakestead("check", "--json", "--no-connectivity", "--no-governance", **workspace_session.env())
    assert set(statuses(done).values()) == {PASSED, SKIPPED}


def test_what_is_printed(workspace_session: Workspace) -> None:
    result = validate_setup(workspace_session.host, check_connectivity=False, check_governance=False)
    written = StringIO()
    print_validation_result(result, Console(file=written, width=100))
    assert written.getvalue().count("\n") >= len(NAMES)
    with pytest.raises(ConfigError, match="unknown key 'otlp_endpiont'"):
        validate_setup(otlp_endpiont="http://x")


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(json.loads(lakestead("schema").stdout))


def test_the_dashboard_is_one() -> None:
    found = json.loads(lakestead("dashboard").stdout)
    assert [panel["title"] for panel in found["panels"]][:1] == ["Cost by team"]
    assert len({panel["id"] for panel in found["panels"]}) == len(found["panels"])
    for panel in found["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        assert panel["targets"][0]["expr"]
