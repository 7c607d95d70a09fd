from __future__ import annotations

import base64
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import (
    BadRequest,
    DatabricksError,
    InvalidParameterValue,
    NotFound,
    NotImplemented,
    PermissionDenied,
    ResourceAlreadyExists,
    ResourceDoesNotExist,
)
from databricks.sdk.service.workspace import AclPermission, ScopeBackendType

from lakestead.testing import Workspace, serve
from tests.contract.conftest import Robot


def value(client: WorkspaceClient, scope: str, key: str) -> bytes:
    return base64.b64decode(client.secrets.get_secret(scope, key).value or "")


def test_a_scope_and_its_secrets_from_their_making_to_their_end(workspace: Workspace) -> None:
    w = workspace.client()
    w.secrets.create_scope("ingest")
    w.secrets.put_secret("ingest", "erp-password", string_value="pa$$wörd\n")
    w.secrets.put_secret("ingest", "key.bin", bytes_value=base64.b64encode(bytes(range(256))).decode())
    assert value(w, "ingest", "erp-password").decode() == "pa$$wörd\n"
    assert value(w, "ingest", "key.bin") == bytes(range(256))
    w.secrets.put_secret("ingest", "erp-password", string_value="changed")
    assert value(w, "ingest", "erp-password") == b"changed"
    listed = list(w.secrets.list_secrets("ingest"))
    assert [one.key for one in listed] == ["erp-password", "key.bin"]
    assert all((one.last_updated_timestamp or 0) > 1_600_000_000_000 for one in listed)
    w.secrets.delete_secret("ingest", "key.bin")
    with pytest.raises(ResourceDoesNotExist, match=r"scope: ingest and key: key\.bin"):
        w.secrets.get_secret("ingest", "key.bin")
    with pytest.raises(NotFound):
        w.secrets.delete_secret("ingest", "key.bin")
    scopes = {one.name: one.backend_type for one in w.secrets.list_scopes()}
    assert scopes == {"ingest": ScopeBackendType.DATABRICKS}
    w.secrets.delete_scope("ingest")
    assert list(w.secrets.list_scopes()) == []
    w.secrets.create_scope("ingest")
    assert list(w.secrets.list_secrets("ingest")) == [], "secrets go with their scope"


def test_dbutils_reads_a_secret(workspace: Workspace) -> None:
    w = workspace.client()
    w.secrets.create_scope("ingest")
    w.secrets.put_secret("ingest", "token", string_value="dapi-of-another")
    assert w.dbutils.secrets.get("ingest", "token") == "dapi-of-another"
    assert w.dbutils.secrets.getBytes("ingest", "token") == b"dapi-of-another"
    assert [one.key for one in w.dbutils.secrets.list("ingest")] == ["token"]


def test_names_go_without_regard_to_case(workspace: Workspace) -> None:
    w = workspace.client()
    w.secrets.create_scope("Ingest")
    w.secrets.put_secret("INGEST", "Token", string_value="x")
    assert value(w, "ingest", "TOKEN") == b"x"
    with pytest.raises(ResourceAlreadyExists, match="already exists"):
        w.secrets.create_scope("ingest")


@pytest.mark.parametrize("name", ["", "a b", "a/b", "ü", "x" * 129])
def test_names_that_cannot_be(workspace: Workspace, name: str) -> None:
    w = workspace.client()
    with pytest.raises(InvalidParameterValue):
        w.secrets.create_scope(name)
    w.secrets.create_scope("a-b_c.d@e")
    with pytest.raises(InvalidParameterValue):
        w.secrets.put_secret("a-b_c.d@e", name, string_value="x")


def test_values_that_cannot_be(workspace: Workspace) -> None:
    w = workspace.client()
    w.secrets.create_scope("s")
    w.secrets.put_secret("s", "large", string_value="x" * 128 * 1024)
    assert len(value(w, "s", "large")) == 128 * 1024
    with pytest.raises(InvalidParameterValue, match="131072 bytes"):
        w.secrets.put_secret("s", "larger", string_value="x" * (128 * 1024 + 1))
    with pytest.raises(BadRequest, match="Exactly one"):
        w.secrets.put_secret("s", "none")
    with pytest.raises(BadRequest, match="Exactly one"):
        w.secrets.put_secret("s", "both", string_value="x", bytes_value="eA==")
    with pytest.raises(BadRequest, match="not base64"):
        w.secrets.put_secret("s", "bytes", bytes_value="hunter2!")


def test_a_refused_secret_is_not_told(workspace: Workspace) -> None:
    workspace.client().secrets.create_scope("s")
    refused = requests.post(
        f"{workspace.host}/api/2.0/secrets/put",
        json={"scope": "s", "key": "k", "string_value": ["hunter2"], "hint": "hunter3"},
        headers={"Authorization": f"Bearer {workspace.token}"},
        timeout=30,
    )
    assert refused.status_code == 400
    assert "hunter" not in refused.text


def test_key_vault_scopes_are_refused(workspace: Workspace) -> None:
    w = workspace.client()
    with pytest.raises(NotImplemented, match="Key Vault"):
        w.secrets.create_scope("kv", scope_backend_type=ScopeBackendType.AZURE_KEYVAULT)
    assert list(w.secrets.list_scopes()) == []


def allowed(client: WorkspaceClient) -> list[str]:
    """Return what a client may do with the scope `s`, where there is the secret `k`."""
    secrets = client.secrets
    me = str(client.current_user.me().user_name)
    attempts: dict[str, Callable[[], object]] = {
        "get": lambda: secrets.get_secret("s", "k"),
        "list": lambda: list(secrets.list_secrets("s")),
        "put": lambda: secrets.put_secret("s", "k", string_value="x"),
        "delete": lambda: (secrets.put_secret("s", "k2", string_value=""), secrets.delete_secret("s", "k2")),
        "list_acls": lambda: list(secrets.list_acls("s")),
        "get_acl": lambda: secrets.get_acl("s", "users"),
        "put_acl": lambda: secrets.put_acl("s", me, AclPermission.MANAGE),
        "delete_scope": lambda: secrets.delete_scope("s"),
    }
    done = []
    for name, attempt in attempts.items():
        try:
            attempt()
            done.append(name)
        except PermissionDenied:
            continue
    return done


READS = ["get", "list"]
WRITES = [*READS, "put", "delete"]
MANAGES = [*WRITES, "list_acls", "get_acl", "put_acl", "delete_scope"]


@pytest.mark.parametrize(
    ("permission", "can"),
    [
        (None, []),
        (AclPermission.READ, READS),
        (AclPermission.WRITE, WRITES),
        (AclPermission.MANAGE, MANAGES),
    ],
)
def test_permissions(
    workspace: Workspace, robot: Callable[[], Robot], permission: AclPermission | None, can: list[str]
) -> None:
    w, somebody = workspace.client(), robot()
    w.secrets.create_scope("s")
    w.secrets.put_secret("s", "k", string_value="x")
    w.secrets.put_acl("s", "users", AclPermission.READ)
    if permission is None:
        w.secrets.delete_acl("s", "users")
    elif permission is not AclPermission.READ:
        w.secrets.put_acl("s", somebody.name, permission)
    assert allowed(somebody.client) == can
    assert "s" in {one.name for one in somebody.client.secrets.list_scopes()} or "delete_scope" in can


def test_who_makes_a_scope_manages_it(workspace: Workspace, robot: Callable[[], Robot]) -> None:
    one, other = robot(), robot()
    one.client.secrets.create_scope("s")
    one.client.secrets.put_secret("s", "k", string_value="x")
    acl = one.client.secrets.get_acl("s", one.name)
    assert (acl.principal, acl.permission) == (one.name, AclPermission.MANAGE)
    with pytest.raises(PermissionDenied, match="READ permission on scope s"):
        other.client.secrets.get_secret("s", "k")
    assert value(workspace.client(), "s", "k") == b"x", "administrators manage all scopes"
    one.client.secrets.create_scope("everybodys", initial_manage_principal="users")
    other.client.secrets.put_secret("everybodys", "k", string_value="y")
    with pytest.raises(InvalidParameterValue, match="users"):
        one.client.secrets.create_scope("others", initial_manage_principal=other.name)


def test_acls(workspace: Workspace, robot: Callable[[], Robot]) -> None:
    w, somebody = workspace.client(), robot()
    w.secrets.create_scope("s")
    w.secrets.put_acl("s", somebody.name, AclPermission.READ)
    w.secrets.put_acl("s", somebody.name, AclPermission.WRITE)
    found = {one.principal: one.permission for one in w.secrets.list_acls("s")}
    assert found[somebody.name] is AclPermission.WRITE
    with pytest.raises(ResourceDoesNotExist):
        w.secrets.get_acl("s", "users")
    with pytest.raises(InvalidParameterValue, match="nobody@x"):
        w.secrets.put_acl("s", "nobody@x", AclPermission.READ)
    w.service_principals.delete(somebody.id)
    with pytest.raises(ResourceDoesNotExist):
        w.secrets.get_acl("s", somebody.name)


def test_scopes_that_are_not_there(workspace: Workspace) -> None:
    secrets = workspace.client().secrets
    attempts: list[Callable[[], object]] = [
        lambda: secrets.get_secret("nope", "k"),
        lambda: secrets.put_secret("nope", "k", string_value="x"),
        lambda: secrets.list_secrets("nope"),
        lambda: secrets.list_acls("nope"),
        lambda: secrets.put_acl("nope", "users", AclPermission.READ),
        lambda: secrets.delete_scope("nope"),
    ]
    for attempt in attempts:
        with pytest.raises(ResourceDoesNotExist, match="nope does not exist"):
            attempt()


def test_secrets_stay_and_only_their_owner_can_read_the_file(tmp_path: Path) -> None:
    with serve(tmp_path) as first:
        first.client().secrets.create_scope("s")
        first.client().secrets.put_secret("s", "k", string_value="kept")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("metastore.db*")}
        assert set(modes.values()) == {0o600}
    with serve(tmp_path) as second:
        assert value(second.client(), "s", "k") == b"kept"


def test_secrets_need_a_token(workspace: Workspace) -> None:
    workspace.client().secrets.create_scope("s")
    with pytest.raises(DatabricksError):
        WorkspaceClient(host=workspace.host, token="dapiwrong", auth_type="pat").secrets.get_secret("s", "k")
