"""Calls and statements of official clients, instrumented by one line."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from databricks import sql
from databricks.sdk.core import ApiClient
from databricks.sdk.errors import NotFound
from databricks.sdk.service.sql import QueryTag, StatementParameterListItem, StatementState
from databricks.sql.client import Connection, Cursor
from databricks.sql.exc import ServerOperationError
from opentelemetry.trace import StatusCode

from lakestead.core.errors import ConfigError
from lakestead.telemetry import attribution, auto_instrument_databricks, uninstrument
from lakestead.testing import Workspace

from .conftest import Seen

CLIENTS = [(ApiClient, "do"), (Cursor, "execute"), (Cursor, "execute_async"), (Cursor, "executemany")]


def by_statement_execution(workspace: Workspace) -> Connection:
    host, port = workspace.host.rsplit(":", 1)
    return sql.connect(
        server_hostname=host,
        _port=int(port),
        use_sea=True,
        enable_telemetry=False,
        access_token=workspace.token,
        http_path=workspace.http_path,
    )


@pytest.fixture(params=["thrift", "sea"])
def connect(request: pytest.FixtureRequest) -> Callable[[Workspace], Connection]:
    return (lambda workspace: workspace.connect()) if request.param == "thrift" else by_statement_execution


def tags_of(workspace: Workspace, statement_id: str) -> dict[str, str]:
    """Return the tags that query history has of a statement."""
    for query in workspace.client().query_history.list(max_results=100).res or ():
        if query.query_id == statement_id:
            return {tag.key: tag.value for tag in query.query_tags or ()}
    raise AssertionError(f"{statement_id} is not in the history")


def test_calls_of_the_sdk_are_spans(instrumented: Seen, workspace_session: Workspace) -> None:
    client = workspace_session.client()
    names = [catalog.name for catalog in client.catalogs.list()]
    assert "main" in names
    (span,) = instrumented.spans("catalog.list")
    assert span.attributes is not None
    assert span.attributes["genops.workspace_url"] == workspace_session.host
    assert span.attributes["http.request.method"] == "GET"
    assert span.status.status_code is StatusCode.UNSET


def test_an_error_is_told_and_passed_on(instrumented: Seen, workspace_session: Workspace) -> None:
    with pytest.raises(NotFound):
        workspace_session.client().tables.get("main.default.nowhere")
    (span,) = instrumented.spans("table.get")
    assert span.attributes is not None
    assert span.attributes["genops.table_name"] == "nowhere"
    assert span.attributes["error.type"] == "TABLE_DOES_NOT_EXIST"
    assert span.status.status_code is StatusCode.ERROR


def test_statements_of_the_sdk(instrumented: Seen, workspace_session: Workspace) -> None:
    statements = workspace_session.client().statement_execution
    with attribution(team="data", project="insights"):
        answer = statements.execute_statement(
            "SELECT id FROM range(3)",
            workspace_session.warehouse_id,
            query_tags=[QueryTag(key="team", value="mine"), QueryTag(key="own", value="1")],
        )
    (span,) = instrumented.spans("sql_warehouse.query")
    assert span.attributes is not None
    assert span.attributes["db.query.text"] == "SELECT id FROM range(?)"
    assert span.attributes["genops.data.row_count"] == 3
    assert span.attributes["genops.statement_id"] == answer.statement_id
    assert answer.statement_id
    tags = tags_of(workspace_session, answer.statement_id)
    assert (tags["team"], tags["own"], tags["project"]) == ("mine", "1", "insights")
    assert tags["traceparent"].split("-")[1] == f"{span.context.trace_id:032x}"


def test_a_statement_that_fails_is_an_answer_and_an_error(
    instrumented: Seen, workspace_session: Workspace
) -> None:
    statements = workspace_session.client().statement_execution
    answer = statements.execute_statement("SELECT * FROM nowhere", workspace_session.warehouse_id)
    assert answer.status is not None
    assert answer.status.state is StatementState.FAILED
    (span,) = instrumented.spans("table.query")
    assert span.attributes is not None
    assert span.attributes["error.type"] == "TABLE_OR_VIEW_NOT_FOUND"
    assert span.attributes["db.response.status_code"] == "42P01"


def test_statements_of_the_connector(
    instrumented: Seen, workspace_session: Workspace, schema: str, connect: Callable[[Workspace], Connection]
) -> None:
    with connect(workspace_session) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {schema}.a AS SELECT id FROM range(5)")
        with attribution(team="data"):
            cursor.execute(f"CREATE TABLE {schema}.b AS SELECT * FROM {schema}.a", query_tags={"own": "x"})
        assert len(cursor.execute(f"SELECT * FROM {schema}.b WHERE id > 1").fetchall()) == 3
    _, span = instrumented.spans("table.create")
    (query,) = instrumented.spans("table.query")
    assert span.attributes is not None
    assert query.attributes is not None
    assert span.attributes["genops.schema_name"] == schema.split(".")[1]
    assert span.attributes["genops.governance.lineage_upstream"] == f"{schema}.a"
    assert span.attributes["genops.governance.lineage_downstream"] == f"{schema}.b"
    assert span.attributes["genops.sql_warehouse_id"] == workspace_session.warehouse_id
    assert f"http://127.0.0.1:{span.attributes['server.port']}" == workspace_session.host
    assert query.attributes["db.query.text"] == f"SELECT * FROM {schema}.b WHERE id > ?"
    assert query.attributes["db.collection.name"] == f"{schema}.b"
    tags = tags_of(workspace_session, str(span.attributes["genops.statement_id"]))
    assert (tags["team"], tags["own"]) == ("data", "x")
    assert f"{span.context.span_id:016x}" in tags["traceparent"]


def test_an_error_of_the_connector(
    instrumented: Seen, workspace_session: Workspace, connect: Callable[[Workspace], Connection]
) -> None:
    with (
        connect(workspace_session) as connection,
        connection.cursor() as cursor,
        pytest.raises(ServerOperationError),
    ):
        cursor.execute("SELECT * FROM nowhere WHERE name = 'secret'")
    (span,) = instrumented.spans("table.query")
    assert span.attributes is not None
    assert span.attributes["error.type"] == "TABLE_OR_VIEW_NOT_FOUND"
    assert "secret" not in span.to_json()


def test_executemany_is_one_span(instrumented: Seen, workspace_session: Workspace, schema: str) -> None:
    with workspace_session.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {schema}.t (id INT)")
        rows: Any = ([number] for number in range(3))
        cursor.executemany(f"INSERT INTO {schema}.t VALUES (?)", rows, {"own": "x"})
        assert cursor.rowcount == 3
        assert cursor.execute(f"SELECT count(*) FROM {schema}.t").fetchone()[0] == 3
    (span,) = instrumented.spans("table.insert")
    assert span.attributes is not None
    assert span.attributes["db.operation.batch.size"] == 3
    tags = tags_of(workspace_session, str(span.attributes["genops.statement_id"]))
    assert tags["own"] == "x"
    assert f"{span.context.span_id:016x}" in tags["traceparent"]


def test_arguments_by_position(instrumented: Seen, workspace_session: Workspace) -> None:
    with workspace_session.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT :a AS n", {"a": 7}, False, None, {"own": "x"})
        assert cursor.fetchone()[0] == 7
    (span,) = instrumented.spans("sql_warehouse.query")
    assert span.attributes is not None
    assert tags_of(workspace_session, str(span.attributes["genops.statement_id"]))["own"] == "x"


def test_personal_data_among_parameters_is_named(seen: Seen, workspace_session: Workspace) -> None:
    auto_instrument_databricks(pii_detection_enabled=True, **seen.providers)
    try:
        with workspace_session.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT :a, '4111 1111 1111 1111'", {"a": "jane.doe@example.com"})
        workspace_session.client().statement_execution.execute_statement(
            "SELECT :a",
            workspace_session.warehouse_id,
            parameters=[StatementParameterListItem("a", value="jane.doe@example.com")],
        )
    finally:
        uninstrument()
    by_connector, by_sdk = seen.spans("sql_warehouse.query")
    assert (by_connector.attributes or {})["genops.data.pii_types"] == ("credit_card", "email")
    assert (by_sdk.attributes or {})["genops.data.pii_types"] == ("email",)
    assert "jane.doe" not in by_connector.to_json() + by_sdk.to_json()


def test_an_asynchronous_statement(instrumented: Seen, workspace_session: Workspace) -> None:
    with workspace_session.connect() as connection, connection.cursor() as cursor:
        cursor.execute_async("SELECT 7 AS n")
        cursor.get_async_execution_result()
        assert cursor.fetchall()[0][0] == 7
    assert len(instrumented.spans("sql_warehouse.query")) == 1


def test_spans_of_threads_belong_to_what_they_do(instrumented: Seen, workspace_session: Workspace) -> None:
    def work(number: int) -> None:
        tracer = instrumented.tracer_provider.get_tracer("test")
        with (
            tracer.start_as_current_span(f"work {number}"),
            attribution(team=f"team-{number}"),
            workspace_session.connect() as connection,
            connection.cursor() as cursor,
        ):
            for _ in range(3):
                cursor.execute(f"SELECT {number}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    parents = {
        span.context.span_id: span.name
        for span in instrumented.exporter.get_finished_spans()
        if span.name.startswith("work")
    }
    spans = instrumented.spans("sql_warehouse.query")
    assert len(spans) == 12
    for span in spans:
        assert span.attributes is not None
        assert span.parent is not None
        number = parents[span.parent.span_id].split()[1]
        assert span.attributes["genops.team"] == f"team-{number}"


def test_spans_of_tasks_belong_to_what_they_do(instrumented: Seen, workspace_session: Workspace) -> None:
    def ask(number: int) -> None:
        with workspace_session.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT {number}")

    async def work(number: int) -> None:
        with attribution(team=f"team-{number}"):
            await asyncio.to_thread(ask, number)

    async def all_work() -> None:
        await asyncio.gather(*(work(number) for number in range(3)))

    asyncio.run(all_work())
    teams = [(span.attributes or {})["genops.team"] for span in instrumented.spans("sql_warehouse.query")]
    assert sorted(map(str, teams)) == ["team-0", "team-1", "team-2"]


def test_durations_are_measured(instrumented: Seen, workspace_session: Workspace) -> None:
    with attribution(team="data"):
        list(workspace_session.client().schemas.list("main"))
    ((attributes, seconds),) = [
        point
        for point in instrumented.points("db.client.operation.duration")
        if point[0]["genops.operation_type"] == "schema.list"
    ]
    assert attributes["genops.team"] == "data"
    assert 0 < seconds < 60


def test_uninstrument_restores_the_very_functions(seen: Seen, workspace_session: Workspace) -> None:
    before = [owner.__dict__[name] for owner, name in CLIENTS]
    adapter = auto_instrument_databricks(**seen.providers)
    assert all(owner.__dict__[name] is not was for (owner, name), was in zip(CLIENTS, before, strict=True))
    assert auto_instrument_databricks() is adapter
    with pytest.raises(ConfigError, match="instrumented already"):
        auto_instrument_databricks(batch_size=1)
    uninstrument()
    uninstrument()
    assert all(owner.__dict__[name] is was for (owner, name), was in zip(CLIENTS, before, strict=True))
    list(workspace_session.client().catalogs.list())
    assert not seen.spans()


def test_what_others_have_wrapped_since_stays(seen: Seen, workspace_session: Workspace) -> None:
    before = ApiClient.__dict__["do"]
    auto_instrument_databricks(**seen.providers)
    ours = ApiClient.__dict__["do"]
    called: list[str] = []

    def theirs(self: ApiClient, *given: Any, **keywords: Any) -> Any:
        called.append("theirs")
        return ours.__get__(self, ApiClient)(*given, **keywords)

    ApiClient.do = theirs
    try:
        uninstrument()
        assert ApiClient.__dict__["do"] is theirs
        list(workspace_session.client().catalogs.list())
        assert called
        assert not seen.spans()
    finally:
        ApiClient.do = before
