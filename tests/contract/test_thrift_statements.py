"""Statements of the SQL connector: waiting for them or not, parameters, errors, limits, cancelling."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator
from decimal import Decimal

import pytest
from databricks.sql.backend.types import CommandState
from databricks.sql.client import Connection, Cursor
from databricks.sql.exc import DatabaseError, OperationalError, ServerOperationError
from databricks.sql.parameters import SmallIntParameter, TimestampNTZParameter
from databricks.sql.thrift_api.TCLIService.ttypes import (
    TCancelOperationReq,
    TExecuteStatementReq,
    TFetchOrientation,
    TFetchResultsReq,
    TGetOperationStatusReq,
    TGetResultSetMetadataReq,
    TOperationState,
    TStatementConf,
    TStatusCode,
)

from lakestead.testing import Workspace

LEAP_DAY = datetime.datetime(2024, 2, 29, 12, 30)  # noqa: DTZ001 - it has no zone
# Runs for minutes.
ENDLESS = "SELECT sum(id % 7) FROM range(1000000000000)"


@pytest.fixture
def connection(workspace_session: Workspace) -> Iterator[Connection]:
    with workspace_session.connect() as connection:
        yield connection


@pytest.fixture
def cursor(connection: Connection) -> Iterator[Cursor]:
    with connection.cursor() as cursor:
        yield cursor


def execute(connection: Connection, statement: str, **fields: object) -> object:
    """Send ExecuteStatement as it is given, not as the connector would."""
    handle = connection.session.session_id.to_thrift_handle()
    request = TExecuteStatementReq(sessionHandle=handle, statement=statement, **fields)
    return connection.session.backend._client.ExecuteStatement(request)


# Parameters


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (7, 7),
        (2**40, 2**40),
        ('it\'s \\ "quoted" -- :x ?', 'it\'s \\ "quoted" -- :x ?'),
        (1.5, 1.5),
        (True, True),
        (None, None),
        (Decimal("12.340"), Decimal("12.340")),
        (datetime.date(2024, 2, 29), datetime.date(2024, 2, 29)),
        (SmallIntParameter(3), 3),
        (TimestampNTZParameter(LEAP_DAY), LEAP_DAY),
    ],
    ids=str,
)
def test_values_are_bound_by_place_and_keep_their_type(
    cursor: Cursor, value: object, expected: object
) -> None:
    assert cursor.execute("SELECT ?", [value]).fetchone()[0] == expected


def test_values_are_bound_by_name(cursor: Cursor) -> None:
    cursor.execute("SELECT :a + :b AS sum, :a AS a", {"a": 1, "b": 2})
    assert cursor.fetchall() == [(3, 1)]


def test_timestamps_are_bound_with_their_zone(cursor: Cursor) -> None:
    zone = datetime.timezone(datetime.timedelta(hours=2))
    noon = datetime.datetime(2024, 2, 29, 12, tzinfo=zone)
    assert cursor.execute("SELECT ?", [noon]).fetchone()[0] == noon


def test_lists_and_maps_are_bound(cursor: Cursor) -> None:
    row = cursor.execute("SELECT ? AS list, ? AS map", [[1, 2, 3], {"k": [1.5, None]}]).fetchone()
    assert list(row.list) == [1, 2, 3]
    ((key, values),) = row.map
    assert key == "k"
    assert next(iter(values)) == 1.5


def test_a_marker_without_a_value_is_an_error(cursor: Cursor) -> None:
    with pytest.raises(ServerOperationError, match="UNBOUND_SQL_PARAMETER"):
        cursor.execute("SELECT :missing", {"other": 1})


# Errors


@pytest.mark.parametrize(
    ("statement", "condition", "sqlstate"),
    [
        ("SELECT 1/0", "DIVIDE_BY_ZERO", "22012"),
        ("SELEC 1", "PARSE_SYNTAX_ERROR", "42601"),
        ("SELECT * FROM main.default.nothing", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
    ],
)
def test_errors_carry_condition_and_sqlstate(
    cursor: Cursor, statement: str, condition: str, sqlstate: str
) -> None:
    with pytest.raises(ServerOperationError, match=rf"^\[{condition}\] .* SQLSTATE: {sqlstate}$"):
        cursor.execute(statement)
    # The connection lives on.
    assert cursor.execute("SELECT 1").fetchall() == [(1,)]


def test_a_failed_operation_has_its_sqlstate_in_its_status(connection: Connection) -> None:
    answer = execute(connection, "SELECT 1/0", runAsync=True)
    raw = connection.session.backend._client
    status = raw.GetOperationStatus(TGetOperationStatusReq(operationHandle=answer.operationHandle))
    assert status.operationState == TOperationState.ERROR_STATE
    assert status.sqlState == "22012"
    assert status.displayMessage.startswith("[DIVIDE_BY_ZERO]")
    metadata = raw.GetResultSetMetadata(TGetResultSetMetadataReq(operationHandle=answer.operationHandle))
    assert metadata.status.statusCode == TStatusCode.ERROR_STATUS
    assert metadata.status.sqlState == "22012"


def test_a_client_that_waits_gets_the_error_at_once(connection: Connection) -> None:
    answer = execute(connection, "SELECT 1/0", runAsync=False)
    assert answer.status.statusCode == TStatusCode.ERROR_STATUS
    assert answer.status.sqlState == "22012"


def test_what_cannot_be_honoured_is_refused(connection: Connection) -> None:
    conf = execute(connection, "SELECT 1", statementConf=TStatementConf(sessionless=True))
    assert conf.status.sqlState == "0A000"
    overlay = execute(connection, "SELECT 1", confOverlay={"spark.sql.shuffle.partitions": "7"})
    assert overlay.status.sqlState == "0A000"
    assert "spark.sql.shuffle.partitions" in overlay.status.errorMessage
    assert execute(connection, None).status.sqlState == "22023"
    answer = execute(connection, "SELECT 1")
    fetched = connection.session.backend._client.FetchResults(
        TFetchResultsReq(
            operationHandle=answer.operationHandle, orientation=TFetchOrientation.FETCH_LAST, maxRows=1
        )
    )
    assert fetched.status.sqlState == "0A000"


# Not waiting, and cancelling


def test_a_statement_may_run_by_itself(cursor: Cursor) -> None:
    cursor.execute_async("SELECT id FROM range(3)")
    cursor.get_async_execution_result()
    assert [row.id for row in cursor.fetchall()] == [0, 1, 2]


def test_a_running_statement_says_so_and_can_be_cancelled(cursor: Cursor) -> None:
    cursor.execute_async(ENDLESS)
    assert cursor.get_query_state() in (CommandState.PENDING, CommandState.RUNNING)
    cursor.cancel()
    while cursor.is_query_pending():
        pass
    assert cursor.get_query_state() is CommandState.CANCELLED
    with pytest.raises(OperationalError, match="CANCELLED"):
        cursor.get_async_execution_result()


def test_cancelling_from_another_thread_ends_the_wait_with_an_error(
    connection: Connection, cursor: Cursor
) -> None:
    errors: list[Exception] = []
    started = threading.Event()

    def run() -> None:
        started.set()
        try:
            cursor.execute(ENDLESS)
        except DatabaseError as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    started.wait()
    while cursor.active_command_id is None and thread.is_alive():
        thread.join(0.01)
    cursor.cancel()
    thread.join(30)
    assert not thread.is_alive()
    assert "OPERATION_CANCELED" in str(errors[0])
    assert "SQLSTATE: HY008" in str(errors[0])


def test_cancelling_what_has_ended_changes_nothing(connection: Connection) -> None:
    answer = execute(connection, "SELECT 42 AS x", runAsync=False, canReadArrowResult=False)
    raw = connection.session.backend._client
    cancelled = raw.CancelOperation(TCancelOperationReq(operationHandle=answer.operationHandle))
    assert cancelled.status.statusCode == TStatusCode.SUCCESS_STATUS
    fetched = raw.FetchResults(TFetchResultsReq(operationHandle=answer.operationHandle, maxRows=10))
    assert fetched.results.columns[0].i32Val.values == [42]


def test_closing_a_session_stops_its_statements(workspace_session: Workspace) -> None:
    connection = workspace_session.connect()
    cursor = connection.cursor()
    cursor.execute_async(ENDLESS)
    command = cursor.active_command_id
    backend = connection.session.backend
    connection.session.backend.close_session(connection.session.session_id)
    with pytest.raises(DatabaseError, match="Invalid OperationHandle"):
        backend.get_query_state(command)
    connection.close()


def test_a_statement_that_runs_too_long_is_stopped(connection: Connection) -> None:
    answer = execute(connection, ENDLESS, queryTimeout=1, runAsync=True)
    raw = connection.session.backend._client
    request = TGetOperationStatusReq(operationHandle=answer.operationHandle)
    state = TOperationState.RUNNING_STATE
    while state in (TOperationState.RUNNING_STATE, TOperationState.PENDING_STATE):
        status = raw.GetOperationStatus(request)
        state = status.operationState
    assert state == TOperationState.TIMEDOUT_STATE
    assert "STATEMENT_TIMEOUT" in status.displayMessage


# Limits and what is told


def test_a_row_limit_cuts_the_result(workspace_session: Workspace) -> None:
    with workspace_session.connect() as connection, connection.cursor(row_limit=5) as cursor:
        assert len(cursor.execute("SELECT * FROM range(1000000)").fetchall()) == 5


def test_statements_tell_how_many_rows_they_changed(cursor: Cursor) -> None:
    cursor.execute("CREATE OR REPLACE TABLE main.default.thrift_counts (id INT)")
    cursor.execute("INSERT INTO main.default.thrift_counts VALUES (1), (2), (3)")
    assert cursor.rowcount == 3
    cursor.execute("UPDATE main.default.thrift_counts SET id = id + 10 WHERE id > 1")
    assert cursor.rowcount == 2
    cursor.execute("SELECT * FROM main.default.thrift_counts")
    assert cursor.rowcount == -1
    cursor.execute("DROP TABLE main.default.thrift_counts")


def test_query_tags_and_the_driver_are_in_the_history(workspace_session: Workspace) -> None:
    tags = {"team": "data:eng, \\ more", "night": None}
    with (
        workspace_session.connect(
            user_agent_entry="tagger", session_configuration={"query_tags": "app:etl"}
        ) as c,
        c.cursor() as cursor,
    ):
        cursor.execute("SELECT 'tagged'", query_tags=tags)
        statement_id = cursor.query_id
    found = workspace_session.client().api_client.do(
        "GET", "/api/2.0/sql/history/queries", body={"filter_by": {"statement_ids": [statement_id]}}
    )
    (record,) = found["res"]
    assert "tagger" in record["client_application"]
    assert {tag["key"]: tag.get("value") for tag in record["query_tags"]} == {
        "app": "etl",
        "team": "data:eng, \\ more",
        "night": "",
    }
