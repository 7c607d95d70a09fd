"""Query history: what ran, by every protocol, for who may know."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import InvalidParameterValue
from databricks.sdk.service.sql import QueryFilter, QueryInfo, QueryStatus, QueryTag, TimeRange

from lakestead.testing import Workspace


def run(client: WorkspaceClient, workspace: Workspace, statement: str, **options: Any) -> str:
    api = client.statement_execution
    response = api.execute_statement(statement, workspace.warehouse_id, wait_timeout="30s", **options)
    assert response.statement_id
    return response.statement_id


def listed(client: WorkspaceClient, **options: Any) -> list[QueryInfo]:
    return client.query_history.list(**options).res or []


def record(client: WorkspaceClient, statement_id: str, **options: Any) -> QueryInfo:
    (info,) = listed(client, filter_by=QueryFilter(statement_ids=[statement_id]), **options)
    return info


def test_a_statement_is_listed_as_soon_as_it_has_ended(workspace_session: Workspace) -> None:
    client = workspace_session.client()
    before = int(time.time() * 1000)
    statement_id = run(client, workspace_session, "SELECT id FROM range(7)")
    info = record(client, statement_id)
    me = client.current_user.me()
    assert info.query_id == statement_id
    assert info.query_text == "SELECT id FROM range(7)"
    assert info.status is QueryStatus.FINISHED
    assert info.statement_type is not None
    assert info.statement_type.value == "SELECT"
    assert info.rows_produced == 7
    assert (info.user_name, info.user_id) == (me.user_name, int(me.id or 0))
    assert info.warehouse_id == info.endpoint_id == workspace_session.warehouse_id
    assert info.session_id
    assert info.is_final
    assert info.query_start_time_ms is not None
    assert info.query_end_time_ms is not None
    assert before - 1 <= info.query_start_time_ms <= info.query_end_time_ms
    assert info.duration == info.query_end_time_ms - info.query_start_time_ms


def test_a_failure_is_recorded_with_its_message(workspace_session: Workspace) -> None:
    client = workspace_session.client()
    info = record(client, run(client, workspace_session, "SELECT * FROM main.default.nothing_here"))
    assert info.status is QueryStatus.FAILED
    assert (info.error_message or "").startswith("[TABLE_OR_VIEW_NOT_FOUND]")
    assert info.rows_produced is None


def test_the_drivers_statements_are_recorded(workspace_session: Workspace) -> None:
    with (
        workspace_session.connect(user_agent_entry="reporter/1.0") as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT 'by thrift'").fetchall()
        session_id = connection.get_session_id_hex()
        statement_id = cursor.query_id
    assert statement_id
    info = record(workspace_session.client(), statement_id)
    assert info.query_text == "SELECT 'by thrift'"
    assert (info.session_id or "").replace("-", "") == session_id.replace("-", "")
    assert info.client_application == "reporter"
    assert info.warehouse_id == workspace_session.warehouse_id


def test_tags(workspace_session: Workspace) -> None:
    client = workspace_session.client()
    tags = [QueryTag("team", "eng"), QueryTag("alone")]
    info = record(client, run(client, workspace_session, "SELECT 1", query_tags=tags))
    assert {tag.key: tag.value for tag in info.query_tags or []} == {"team": "eng", "alone": ""}


def test_tags_of_a_session(workspace_session: Workspace) -> None:
    client = workspace_session.client()
    session = client.api_client.do(
        "POST",
        "/api/2.0/sql/sessions",
        body={
            "warehouse_id": workspace_session.warehouse_id,
            "session_confs": {"query_tags": r"team:eng,city:New\,York,alone"},
        },
    )
    sent = client.api_client.do(
        "POST",
        "/api/2.0/sql/statements",
        body={
            "warehouse_id": workspace_session.warehouse_id,
            "session_id": session["session_id"],
            "statement": "SELECT 1",
            "query_tags": [{"key": "team", "value": "art"}],
        },
    )
    info = record(client, sent["statement_id"])
    tags = {tag.key: tag.value for tag in info.query_tags or []}
    assert tags == {"team": "art", "city": "New,York", "alone": ""}


def test_metrics_on_request(workspace_session: Workspace) -> None:
    client = workspace_session.client()
    statement_id = run(client, workspace_session, "SELECT 1")
    assert record(client, statement_id).metrics is None
    metrics = record(client, statement_id, include_metrics=True).metrics
    assert metrics is not None
    assert metrics.rows_produced_count == 1
    assert metrics.total_time_ms is not None
    assert metrics.execution_time_ms is not None
    assert metrics.execution_time_ms <= metrics.total_time_ms


def test_filters(workspace: Workspace, robot: Callable[[], Any]) -> None:
    client, other = workspace.client(), robot()
    second = client.warehouses.create(name="second").result()
    mine = run(client, workspace, "SELECT 1")
    failed = run(client, workspace, "SELECT nothing")
    theirs = run(other.client, workspace, "SELECT 2")
    elsewhere = client.statement_execution.execute_statement("SELECT 3", second.id or "").statement_id

    def ids(**wanted: Any) -> set[str | None]:
        return {info.query_id for info in listed(client, filter_by=QueryFilter(**wanted))}

    assert ids() == {mine, failed, theirs, elsewhere}
    assert ids(statuses=[QueryStatus.FAILED]) == {failed}
    assert ids(statuses=[QueryStatus.FAILED, QueryStatus.FINISHED]) == {mine, failed, theirs, elsewhere}
    assert ids(statuses=[QueryStatus.RUNNING]) == set()
    assert ids(user_ids=[int(other.id)]) == {theirs}
    assert ids(warehouse_ids=[second.id]) == {elsewhere}
    assert ids(statement_ids=[mine, failed]) == {mine, failed}
    start = record(client, theirs).query_start_time_ms
    assert ids(query_start_time_range=TimeRange(start_time_ms=start)) >= {theirs, elsewhere}
    assert ids(query_start_time_range=TimeRange(end_time_ms=1)) == set()
    assert ids(statuses=[QueryStatus.FINISHED], user_ids=[int(other.id)]) == {theirs}


def test_pages(workspace: Workspace) -> None:
    client = workspace.client()
    sent = [run(client, workspace, f"SELECT {number}") for number in range(5)]
    pages, token = [], None
    while True:
        answer = client.query_history.list(max_results=2, page_token=token)
        pages.append([info.query_id for info in answer.res or []])
        token = answer.next_page_token
        assert bool(token) == bool(answer.has_next_page)
        if not token:
            break
    assert pages == [[sent[4], sent[3]], [sent[2], sent[1]], [sent[0]]]


def test_users_see_their_own_and_admins_all(workspace: Workspace, robot: Callable[[], Any]) -> None:
    client, other = workspace.client(), robot()
    admins = run(client, workspace, "SELECT 1")
    theirs = run(other.client, workspace, "SELECT 2")
    assert [info.query_id for info in listed(other.client)] == [theirs]
    assert [info.query_id for info in listed(client)] == [theirs, admins]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"filter_by.statuses": "DREAMING"}, "filter_by.statuses.0"),
        ({"filter_by.colour": "red"}, "filter_by.colour"),
        ({"max_results": "0"}, "max_results"),
        ({"filter_by.user_ids": "9" * 40}, "user_ids"),
        ({"page_token": "9" * 40 + ".1"}, "page_token"),
        ({"filter_by.statuses": "RUNNING", "filter_by.statuses.x": "1"}, "statuses"),
        ({"page_token": "nonsense"}, "page_token"),
    ],
)
def test_a_wrong_filter_is_named(workspace_session: Workspace, query: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidParameterValue, match=field):
        workspace_session.client().api_client.do("GET", "/api/2.0/sql/history/queries", query=query)


def test_the_record_outlives_the_server(tmp_path: Any) -> None:
    from lakestead.testing import serve

    with serve(tmp_path) as first:
        statement_id = run(first.client(), first, "SELECT 'before'")
    with serve(tmp_path) as second:
        assert record(second.client(), statement_id).query_text == "SELECT 'before'"
