"""Secrets of a Databricks secret scope, from a workspace."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from databricks.sdk.errors import ResourceDoesNotExist

from lakestead.ingest import ConfigLoader
from lakestead.ingest.secrets import resolve
from lakestead.testing import Workspace


@pytest.fixture
def scope(workspace_session: Workspace) -> Iterator[str]:
    name = f"ingest-{uuid.uuid4().hex[:8]}"
    client = workspace_session.client()
    client.secrets.create_scope(name)
    yield name
    client.secrets.delete_scope(name)


def destination(workspace: Workspace) -> str:
    return (
        "[destination.databricks.credentials]\n"
        f'server_hostname = "{workspace.host}"\naccess_token = "{workspace.token}"\n'
    )


def write(folder: Path, text: str) -> Path:
    path = folder / "secrets.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def test_a_scope_is_below_variables_and_the_file(
    workspace_session: Workspace, scope: str, tmp_path: Path
) -> None:
    secrets = workspace_session.client().secrets
    for key in ("erp-password", "erp-user", "erp-client_secret", "other-password"):
        secrets.put_secret(scope, key, string_value=f"scope's {key}")
    text = f'{destination(workspace_session)}[secrets]\nscope = "{scope}"\n[sources.erp]\nuser = "file"\n'
    found = resolve(write(tmp_path, text), {"DLT_ERP_HOST": "db"}, ["erp"])
    assert dict(found.source("erp")) == {
        "host": "db",
        "user": "file",
        "password": "scope's erp-password",
        "client_secret": "scope's erp-client_secret",
    }
    assert str(found.origin("sources", "erp", "password")) == f"secret scope {scope}/erp-password"
    user = next(entry for entry in found.entries if entry.path == ("sources", "erp", "user"))
    assert [str(one) for one in user.shadows] == [f"secret scope {scope}/erp-user"]
    assert found.redact("with scope's erp-password") == "with ***"


def test_references_are_read_when_they_are_needed(
    workspace_session: Workspace, scope: str, tmp_path: Path
) -> None:
    workspace_session.client().secrets.put_secret(scope, "one", string_value="hünter2")
    text = f'{destination(workspace_session)}[sources.erp]\npassword = "secret://{scope}/one"\n'
    found = resolve(write(tmp_path, text), {"SOURCES__CRM__TOKEN": f"secret://{scope}/none"})
    assert found.redact("hünter2") == "hünter2", "it has not been read yet"
    assert found.source("erp")["password"] == "hünter2"
    assert found.redact("hünter2") == "***"
    with pytest.raises(ResourceDoesNotExist, match="key: none"):
        found.source("crm")


def test_check_says_which_secret_cannot_be_read(
    workspace_session: Workspace, scope: str, tmp_path: Path
) -> None:
    config = tmp_path / "jobs.yaml"
    config.write_text(
        "jobs:\n- {source_type: sqlite, source_name: erp, table_name: a, destination_type: databricks}\n",
        encoding="utf-8",
    )
    text = f'{destination(workspace_session)}[sources.erp]\npath = "secret://{scope}/none"\n'
    (finding,) = ConfigLoader(config, write(tmp_path, text), {}).check()
    assert finding.fatal
    assert finding.place == f"{config}:2:38"
    assert "its secrets cannot be read" in finding.text
    assert "key: none" in finding.text


def test_check_says_that_a_scope_is_not_there(workspace_session: Workspace, tmp_path: Path) -> None:
    config = tmp_path / "jobs.yaml"
    config.write_text("jobs: []\n", encoding="utf-8")
    text = f'{destination(workspace_session)}[secrets]\nscope = "none"\n'
    (finding,) = ConfigLoader(config, write(tmp_path, text), {}).check()
    assert "Scope none does not exist" in finding.text
