"""`lakestead govern pii …` as a user runs it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from lakestead.testing import Workspace
from tests.functional.command import lakestead

LIMIT = 120  # seconds; only a hang takes as long


@pytest.fixture
def people(workspace_session: Workspace) -> str:
    with workspace_session.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS main.cli_pii")
        cursor.execute("CREATE OR REPLACE TABLE main.cli_pii.people AS SELECT 'ann@example.org' AS a, 7 AS b")
    return "main.cli_pii.people"


def pii(workspace: Workspace, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return lakestead("govern", "pii", *arguments, folder=folder, environment=workspace.env())


def test_found_planned_and_tagged(workspace_session: Workspace, people: str, tmp_path: Path) -> None:
    found = pii(workspace_session, tmp_path, "--sample", "10", "scan", people, "--json")
    assert found.returncode == 1, found.stderr
    ((finding,),) = [scan["findings"] for scan in json.loads(found.stdout)]
    assert (finding["column"], finding["kind"], finding["samples"]) == ("a", "email", ["a••@e••••••.•••"])
    planned = json.loads(pii(workspace_session, tmp_path, "plan", people, "--json").stdout)
    assert [(one["column"], one["action"]) for one in planned] == [("a", "set")]
    applied = pii(workspace_session, tmp_path, "apply", people, "--yes")
    assert applied.returncode == 0, applied.stderr
    assert "1 tags set" in applied.stderr
    again = json.loads(pii(workspace_session, tmp_path, "plan", people, "--json").stdout)
    assert [(one["action"], one["present"]) for one in again] == [("keep", "email")]


def test_what_is_wrong_is_said(workspace_session: Workspace, people: str, tmp_path: Path) -> None:
    nothing = pii(workspace_session, tmp_path, "scan", "main.cli_pii.nobody")
    assert nothing.returncode == 2
    assert "there is no table main.cli_pii.nobody" in nothing.stderr
    (tmp_path / "governance.yaml").write_text("pii: {tagg: x}\n")
    wrong = pii(workspace_session, tmp_path, "scan", people)
    assert wrong.returncode == 2
    assert "unknown key 'tagg'; did you mean 'tag'?" in wrong.stderr
