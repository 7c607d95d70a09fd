"""`lakestead audit verify` on the folder of a workspace, running and stopped."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lakestead.testing import serve
from tests.functional.command import lakestead


def verify(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return lakestead("audit", "verify", str(folder), *options)


def streams(ran: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    return {one["stream"]: one for one in json.loads(ran.stdout)["streams"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a workspace in which something was done."""
    with serve(tmp_path / "w") as workspace, workspace.connect() as connection:
        connection.cursor().execute("SELECT count(*) FROM system.access.audit")
    return tmp_path / "w"


def test_a_running_and_a_stopped_workspace(tmp_path: Path) -> None:
    with serve(tmp_path / "w") as workspace, workspace.connect() as connection:
        connection.cursor().execute("SELECT count(*) FROM system.access.audit")
        running = verify(tmp_path / "w", "--json")
    assert running.returncode == 0, running.stderr
    noted = streams(running)["access.audit"]
    stopped = verify(tmp_path / "w", "--contains", noted["head"])
    assert stopped.returncode == 0, stopped.stderr
    assert "access.audit: rows 1 to " in stopped.stdout


def test_a_row_that_was_changed_is_named(folder: Path) -> None:
    with sqlite3.connect(folder / "system.db") as connection:
        connection.execute(
            "UPDATE rows SET row = replace(row, '127.0.0.1', '10.0.0.1')"
            " WHERE stream = 'access.audit' AND number = 2"
        )
    connection.close()
    ran = verify(folder)
    assert ran.returncode == 1
    assert "access.audit: row 2 does not match its hash" in ran.stderr
    (fault,) = json.loads(verify(folder, "--json").stdout)["faults"]
    assert (fault["stream"], fault["number"]) == ("access.audit", 2)


def test_a_record_that_was_written_anew_lacks_the_noted_hash(folder: Path) -> None:
    ran = verify(folder, "--contains", "f" * 64)
    assert ran.returncode == 1
    assert "no row has the hash" in ran.stderr


def test_a_folder_without_a_workspace(tmp_path: Path) -> None:
    ran = verify(tmp_path)
    assert ran.returncode == 2
    assert "There is no embedded workspace" in ran.stderr
