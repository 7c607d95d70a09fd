from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import requests
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import InvalidParameterValue, NotFound, PermissionDenied, Unauthenticated

from lakestead.testing import Workspace, serve
from tests.contract.conftest import Robot


def client(workspace: Workspace, token: str | None) -> WorkspaceClient:
    return WorkspaceClient(host=workspace.host, token=token, auth_type="pat")


def machine(workspace: Workspace, client_id: str, secret: str | None) -> WorkspaceClient:
    return WorkspaceClient(
        host=workspace.host, client_id=client_id, client_secret=secret, auth_type="oauth-m2m"
    )


def test_a_token_from_its_making_to_its_end(workspace: Workspace) -> None:
    w = workspace.client()
    made = w.tokens.create(comment="for a job", lifetime_seconds=3600)
    assert made.token_info
    assert made.token_info.token_id
    assert made.token_info.expiry_time == (made.token_info.creation_time or 0) + 3_600_000
    other = client(workspace, made.token_value)
    assert other.current_user.me().user_name == w.current_user.me().user_name
    listed = {one.token_id: one.comment for one in other.tokens.list()}
    assert listed[made.token_info.token_id] == "for a job"
    w.tokens.delete(made.token_info.token_id)
    with pytest.raises(Unauthenticated):
        other.current_user.me()
    with pytest.raises(NotFound):
        w.tokens.delete(made.token_info.token_id)


def test_without_a_valid_token_nothing_is_answered(workspace_session: Workspace) -> None:
    for headers in ({}, {"Authorization": "Bearer dapi0"}, {"Authorization": "Basic dG9rZW46eA=="}):
        for path in ("/api/2.1/unity-catalog/catalogs", "/api/2.0/preview/scim/v2/Me", "/api/2.0/token/list"):
            answer = requests.get(workspace_session.host + path, headers=headers, timeout=10)
            assert answer.status_code == 401
            assert answer.json()["error_code"] == "UNAUTHENTICATED"


def test_secrets_are_not_kept(tmp_path: Path) -> None:
    with serve(tmp_path) as workspace:
        w = workspace.client()
        made = w.service_principals.create(display_name="robot")
        secret = w.service_principal_secrets_proxy.create(made.id or "").secret
        token = w.tokens.create().token_value
        assert secret
        assert token
        with closing(sqlite3.connect(tmp_path / "metastore.db")) as database:
            dump = "\n".join(database.iterdump())
    assert "robot" in dump
    for kept in (secret, token, workspace.token):
        assert kept not in dump


def test_one_sees_and_ends_only_ones_own_tokens(workspace: Workspace, robot: Callable[[], Robot]) -> None:
    w, other = workspace.client(), robot()
    mine = next(iter(w.tokens.list())).token_id
    assert mine
    assert mine not in {one.token_id for one in other.client.tokens.list()}
    with pytest.raises(NotFound):
        other.client.tokens.delete(mine)
    with pytest.raises(PermissionDenied, match="admins"):
        other.client.token_management.delete(mine)


def test_admins_manage_everybodys_tokens(workspace: Workspace, robot: Callable[[], Robot]) -> None:
    w, other = workspace.client(), robot()
    theirs = [one for one in w.token_management.list() if one.owner_id == int(other.id)]
    assert [one.created_by_username for one in theirs] == [w.current_user.me().user_name]
    token_id = theirs[0].token_id or ""
    shown = w.token_management.get(token_id).token_info
    assert shown
    assert shown.owner_id == int(other.id)
    by_others = w.token_management.list(created_by_username="nobody@example.com")
    assert list(by_others) == []
    w.token_management.delete(token_id)
    with pytest.raises(Unauthenticated):
        other.client.current_user.me()
    with pytest.raises(NotFound):
        w.token_management.create_obo_token("no such application")


@pytest.mark.parametrize("lifetime", [0, -1, 10**12])
def test_lifetimes_that_cannot_be(workspace_session: Workspace, lifetime: int) -> None:
    with pytest.raises(InvalidParameterValue, match="lifetime_seconds"):
        workspace_session.client().tokens.create(lifetime_seconds=lifetime)


def test_scopes_are_refused(workspace_session: Workspace) -> None:
    with pytest.raises(InvalidParameterValue, match="scopes"):
        workspace_session.client().tokens.create(scopes=["sql"])


def test_oauth_for_machines(workspace: Workspace) -> None:
    w = workspace.client()
    made = w.service_principals.create(display_name="robot")
    assert made.application_id
    secret = w.service_principal_secrets_proxy.create(made.id or "", lifetime="3600s")
    assert secret.secret
    other = machine(workspace, made.application_id, secret.secret)
    assert other.current_user.me().user_name == made.application_id
    # OAuth tokens are no personal tokens.
    assert list(other.tokens.list()) == []
    assert [one.id for one in w.service_principal_secrets_proxy.list(made.id or "")] == [secret.id]

    w.service_principal_secrets_proxy.delete(made.id or "", secret.id or "")
    with pytest.raises(ValueError, match="invalid_client"):
        machine(workspace, made.application_id, secret.secret).current_user.me()
    w.service_principals.delete(made.id or "")
    with pytest.raises(Unauthenticated):
        other.current_user.me()


@pytest.mark.parametrize(
    ("form", "error", "status"),
    [
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}, "invalid_client", 401),
        ({"grant_type": "client_credentials"}, "invalid_client", 401),
        ({"grant_type": "password"}, "unsupported_grant_type", 400),
        ({"grant_type": "client_credentials", "scope": "sql"}, "invalid_scope", 400),
        ({"grant_type": "client_credentials", "resource": "x"}, "invalid_request", 400),
    ],
)
def test_oauth_refusals(workspace_session: Workspace, form: dict[str, str], error: str, status: int) -> None:
    answer = requests.post(f"{workspace_session.host}/oidc/v1/token", data=form, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_client_secrets_that_cannot_be(workspace: Workspace, robot: Callable[[], Robot]) -> None:
    w, other = workspace.client(), robot()
    for lifetime in ("0s", "1h", "99999999999s"):
        with pytest.raises(InvalidParameterValue, match="lifetime"):
            w.service_principal_secrets_proxy.create(other.id, lifetime=lifetime)
    for _ in range(5):
        w.service_principal_secrets_proxy.create(other.id)
    with pytest.raises(InvalidParameterValue, match="at most 5"):
        w.service_principal_secrets_proxy.create(other.id)
    with pytest.raises(PermissionDenied, match="admins"):
        other.client.service_principal_secrets_proxy.create(other.id)


def test_a_revoked_admin_token_is_made_anew_at_the_next_start(tmp_path: Path) -> None:
    with serve(tmp_path) as first:
        w = first.client()
        w.tokens.delete(next(iter(w.tokens.list())).token_id or "")
    with serve(tmp_path) as second:
        assert second.token != first.token
        assert second.client().current_user.me().active
    with serve(tmp_path) as third:
        assert third.token == second.token
