from __future__ import annotations

from pathlib import Path

import pytest

from lakestead.client import Profile
from lakestead.client.workspaces import (
    DeclaredWorkspaces,
    KnownWorkspace,
    Workspaces,
    profile_of,
)
from lakestead.core.errors import ConfigError
from lakestead.core.governance import section

EU, US = "https://eu.cloud.databricks.com", "https://us.cloud.databricks.com"


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """An environment for the workspace in the US, and a configuration file."""
    return {
        "DATABRICKS_HOST": US + "/",
        "DATABRICKS_TOKEN": "for-us",
        "DATABRICKS_HTTP_PATH": "/sql/1.0/warehouses/abc",
        "DATABRICKS_CONFIG_FILE": str(tmp_path / "databrickscfg"),
    }


def write(tmp_path: Path, text: str) -> None:
    (tmp_path / "databrickscfg").write_text(text)


def test_the_environment_counts_for_its_own_workspace_only(variables: dict[str, str]) -> None:
    found = profile_of("us.cloud.databricks.com", environment=variables)
    assert (found.host, found.token, found.warehouse_id) == (US, "for-us", "abc")
    with pytest.raises(ConfigError, match=r"no credentials for https://eu\.cloud\.databricks\.com are known"):
        profile_of(EU, environment=variables)


def test_a_token_that_is_given_counts(variables: dict[str, str]) -> None:
    found = profile_of(EU, "for-eu", environment=variables)
    assert (found.host, found.token, found.warehouse_id) == (EU, "for-eu", None)
    assert "for-eu" not in repr(found)


@pytest.mark.parametrize(
    ("section_text", "expected"),
    [
        ("token = in-file", Profile(host=EU, token="in-file", warehouse_id="w")),
        (
            "client_id = a\nclient_secret = b",
            Profile(host=EU, client_id="a", client_secret="b", warehouse_id="w"),
        ),
        ("auth_type = databricks-cli", Profile(name="eu", warehouse_id="w")),
    ],
)
def test_the_section_with_the_host_counts(
    variables: dict[str, str], tmp_path: Path, section_text: str, expected: Profile
) -> None:
    write(tmp_path, f"[us]\nhost = {US}\ntoken = no\n[eu]\nhost = {EU}/\nwarehouse_id = w\n{section_text}\n")
    assert profile_of(EU, environment=variables) == expected


def test_a_service_principal_may_log_in_everywhere(variables: dict[str, str]) -> None:
    robot = {**variables, "DATABRICKS_CLIENT_ID": "a", "DATABRICKS_CLIENT_SECRET": "b"}
    assert profile_of(EU, environment=robot) == Profile(host=EU, client_id="a", client_secret="b")


def test_a_variable_that_is_not_set_is_named(tmp_path: Path) -> None:
    file = tmp_path / "governance.yaml"
    file.write_text(f"workspaces:\n  eu: {{host: '{EU}', token_variable: LAKESTEAD_TEST_NOT_SET}}\n")
    declared = section(file, "workspaces", DeclaredWorkspaces)
    with pytest.raises(ConfigError, match="eu: the variable LAKESTEAD_TEST_NOT_SET, which has the token"):
        declared.known()


def test_a_workspace_is_known_once() -> None:
    known = Workspaces()
    profile = Profile(host=EU, token="t")
    known.add(KnownWorkspace("eu", EU, profile, costs=False))
    known.add(KnownWorkspace("eu", EU + "/", profile, lineage=False))
    known.add(KnownWorkspace("us", US, Profile(host=US, token="t")))
    assert [one.name for one in known.all()] == ["eu", "us"]
    assert [one.name for one in known.for_lineage()] == ["us"]
    assert [one.name for one in known.for_costs()] == ["eu", "us"]
    known.remove(US)
    assert [one.name for one in known.all()] == ["eu"]
