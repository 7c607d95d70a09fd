"""system.access.audit: every call, statement and file access, allowed or refused."""

from __future__ import annotations

import io
import uuid
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import NotFound, PermissionDenied, Unauthenticated
from databricks.sdk.service.catalog import VolumeType
from databricks.sql.exc import ServerOperationError

from lakestead.testing import Workspace, serve
from tests.contract.conftest import Sql

Row = dict[str, Any]


def events(sql: Sql, action: str, **params: str) -> list[Row]:
    """Return the audit's rows on an action with these parameters, in order."""
    conditions = "".join(f" AND request_params['{key}'] = '{value}'" for key, value in params.items())
    rows = sql.records(
        f"SELECT *, response.status_code AS status, user_identity.email AS who FROM system.access.audit"
        f" WHERE action_name = '{action}'{conditions} ORDER BY event_time"
    )
    return [row | {"request_params": dict(row["request_params"])} for row in rows]


def test_a_call_has_databricks_columns(sql: Sql, workspace_session: Workspace, schema: str) -> None:
    client = workspace_session.client()
    client.schemas.get(schema)
    (row,) = events(sql, "getSchema", full_name_arg=schema)
    me = client.current_user.me().user_name
    assert row["service_name"] == "unityCatalog"
    assert row["status"] == 200
    assert row["who"] == me
    assert row["source_ip_address"] == "127.0.0.1"
    assert "databricks-sdk-py" in row["user_agent"]
    assert row["audit_level"] == "WORKSPACE_LEVEL"
    assert row["event_date"] == row["event_time"].date()
    assert row["workspace_id"] == str(client.get_workspace_id())
    assert row["version"] == "2.0"
    assert uuid.UUID(row["event_id"])
    assert uuid.UUID(row["account_id"])
    assert row["request_id"]


def test_refusals_are_there(sql: Sql, workspace_session: Workspace) -> None:
    name = f"no_{uuid.uuid4().hex}"
    with pytest.raises(NotFound):
        workspace_session.client().tables.get(f"main.default.{name}")
    (row,) = events(sql, "getTable", full_name_arg=f"main.default.{name}")
    assert row["status"] == 404
    assert name in row["response"]["error_message"]
    stranger = WorkspaceClient(host=workspace_session.host, token="dapi" + "0" * 32, auth_type="pat")
    with pytest.raises(Unauthenticated):
        stranger.catalogs.get(name)
    (row,) = events(sql, "getCatalog", name_arg=name)
    assert (row["status"], row["who"]) == (401, None)


def test_who_lacks_a_privilege_is_named(admin: Sql, somebody: tuple[str, Sql]) -> None:
    name, theirs = somebody
    admin("CREATE TABLE main.default.hidden (x INT)")
    with pytest.raises(ServerOperationError):
        theirs("SELECT * FROM main.default.hidden")
    (row,) = [one for one in events(admin, "commandFinish") if one["status"] == 403]
    assert f"`{row['who']}`" == name
    assert "SELECT" in row["response"]["error_message"]
    (submitted,) = events(admin, "commandSubmit", commandId=row["request_params"]["commandId"])
    assert submitted["request_params"]["commandText"] == "SELECT * FROM main.default.hidden"


def test_a_statement_names_the_tables_that_it_touched(sql: Sql, schema: str) -> None:
    sql("CREATE TABLE a (x INT)")
    sql("CREATE VIEW v AS SELECT x FROM a")
    sql("CREATE TABLE b (x INT)")
    sql("INSERT INTO b SELECT x FROM v")
    (finish,) = events(sql, "commandFinish", statementType="INSERT")[-1:]
    command = finish["request_params"]["commandId"]
    touched = events(sql, "getTable", commandId=command)
    assert {one["request_params"]["full_name_arg"] for one in touched} == {
        f"{schema}.{name}" for name in ("a", "b", "v")
    }
    assert finish["session_id"]
    assert finish["request_params"]["status"] == "FINISHED"
    assert finish["service_name"] == "databrickssql"


@pytest.mark.parametrize(
    ("statement", "action", "params"),
    [
        ("CREATE TABLE made (x INT)", "createTable", {"schema_name": "{name}", "name": "made"}),
        ("CREATE VIEW seen AS SELECT 1 AS x", "createTable", {"catalog_name": "main", "name": "seen"}),
        ("CREATE VOLUME v", "createVolume", {"name": "v"}),
        ("CREATE FUNCTION f() RETURNS INT RETURN 1", "createFunction", {"name": "f"}),
        ("ALTER TABLE {schema}.t ADD COLUMNS (y INT)", "updateTables", {"full_name_arg": "{schema}.t"}),
        ("COMMENT ON SCHEMA {schema} IS 'c'", "updateSchema", {"full_name_arg": "{schema}"}),
        ("DROP TABLE t", "deleteTable", {"full_name_arg": "{schema}.t"}),
        (
            "ALTER TABLE t ALTER COLUMN x SET TAGS ('pii' = 'email')",
            "createEntityTagAssignment",
            {"entity_type": "columns", "entity_name": "{schema}.t.x", "tags": '{{"pii": "email"}}'},
        ),
        (
            "GRANT SELECT ON TABLE t TO `account users`",
            "updatePermissions",
            {
                "securable_type": "TABLE",
                "securable_full_name": "{schema}.t",
                "changes": '[{{"principal": "account users", "add": ["SELECT"]}}]',
            },
        ),
    ],
)
def test_commands_are_actions_of_unity_catalog(
    sql: Sql, schema: str, statement: str, action: str, params: dict[str, str]
) -> None:
    sql("CREATE TABLE t (x INT)")
    sql(statement.format(schema=schema))
    names = {"schema": schema, "name": schema.split(".")[1]}
    expected = {key: value.format(**names) for key, value in params.items()}
    row = events(sql, action)[-1]
    assert (row["service_name"], row["status"]) == ("unityCatalog", 200)
    assert {key: row["request_params"].get(key) for key in expected} == expected
    assert events(sql, "commandFinish", commandId=row["request_params"]["commandId"])


def test_a_refused_command_is_a_refused_action(sql: Sql) -> None:
    with pytest.raises(ServerOperationError):
        sql("DROP TABLE system.access.audit")
    row = events(sql, "deleteTable", full_name_arg="system.access.audit")[-1]
    assert row["status"] == 403


def test_the_query_itself_was_submitted(sql: Sql) -> None:
    marker = uuid.uuid4().hex
    text = f"SELECT count(*) FROM system.access.audit WHERE request_params['commandText'] LIKE '%{marker}%'"
    assert sql(text) == [(1,)]
    assert sql(text) == [(2,)]


def test_files_and_secrets(sql: Sql, workspace_session: Workspace, schema: str) -> None:
    client = workspace_session.client()
    catalog, name = schema.split(".")
    client.volumes.create(catalog, name, "v", VolumeType.MANAGED)
    path = f"/Volumes/{catalog}/{name}/v/f.txt"
    client.files.upload(path, io.BytesIO(b"x"))
    client.files.download(path)
    assert [one["service_name"] for one in events(sql, "filesPut", path=path)] == ["filesystem"]
    assert len(events(sql, "filesGet", path=path)) == 1
    hidden = uuid.uuid4().hex
    client.secrets.create_scope(name)
    client.secrets.put_secret(name, "key", string_value=hidden)
    client.secrets.get_secret(name, "key")
    (row,) = events(sql, "putSecret", scope=name)
    assert row["request_params"]["key"] == "key"
    assert len(events(sql, "getSecret", scope=name)) == 1
    kept = sql("SELECT to_json(struct(*)) AS row FROM system.access.audit")
    assert not [row for (row,) in kept if hidden in row and "LIKE" not in row]


def test_no_token_or_password_is_in_it(workspace: Workspace, admin: Sql) -> None:
    client = workspace.client()
    token = client.tokens.create(comment="for the audit", lifetime_seconds=100).token_value
    robot = client.service_principals.create(display_name="r")
    secret = client.service_principal_secrets_proxy.create(robot.id or "").secret
    as_robot = WorkspaceClient(
        host=workspace.host, client_id=robot.application_id, client_secret=secret, auth_type="oauth-m2m"
    )
    with pytest.raises(PermissionDenied):
        as_robot.warehouses.create(name="w")
    credential = "WITH (CREDENTIAL (AWS_ACCESS_KEY = 'AKIAAUDIT', AWS_SECRET_KEY = 'verysecretkey'))"
    with pytest.raises(ServerOperationError):
        admin(f"COPY INTO main.default.t FROM 's3://nowhere/x' {credential} FILEFORMAT = CSV")
    rows = [row for (row,) in admin("SELECT to_json(struct(*)) AS row FROM system.access.audit")]
    everything = "\n".join(rows)
    assert "generateDbToken" in everything
    assert "mintOAuthToken" in everything
    assert "COPY INTO main.default.t" in everything
    for hidden in (token, secret, workspace.token, "verysecretkey", "AKIAAUDIT"):
        assert hidden
        assert hidden not in everything


def test_it_is_there_after_a_restart(tmp_path: Path) -> None:
    with serve(tmp_path / "w") as first:
        first.client().catalogs.get("main")
        with first.connect() as connection:
            assert len(events(Sql(connection), "getCatalog", name_arg="main")) == 1
    with serve(tmp_path / "w") as second:
        second.client().catalogs.get("main")
        with second.connect() as connection:
            assert len(events(Sql(connection), "getCatalog", name_arg="main")) == 2
