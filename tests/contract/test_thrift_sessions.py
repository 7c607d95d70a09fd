"""Sessions of the SQL connector: who may open one, where it starts, how it ends."""

from __future__ import annotations

import pytest
from databricks import sql
from databricks.sql.exc import DatabaseError, RequestError
from databricks.sql.thrift_api.TCLIService.ttypes import (
    TGetDelegationTokenReq,
    TGetInfoReq,
    TGetInfoType,
    TOpenSessionReq,
    TProtocolVersion,
    TSessionHandle,
    TStatusCode,
)

from lakestead.testing import Workspace


def one(connection: sql.client.Connection, statement: str) -> object:
    with connection.cursor() as cursor:
        return cursor.execute(statement).fetchone()[0]


def test_a_connection_runs_a_statement(workspace_session: Workspace) -> None:
    with workspace_session.connect() as connection:
        assert one(connection, "SELECT 1") == 1


@pytest.mark.parametrize(
    "path", ["/sql/1.0/endpoints/{id}", "/sql/protocolv1/o/0/0123-456789-abcdefgh", "sql/1.0/warehouses/{id}"]
)
def test_every_path_that_connectors_use_is_served(workspace_session: Workspace, path: str) -> None:
    path = path.format(id=workspace_session.warehouse_id)
    uri = f"{workspace_session.host}/{path.lstrip('/')}"
    with workspace_session.connect(http_path=path, _connection_uri=uri) as connection:
        assert one(connection, "SELECT 2") == 2


def test_a_wrong_token_is_refused_with_the_servers_words(workspace_session: Workspace) -> None:
    with pytest.raises(RequestError, match="The access token is missing or not valid") as raised:
        workspace_session.connect(access_token="dapi" + 32 * "0")
    assert raised.value.context["http-code"] == 401


def test_a_warehouse_that_does_not_exist_is_refused(workspace_session: Workspace) -> None:
    uri = f"{workspace_session.host}/sql/1.0/warehouses/{16 * '0'}"
    with pytest.raises(RequestError, match="SQL warehouse 0000000000000000 does not exist") as raised:
        workspace_session.connect(_connection_uri=uri)
    assert raised.value.context["http-code"] == 404


def test_the_initial_namespace_need_not_exist(workspace_session: Workspace) -> None:
    with workspace_session.connect(catalog="nowhere", schema="nothing") as connection:
        assert one(connection, "SELECT current_catalog()") == "nowhere"
        assert one(connection, "SELECT current_schema()") == "nothing"


def test_a_closed_session_is_gone(workspace_session: Workspace) -> None:
    with workspace_session.connect() as connection:
        connection.session.backend.close_session(connection.session.session_id)
        with pytest.raises(DatabaseError, match="Invalid SessionHandle"):
            one(connection, "SELECT 1")


def test_a_session_of_somebody_else_is_no_session(workspace_session: Workspace) -> None:
    client = workspace_session.client()
    other = client.service_principals.create(display_name="another")
    token = client.token_management.create_obo_token(
        application_id=other.application_id, lifetime_seconds=600
    )
    with (
        workspace_session.connect() as mine,
        workspace_session.connect(access_token=token.token_value) as theirs,
    ):
        with pytest.raises(DatabaseError, match="Invalid SessionHandle"):
            theirs.session.backend.close_session(mine.session.session_id)
        cursor = mine.cursor()
        cursor.execute_async("SELECT 1")
        with pytest.raises(DatabaseError, match="Invalid OperationHandle"):
            theirs.session.backend.get_query_state(cursor.active_command_id)
        cursor.get_async_execution_result()
        assert cursor.fetchall() == [(1,)]


def test_what_a_session_offers(workspace_session: Workspace) -> None:
    with workspace_session.connect() as connection:
        raw = connection.session.backend._client
        answer = raw.OpenSession(
            TOpenSessionReq(client_protocol_i64=TProtocolVersion.SPARK_CLI_SERVICE_PROTOCOL_V7)
        )
        assert answer.canUseMultipleCatalogs is True
        assert answer.serverProtocolVersion >= TProtocolVersion.SPARK_CLI_SERVICE_PROTOCOL_V8
        assert (answer.initialNamespace.catalogName, answer.initialNamespace.schemaName) == (
            "main",
            "default",
        )
        assert len(answer.sessionHandle.sessionId.guid) == 16


def test_protocol_versions_with_results_by_row_are_refused(workspace_session: Workspace) -> None:
    with workspace_session.connect() as connection:
        raw = connection.session.backend._client
        old = raw.OpenSession(TOpenSessionReq(client_protocol=TProtocolVersion.HIVE_CLI_SERVICE_PROTOCOL_V5))
        assert old.status.statusCode == TStatusCode.ERROR_STATUS
        assert "HIVE_CLI_SERVICE_PROTOCOL_V6" in old.status.errorMessage
        hive = raw.OpenSession(TOpenSessionReq(client_protocol=TProtocolVersion.HIVE_CLI_SERVICE_PROTOCOL_V8))
        assert hive.serverProtocolVersion == TProtocolVersion.HIVE_CLI_SERVICE_PROTOCOL_V8


def test_the_server_tells_about_itself(workspace_session: Workspace) -> None:
    with workspace_session.connect() as connection:
        raw = connection.session.backend._client
        handle: TSessionHandle = connection.session.session_id.to_thrift_handle()

        def info(kind: int) -> object:
            return raw.GetInfo(TGetInfoReq(sessionHandle=handle, infoType=kind))

        assert info(TGetInfoType.CLI_DBMS_NAME).infoValue.stringValue == "Spark SQL"
        assert info(TGetInfoType.CLI_MAX_TABLE_NAME_LEN).infoValue.lenValue == 255
        unknown = info(TGetInfoType.CLI_XOPEN_CLI_YEAR)
        assert unknown.status.statusCode == TStatusCode.ERROR_STATUS
        assert "CLI_XOPEN_CLI_YEAR" in unknown.status.errorMessage


def test_methods_that_are_not_served_say_so(workspace_session: Workspace) -> None:
    with workspace_session.connect() as connection:
        handle = connection.session.session_id.to_thrift_handle()
        answer = connection.session.backend._client.GetDelegationToken(
            TGetDelegationTokenReq(sessionHandle=handle, owner="me", renewer="you")
        )
    assert answer.status.statusCode == TStatusCode.ERROR_STATUS
    assert answer.status.sqlState == "0A000"
    assert "GetDelegationToken is not supported" in answer.status.errorMessage
