"""`lakestead costs` over the workspaces that a governance file names."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from lakestead.testing import Workspace
from tests.functional.command import lakestead

GOVERNANCE = """\
workspaces:
  here: {{host: "{host}", token_variable: HERE_TOKEN, warehouse_id: "{warehouse}"}}
  elsewhere: {{host: "http://127.0.0.1:9", token_variable: HERE_TOKEN, costs: false}}
"""


def report(folder: Path, token: str) -> subprocess.CompletedProcess[str]:
    return lakestead(
        "costs", "report", "--json", folder=folder, environment={"HERE_TOKEN": token, "HOME": str(folder)}
    )


def test_they_are_asked_instead_of_the_usual_one(workspace_session: Workspace, tmp_path: Path) -> None:
    text = GOVERNANCE.format(host=workspace_session.host, warehouse=workspace_session.warehouse_id)
    (tmp_path / "governance.yaml").write_text(text)
    done = report(tmp_path, workspace_session.token)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["currency"] == "USD"
    assert not (tmp_path / ".lakestead").exists()


def test_a_token_that_is_missing_is_named(workspace_session: Workspace, tmp_path: Path) -> None:
    (tmp_path / "governance.yaml").write_text(
        GOVERNANCE.format(host=workspace_session.host, warehouse=workspace_session.warehouse_id)
    )
    done = report(tmp_path, "")
    assert done.returncode == 2
    assert "HERE_TOKEN" in done.stderr
