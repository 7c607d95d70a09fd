"""A statement's life by the Statement Execution API: waiting, failing, cancelling, sessions, its owner."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import InvalidParameterValue, NotFound
from databricks.sdk.service.sql import (
    ExecuteStatementRequestOnWaitTimeout,
    StatementParameterListItem,
    StatementResponse,
    StatementState,
)

from lakestead.testing import Workspace

# Runs until it is stopped.
ENDLESS = "SELECT sum(id) FROM range(1000000000000)"


def run(workspace: Workspace, statement: str, **options: Any) -> StatementResponse:
    options = {"wait_timeout": "30s", **options}
    return workspace.client().statement_execution.execute_statement(
        statement, workspace.warehouse_id, **options
    )


def state(response: StatementResponse) -> StatementState | None:
    assert response.status is not None
    return response.status.state


def value(response: StatementResponse) -> str:
    assert state(response) is StatementState.SUCCEEDED, response.status
    assert response.result is not None
    assert response.result.data_array is not None
    return response.result.data_array[0][0]


def wait_for_end(client: WorkspaceClient, statement_id: str) -> StatementResponse:
    pause = threading.Event()
    for _ in range(600):
        response = client.statement_execution.get_statement(statement_id)
        if state(response) not in (StatementState.PENDING, StatementState.RUNNING):
            return response
        pause.wait(0.05)
    raise AssertionError("the statement does not end")


def post(workspace: Workspace, path: str = "/api/2.0/sql/statements", **body: Any) -> requests.Response:
    return requests.post(
        workspace.host + path,
        json={"statement": "SELECT 1", "warehouse_id": workspace.warehouse_id, **body},
        headers={"Authorization": f"Bearer {workspace.token}"},
        timeout=60,
    )


def test_without_waiting_the_answer_comes_at_once(workspace_session: Workspace) -> None:
    response = run(workspace_session, "SELECT 1", wait_timeout="0s")
    assert response.statement_id
    ended = wait_for_end(workspace_session.client(), response.statement_id)
    assert value(ended) == "1"


def test_a_failed_statement_is_an_answer(workspace_session: Workspace) -> None:
    response = run(workspace_session, "SELECT * FROM main.default.nothing_here")
    assert state(response) is StatementState.FAILED
    assert response.status is not None
    assert response.status.sql_state == "42P01"
    error = response.status.error
    assert error is not None
    assert error.error_code is not None
    assert error.error_code.value == "BAD_REQUEST"
    assert (error.message or "").startswith("[TABLE_OR_VIEW_NOT_FOUND]")
    assert (error.message or "").endswith("SQLSTATE: 42P01")
    assert response.manifest is None
    assert response.result is None


def test_cancel(workspace_session: Workspace) -> None:
    client = workspace_session.client()
    response = run(workspace_session, ENDLESS, wait_timeout="0s")
    assert response.statement_id
    client.statement_execution.cancel_execution(response.statement_id)
    assert state(wait_for_end(client, response.statement_id)) is StatementState.CANCELED
    with pytest.raises(Exception, match="is CANCELED"):
        client.statement_execution.get_statement_result_chunk_n(response.statement_id, 0)


@pytest.mark.slow
def test_cancel_when_the_time_is_over(workspace_session: Workspace) -> None:
    cancel = ExecuteStatementRequestOnWaitTimeout.CANCEL
    response = run(workspace_session, ENDLESS, wait_timeout="5s", on_wait_timeout=cancel)
    assert state(response) is StatementState.CANCELED


def test_to_cancel_what_has_ended_changes_nothing(workspace_session: Workspace) -> None:
    client = workspace_session.client()
    response = run(workspace_session, "SELECT 7")
    client.statement_execution.cancel_execution(response.statement_id or "")
    assert value(client.statement_execution.get_statement(response.statement_id or "")) == "7"


@pytest.mark.parametrize("timeout", ["4s", "51s", "-1s", "10", "ten"])
def test_a_wait_that_the_api_does_not_have(workspace_session: Workspace, timeout: str) -> None:
    with pytest.raises(InvalidParameterValue, match="wait_timeout"):
        run(workspace_session, "SELECT 1", wait_timeout=timeout)


def test_typed_parameters(workspace_session: Workspace) -> None:
    parameters = [
        StatementParameterListItem("i", type="INT", value="41"),
        StatementParameterListItem("d", type="DATE", value="2024-01-31"),
        StatementParameterListItem("s", value="it's"),
        StatementParameterListItem("n", type="STRING"),
    ]
    response = run(workspace_session, "SELECT :i + 1, :d + 1, :s, :n IS NULL", parameters=parameters)
    assert response.result is not None
    assert response.result.data_array == [["42", "2024-02-01", "it's", "true"]]


def test_positional_parameters(workspace_session: Workspace) -> None:
    second = {"ordinal": 2, "type": "STRING", "value": "b"}
    first = {"ordinal": 1, "type": "INT", "value": "1"}
    answer = post(workspace_session, statement="SELECT ?, ?", parameters=[second, first]).json()
    assert answer["result"]["data_array"] == [["1", "b"]]


def test_a_parameter_of_a_wrong_type_is_named(workspace_session: Workspace) -> None:
    parameters = [StatementParameterListItem("age", type="INT", value="ten")]
    response = run(workspace_session, "SELECT :age", parameters=parameters)
    assert state(response) is StatementState.FAILED
    assert response.status is not None
    assert response.status.error is not None
    assert "age" in (response.status.error.message or "")


def test_a_parameter_given_twice_is_named(workspace_session: Workspace) -> None:
    parameters = [StatementParameterListItem("a", value="1"), StatementParameterListItem("a", value="2")]
    with pytest.raises(InvalidParameterValue, match="'a' is given twice"):
        run(workspace_session, "SELECT :a", parameters=parameters)


def test_an_unknown_warehouse(workspace_session: Workspace) -> None:
    api = workspace_session.client().statement_execution
    with pytest.raises(NotFound, match="SQL warehouse 0000000000000000 does not exist"):
        api.execute_statement("SELECT 1", 16 * "0")
    with pytest.raises(InvalidParameterValue, match="not a valid endpoint id"):
        api.execute_statement("SELECT 1", "nonsense")


def test_an_unknown_statement(workspace_session: Workspace) -> None:
    with pytest.raises(NotFound, match="was not found"):
        workspace_session.client().statement_execution.get_statement("01ef0000-0000-0000-0000-000000000000")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"surprise": 1}, "surprise"),
        ({"row_limit": 0}, "row_limit"),
        ({"statement": "  "}, "statement"),
        ({"disposition": "BY_POST"}, "disposition"),
        ({"format": "XML"}, "format"),
        ({"parameters": [{"name": "a", "value": 1}]}, "parameters.0.value"),
        ({"query_tags": [{"value": "x"}]}, "query_tags.0.key"),
    ],
)
def test_a_wrong_field_is_named(workspace_session: Workspace, body: dict[str, Any], field: str) -> None:
    answer = post(workspace_session, **body)
    assert answer.status_code == 400
    assert answer.json()["error_code"] == "INVALID_PARAMETER_VALUE"
    assert f"'{field}'" in answer.json()["message"]


def test_a_slash_at_the_end_is_no_other_path(workspace_session: Workspace) -> None:
    answer = post(workspace_session, "/api/2.0/sql/statements/", result_compression="LZ4_FRAME")
    assert answer.json()["status"] == {"state": "SUCCEEDED"}


def test_nothing_leaks_from_one_statement_to_the_next(workspace_session: Workspace) -> None:
    run(workspace_session, "CREATE SCHEMA IF NOT EXISTS main.elsewhere")
    run(workspace_session, "USE main.elsewhere")
    assert value(run(workspace_session, "SELECT current_schema()")) == "default"
    run(workspace_session, "CREATE TEMPORARY VIEW left_behind AS SELECT 1")
    assert state(run(workspace_session, "SELECT * FROM left_behind")) is StatementState.FAILED
    run(workspace_session, "SET TIMEZONE = 'America/New_York'")
    assert value(run(workspace_session, "SELECT current_timezone()")) == "UTC"


def test_catalog_and_schema_of_a_statement(workspace_session: Workspace) -> None:
    response = run(workspace_session, "SELECT current_schema()", catalog="main", schema="information_schema")
    assert value(response) == "information_schema"
    assert value(run(workspace_session, "SELECT current_schema()")) == "default"


def test_a_session_keeps_what_its_statements_leave(workspace_session: Workspace) -> None:
    client = workspace_session.client()
    opened = client.api_client.do(
        "POST", "/api/2.0/sql/sessions", body={"warehouse_id": workspace_session.warehouse_id}
    )
    session_id = opened["session_id"]
    post(workspace_session, statement="CREATE TEMPORARY VIEW mine AS SELECT 5 AS five", session_id=session_id)
    answer = post(workspace_session, statement="SELECT * FROM mine", session_id=session_id).json()
    assert answer["result"]["data_array"] == [["5"]]
    refused = post(workspace_session, session_id=session_id, catalog="main")
    assert refused.status_code == 400
    client.api_client.do(
        "DELETE", f"/api/2.0/sql/sessions/{session_id}?warehouse_id={workspace_session.warehouse_id}"
    )
    assert post(workspace_session, session_id=session_id).status_code == 404


def test_statements_are_their_owners(workspace: Workspace, robot: Callable[[], Any]) -> None:
    one, other = robot(), robot()
    api = one.client.statement_execution
    response = api.execute_statement("SELECT 1", workspace.warehouse_id)
    assert value(api.get_statement(response.statement_id or "")) == "1"
    with pytest.raises(NotFound):
        other.client.statement_execution.get_statement(response.statement_id or "")
    with pytest.raises(NotFound):
        other.client.statement_execution.cancel_execution(response.statement_id or "")
    admin = workspace.client().statement_execution
    assert value(admin.get_statement(response.statement_id or "")) == "1"


def test_statements_run_as_who_sends_them(workspace: Workspace, robot: Callable[[], Any]) -> None:
    one, other = robot(), robot()
    names = [
        value(
            each.client.statement_execution.execute_statement("SELECT current_user()", workspace.warehouse_id)
        )
        for each in (one, other, one)
    ]
    assert names == [one.name, other.name, one.name]


@pytest.mark.slow
def test_requests_that_wait_leave_room_for_others(workspace: Workspace) -> None:
    cancel = ExecuteStatementRequestOnWaitTimeout.CANCEL
    started = threading.Barrier(46)
    states: list[StatementState | None] = []

    def wait() -> None:
        started.wait()
        states.append(state(run(workspace, ENDLESS, wait_timeout="5s", on_wait_timeout=cancel)))

    threads = [threading.Thread(target=wait) for _ in range(45)]
    for thread in threads:
        thread.start()
    started.wait()
    assert workspace.client().warehouses.get(workspace.warehouse_id).id == workspace.warehouse_id
    assert states == []
    for thread in threads:
        thread.join()
    assert states == [StatementState.CANCELED] * 45
