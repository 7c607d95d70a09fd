"""What clients look up on their own account."""

from __future__ import annotations

import requests
from databricks import sql
from databricks.sdk import WorkspaceClient

from lakestead.testing import Workspace


def test_the_sdk_finds_out_where_it_is(workspace_session: Workspace) -> None:
    client = WorkspaceClient(host=workspace_session.host, token=workspace_session.token)
    assert client.config.discovery_url == (
        f"{workspace_session.host}/oidc/.well-known/oauth-authorization-server"
    )
    assignment = client.metastores.current()
    assert client.config.workspace_id == str(assignment.workspace_id)


def test_feature_flags_need_a_token_and_are_not_set(workspace_session: Workspace) -> None:
    path = "/api/2.0/connector-service/feature-flags/PYTHON/4.0.0"
    answer = workspace_session.client().api_client.do("GET", path)
    assert answer == {"flags": [], "ttl_seconds": 900}
    assert requests.get(workspace_session.host + path, timeout=30).status_code == 401


def test_a_connector_may_send_telemetry(workspace_session: Workspace) -> None:
    with (
        workspace_session.connect(enable_telemetry=True, force_enable_telemetry=True) as connection,
        connection.cursor() as cursor,
    ):
        assert cursor.execute("SELECT 1").fetchall() == [(1,)]


def test_telemetry_is_discarded(workspace_session: Workspace) -> None:
    body = {"uploadTime": 1, "items": [], "protoLogs": ["{}", "{}"]}
    for path, headers in (
        ("/telemetry-unauth", {}),
        ("/telemetry-ext", {"Authorization": f"Bearer {workspace_session.token}"}),
    ):
        answer = requests.post(workspace_session.host + path, json=body, headers=headers, timeout=30)
        assert answer.status_code == 200
        assert answer.json()["errors"] == []
        assert answer.json()["numProtoSuccess"] == 0
    assert requests.post(f"{workspace_session.host}/telemetry-ext", json=body, timeout=30).status_code == 401


def test_the_connector_works_with_its_defaults(workspace_session: Workspace) -> None:
    with (
        sql.connect(
            server_hostname=workspace_session.host,
            http_path=workspace_session.http_path,
            access_token=workspace_session.token,
            _connection_uri=workspace_session.host + workspace_session.http_path,
        ) as connection,
        connection.cursor() as cursor,
    ):
        assert cursor.execute("SELECT 1").fetchall() == [(1,)]
