"""How alerts stand, and what their subscribers are told."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from databricks.sdk.service.jobs import AlertTask, SubmitTask
from databricks.sdk.service.sql import (
    AlertEvaluationState,
    AlertStatementParameter,
    AlertV2RunAs,
    ComparisonOperator,
    CronSchedule,
)

from tests.contract.alerts.conftest import ABOVE, Alerting, AlertV2Operand, column, ended, value
from tests.contract.conftest import Reader, Sql
from tests.servers.inbox import Webhooks

Fields = dict[str, Any]
EQUAL = ComparisonOperator.EQUAL
THREE = "SELECT * FROM VALUES (3, 1, 'a'), (8, 9, 'b'), (NULL, 2, 'b') AS t(c, d, s)"


@pytest.mark.parametrize(
    ("query", "fields", "state"),
    [
        ("SELECT 11 AS c", {}, "TRIGGERED"),
        ("SELECT 10 AS c", {}, "OK"),
        ("SELECT 10 AS C", {"comparison_operator": ComparisonOperator.GREATER_THAN_OR_EQUAL}, "TRIGGERED"),
        (
            "SELECT CAST(0.3 AS DECIMAL(3,1)) AS c",
            {"comparison_operator": EQUAL, "threshold": value(0.3)},
            "TRIGGERED",
        ),
        ("SELECT true AS c", {"comparison_operator": EQUAL, "threshold": value(True)}, "TRIGGERED"),
        (
            "SELECT 'x' AS c",
            {"comparison_operator": ComparisonOperator.NOT_EQUAL, "threshold": value("x")},
            "OK",
        ),
        ("SELECT '12' AS c", {}, "TRIGGERED"),
        ("SELECT DATE'2026-01-02' AS c", {"threshold": value("2026-01-01")}, "TRIGGERED"),
        ("SELECT TIMESTAMP'2026-01-01' AS c", {"threshold": value("2026-01-02")}, "OK"),
        ("SELECT CAST(NULL AS INT) AS c", {}, "OK"),
        ("SELECT CAST(NULL AS INT) AS c", {"comparison_operator": ComparisonOperator.IS_NULL}, "TRIGGERED"),
        ("SELECT 1 AS c", {"comparison_operator": ComparisonOperator.IS_NOT_NULL}, "TRIGGERED"),
        (f"{THREE} LIMIT 1", {"threshold": AlertV2Operand(column=column("d"))}, "TRIGGERED"),
        (THREE, {"source": column("c", "SUM")}, "TRIGGERED"),
        (
            THREE,
            {"source": column("c", "COUNT"), "comparison_operator": EQUAL, "threshold": value(2)},
            "TRIGGERED",
        ),
        (
            THREE,
            {"source": column("s", "COUNT_DISTINCT"), "comparison_operator": EQUAL, "threshold": value(2)},
            "TRIGGERED",
        ),
        (
            THREE,
            {"source": column("c", "AVG"), "comparison_operator": EQUAL, "threshold": value(5.5)},
            "TRIGGERED",
        ),
        (
            THREE,
            {"source": column("d", "MEDIAN"), "comparison_operator": EQUAL, "threshold": value(2)},
            "TRIGGERED",
        ),
        (
            THREE,
            {"source": column("s", "MAX"), "comparison_operator": EQUAL, "threshold": value("b")},
            "TRIGGERED",
        ),
        (THREE, {"source": column("d", "MIN"), "threshold": AlertV2Operand(column=column("c", "MIN"))}, "OK"),
        (THREE, {"source": column("c", "STDDEV"), "threshold": value(3.53)}, "TRIGGERED"),
        ("SELECT 1 AS c WHERE false", {}, "UNKNOWN"),
        ("SELECT 1 AS c WHERE false", {"empty_result_state": AlertEvaluationState.TRIGGERED}, "TRIGGERED"),
        ("SELECT 1 AS c WHERE false", {"empty_result_state": AlertEvaluationState.OK}, "OK"),
    ],
)
def test_how_an_alert_stands(alerting: Alerting, query: str, fields: Fields, state: str) -> None:
    assert alerting.state(alerting.create(query, **fields)) == state


@pytest.mark.parametrize(
    ("query", "fields", "said"),
    [
        ("SELECT 1 AS d", {}, "no column 'c'; it has d"),
        ("SELECT 1 AS d WHERE false", {}, "no column 'c'"),
        ("SELECT * FROM main.nowhere.t", {}, "nowhere"),
        ("SELECT 'x' AS c", {}, "'x' (str) cannot be compared with 10 (int)"),
        ("SELECT 'x' AS c", {"source": column("c", "SUM")}, "SUM of column 'c'"),
        ("SELECT 1/0 AS c", {}, "ivision by zero"),
    ],
)
def test_what_cannot_be_evaluated_is_an_error(
    alerting: Alerting, query: str, fields: Fields, said: str
) -> None:
    alert_id = alerting.create(query, **fields)
    output = alerting.evaluate(alert_id)
    assert output.metadata
    assert output.metadata.state
    assert output.metadata.state.result_state
    assert output.metadata.state.result_state.value == "FAILED"
    assert said in (output.error or "")
    assert alerting.client.alerts_v2.get_alert(alert_id).evaluation.state is AlertEvaluationState.ERROR


def test_subscribers_are_told_once_and_when_it_is_over(
    alerting: Alerting, webhooks: Webhooks, sql: Sql, schema: str, cell: Callable[[str], None]
) -> None:
    alert_id = alerting.create(
        f"SELECT CASE WHEN c = 0 THEN CAST(1 / c AS INT) ELSE c END AS c FROM {schema}.cell",
        notification=alerting.webhook(webhooks, notify_on_ok=True),
        custom_summary="{{ALERT_NAME}}: {{ALERT_STATUS}}",
        custom_description="{{QUERY_RESULT_VALUE}} {{ALERT_CONDITION}} {{ALERT_THRESHOLD}}{{NOTHING}}",
    )
    name = alerting.client.alerts_v2.get_alert(alert_id).display_name
    # Well from the start, triggered twice, not to be evaluated in between, over: two messages.
    standing = {5: "OK", 11: "TRIGGERED", 0: "ERROR", 12: "TRIGGERED", 1: "OK", 2: "OK"}
    for content, state in standing.items():
        cell(str(content))
        assert alerting.state(alert_id) == state
    first, second = (one.body for one in webhooks.wait(2))
    assert (first["event_type"], first["subject"]) == ("alert.triggered", f"{name}: TRIGGERED")
    assert first["body"] == "11 > 10"
    assert first["alert"] == {
        "id": alert_id,
        "name": name,
        "state": "TRIGGERED",
        "condition": "c > 10",
        "value": 11,
        "threshold": 10,
    }
    assert (second["event_type"], second["alert"]["value"]) == ("alert.ok", 1)
    recorded = sql(
        "SELECT state, value, threshold, error FROM system.lakestead.alert_evaluations"
        f" WHERE alert_id = '{alert_id}' ORDER BY evaluation_time"
    )
    assert recorded == [
        ("OK", "5", "10", None),
        ("TRIGGERED", "11", "10", None),
        ("ERROR", None, None, recorded[2][3]),
        ("TRIGGERED", "12", "10", None),
        ("OK", "1", "10", None),
        ("OK", "2", "10", None),
    ]
    assert "ivision by zero" in recorded[2][3]
    # What was over can be triggered anew.
    cell("20")
    assert alerting.state(alert_id) == "TRIGGERED"
    webhooks.wait(3)


def test_an_alert_may_tell_again_while_it_is_triggered(
    alerting: Alerting, webhooks: Webhooks, sql: Sql
) -> None:
    again = alerting.create("SELECT 11 AS c", notification=alerting.webhook(webhooks, retrigger_seconds=1))
    later = alerting.create("SELECT 11 AS c", notification=alerting.webhook(webhooks, retrigger_seconds=3600))
    for _ in range(2):
        assert alerting.state(again) == alerting.state(later) == "TRIGGERED"
        told = time.monotonic()
    time.sleep(max(1.0 - (time.monotonic() - told), 0))
    assert alerting.state(again) == alerting.state(later) == "TRIGGERED"
    found = sorted(one.body["alert"]["id"] for one in webhooks.wait(3))
    assert found == sorted([again, again, later])
    rows = sql(f"SELECT outcome, kind FROM system.lakestead.notifications WHERE link LIKE '%{later}'")
    assert rows == [("SENT", "alert.triggered")]


def test_the_query_has_the_privileges_of_whom_it_runs_as(
    alerting: Alerting, sql: Sql, schema: str, reader: Reader, cell: Callable[[str], None]
) -> None:
    cell("11")
    query = f"SELECT c, current_user() AS who FROM {schema}.cell WHERE c > :least"
    least = AlertStatementParameter("least", "INT", "10")
    run_as = AlertV2RunAs(service_principal_name=reader.name)
    condition = {"source": column("who"), "comparison_operator": EQUAL, "threshold": value(reader.name)}
    alert_id = alerting.create(query, parameters=[least], run_as=run_as, **condition)
    assert alerting.state(alert_id) == "TRIGGERED"
    sql(f"REVOKE SELECT ON SCHEMA {schema} FROM `{reader.name}`")
    assert alerting.state(alert_id) == "ERROR"


def test_a_warehouse_that_is_no_more_is_an_error(alerting: Alerting) -> None:
    warehouse = alerting.client.warehouses.create_and_wait(name=f"short {uuid.uuid4().hex[:8]}").id or ""
    alert_id = alerting.create(warehouse_id=warehouse)
    alerting.client.warehouses.delete(warehouse)
    assert "does not exist" in (alerting.evaluate(alert_id).error or "")
    # A run may name another.
    task = AlertTask(alert_id=alert_id, warehouse_id=alerting.workspace.warehouse_id)
    run_id = alerting.client.jobs.submit(tasks=[SubmitTask("one", alert_task=task)]).run_id
    assert ended(alerting.client, run_id).state
    state = alerting.client.alerts_v2.get_alert(alert_id).evaluation.state
    assert state is AlertEvaluationState.OK


def test_alerts_are_evaluated_on_schedule(alerting: Alerting, webhooks: Webhooks) -> None:
    every_second = CronSchedule("* * * * * ?", "Europe/Paris")
    alert_id = alerting.create(
        "SELECT 11 AS c", schedule=every_second, notification=alerting.webhook(webhooks)
    )
    assert webhooks.wait(1)[0].body["alert"]["id"] == alert_id
    found = alerting.client.alerts_v2.get_alert(alert_id).evaluation
    assert found.state is AlertEvaluationState.TRIGGERED
    assert found.last_evaluated_at
    assert ABOVE is found.comparison_operator
