"""The tutorial on governed programs: its blocks run in one program and do what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from lakestead.testing import Workspace
from tests.servers.otlp import attributes, collector

from .test_snippets import GOVERNED, LIMIT, snippets

# Runs the blocks one after another, and keeps what they made.
PROGRAM = """
import json, sys
names = {}
for block in json.load(open(sys.argv[1])):
    exec(compile(block, "<block>", "exec"), names)
left = {
    "valid": names["result"].is_valid,
    "catalogs": names["catalogs"],
    "night": str(names["night"].total_cost),
    "edges": names["graph"].size,
    "decision": names["decision"]["access_granted"],
    "compliance": names["compliance"],
    "estimate": str(names["estimate"]),
    "score": float(names["costs"].get_cost_efficiency_score()),
    "home": names["home"]["configured"],
    "total": str(names["total"]),
    "report": [str(names["report"].cost), str(sum(share.cost for share in names["report"].shares))],
    "pair": [names["pair"]["configured"], names["pair"]["active_workspace_url"]],
    "taken": [str(one.target) for one in names["taken"]],
}
json.dump(left, open(sys.argv[2], "w"))
"""


@pytest.fixture(scope="module")
def ran(workspace_session: Workspace, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("governed")
    blocks = [one.text for one in snippets(GOVERNED) if one.language == "python"]
    (folder / "blocks.json").write_text(json.dumps(blocks))
    (folder / "program.py").write_text(PROGRAM)
    own = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "GENOPS_"))}
    with collector() as received:
        endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{received.grpc_port}"}
        done = subprocess.run(
            [sys.executable, "program.py", "blocks.json", "left.json"],
            cwd=folder,
            env={**own, **workspace_session.env(), **endpoint, "HOME": str(folder)},
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        spans = [{"name": one["name"], **attributes(one)} for one in received.spans()]
        metrics = [
            (metric["name"], metric)
            for request in received.received()
            for resource in request.get("resourceMetrics", ())
            for scope in resource["scopeMetrics"]
            for metric in scope["metrics"]
        ]
    left = json.loads((folder / "left.json").read_text())
    return {"spans": spans, "metrics": dict(metrics), "left": left, "said": done.stdout}


def span(ran: dict[str, Any], **wanted: str) -> dict[str, Any]:
    """Return the span that has these attributes of `genops`."""
    for one in ran["spans"]:
        if all(one.get(f"genops.{name}") == value for name, value in wanted.items()):
            return dict(one)
    raise AssertionError(f"no span has {wanted}: {ran['spans']}")


def test_the_setup_is_valid(ran: dict[str, Any]) -> None:
    assert ran["left"]["valid"] is True


def test_calls_of_the_sdk_are_spans(ran: dict[str, Any]) -> None:
    assert "main" in ran["left"]["catalogs"]
    found = span(ran, provider="databricks_unity_catalog", operation_type="catalog.list")
    assert found["genops.framework_type"] == "data_platform"


def test_statements_are_spans_of_a_team_and_in_the_history(
    ran: dict[str, Any], workspace_session: Workspace
) -> None:
    statements = [one for one in ran["spans"] if "CREATE OR REPLACE TABLE" in one.get("db.query.text", "")]
    assert len(statements) == 2
    assert {one["genops.team"] for one in statements} == {"insights"}
    assert {one["genops.project"] for one in statements} == {"churn"}
    with workspace_session.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT query_tags['team'], query_tags['traceparent'] FROM system.query.history"
            " WHERE statement_text LIKE 'CREATE OR REPLACE TABLE shops%' ORDER BY start_time DESC LIMIT 1"
        )
        team, parent = cursor.fetchone()
    assert team == "insights"
    assert len(parent.split("-")) == 4


def test_what_is_told_by_hand_is_a_span(ran: dict[str, Any]) -> None:
    found = span(ran, operation_type="table.export")
    assert found["genops.data.row_count"] == "7"
    assert found["genops.data.size_bytes"] == "2048"
    assert found["genops.governance.data_classification"] == "internal"


def test_a_workflow_has_a_bill(ran: dict[str, Any]) -> None:
    assert float(ran["left"]["night"]) > 0
    assert ran["left"]["total"] == ran["left"]["night"]
    found = span(ran, operation_type="sql_warehouse.transform")
    assert float(found["genops.cost.total"]) == float(ran["left"]["night"])
    assert found["genops.cost.currency"] == "USD"


def test_lineage_decisions_and_their_summary(ran: dict[str, Any]) -> None:
    assert ran["left"]["edges"] == 1
    assert ran["left"]["decision"] is False
    # One piece of lineage and one audit went well, one access was denied.
    assert ran["left"]["compliance"] == pytest.approx(100 * 2 / 3)


def test_prices_and_efficiency(ran: dict[str, Any]) -> None:
    assert 0 < float(ran["left"]["estimate"]) < 100
    assert 0 <= ran["left"]["score"] <= 100


def test_metrics(ran: dict[str, Any]) -> None:
    (point,) = ran["metrics"]["genops.databricks.governance_compliance_rate"]["gauge"]["dataPoints"]
    assert attributes(point) == {"metastore_id": "metastore-eu"}
    assert point["asDouble"] == pytest.approx(ran["left"]["compliance"])
    durations = ran["metrics"]["db.client.operation.duration"]["histogram"]["dataPoints"]
    assert sum(int(one["count"]) for one in durations) >= 2


def test_workspaces(ran: dict[str, Any], workspace_session: Workspace) -> None:
    assert ran["left"]["home"] is True
    whole, parts = ran["left"]["report"]
    assert float(whole) == float(parts)
    assert ran["left"]["pair"] == [False, workspace_session.host]


def test_lineage_of_another_catalog_is_taken_over(ran: dict[str, Any]) -> None:
    assert ran["left"]["taken"] == ["hive.sales.monthly"]
