"""The embedded workspace of programs that name no other: started, joined, shared, and gone with the last."""

from __future__ import annotations

import json
import os
import select
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lakestead.client import EmbeddedWorkspace
from lakestead.core.errors import ConfigError
from lakestead.testing import serve

LIMIT = 120  # seconds; only a hang takes as long

PROGRAM = """
import sys
from lakestead.records import DatabricksConnector
connector = DatabricksConnector()
print(connector.profile.url, connector.read_records("SELECT 1 AS one"), flush=True)
for line in sys.stdin:
    print(connector.read_records(line), flush=True)
connector.close()
"""


@contextmanager
def program(folder: Path, text: str = PROGRAM) -> Iterator[subprocess.Popen[str]]:
    """Run a program in a folder, where nothing names a workspace."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DATABRICKS_")}
    running = subprocess.Popen(
        [sys.executable, "-c", text],
        cwd=folder,
        env={**clean, "HOME": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate(timeout=LIMIT)


def said(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    line = running.stdout.readline().strip()
    assert line, running.communicate(timeout=LIMIT)[1]
    return line


def ask(running: subprocess.Popen[str], query: str) -> str:
    assert running.stdin is not None
    running.stdin.write(query + "\n")
    running.stdin.flush()
    return said(running)


@contextmanager
def watched(folder: Path) -> Iterator[int]:
    """Yield a descriptor that is readable when the folder's server has ended."""
    pid = json.loads((folder / ".lakestead/address.json").read_text(encoding="utf-8"))["pid"]
    descriptor = os.pidfd_open(pid)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def has_ended(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], LIMIT)[0])


def runs(descriptor: int) -> bool:
    return not select.select([descriptor], [], [], 0)[0]


def test_it_is_shared_and_ends_with_the_last(tmp_path: Path) -> None:
    with EmbeddedWorkspace(tmp_path / ".lakestead") as first, watched(tmp_path) as server:
        address = tmp_path / ".lakestead/address.json"
        assert stat.S_IMODE(address.stat().st_mode) == 0o600
        with EmbeddedWorkspace(tmp_path / ".lakestead") as second:
            assert second.profile == first.profile
        assert runs(server)
        assert first.profile.workspace_client().current_user.me().user_name
        first.close()
        assert not runs(server)
        assert not address.exists()
        first.close()
    with EmbeddedWorkspace(tmp_path / ".lakestead") as again:
        assert again.profile.token == first.profile.token


def test_it_outlives_who_started_it_while_others_use_it(tmp_path: Path) -> None:
    with EmbeddedWorkspace(tmp_path / ".lakestead") as first:
        second = EmbeddedWorkspace(tmp_path / ".lakestead")
        with watched(tmp_path) as server:
            first.close()
            assert second.profile.workspace_client().current_user.me().user_name
            second.close()
            assert has_ended(server)


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux to watch a process that is no child")
def test_it_ends_with_a_program_that_is_killed(tmp_path: Path) -> None:
    with program(tmp_path) as running:
        said(running)
        with watched(tmp_path) as server:
            assert runs(server)
            running.send_signal(signal.SIGKILL)
            assert has_ended(server)
    # What it left does not keep others from the folder.
    with program(tmp_path) as running:
        assert said(running).endswith("[{'one': 1}]")


def test_two_programs_that_start_at_once_share_one(tmp_path: Path) -> None:
    with program(tmp_path) as one, program(tmp_path) as two:
        hosts = {said(one).split()[0], said(two).split()[0]}
        assert len(hosts) == 1
        with watched(tmp_path) as server:
            one.send_signal(signal.SIGKILL)
            one.wait(LIMIT)
            assert ask(two, "SELECT 2 AS two") == "[{'two': 2}]"
            two.communicate(timeout=LIMIT)
            assert two.returncode == 0
            assert has_ended(server)


def test_a_server_that_was_killed_is_replaced(tmp_path: Path) -> None:
    with EmbeddedWorkspace(tmp_path / ".lakestead") as first, watched(tmp_path) as server:
        signal.pidfd_send_signal(server, signal.SIGKILL)
        assert has_ended(server)
        with EmbeddedWorkspace(tmp_path / ".lakestead") as second:
            assert second.profile.host != first.profile.host
            assert second.profile.workspace_client().current_user.me().user_name


def test_a_server_in_the_foreground_is_joined_and_stays(tmp_path: Path) -> None:
    with serve(tmp_path / "ws") as workspace:
        with EmbeddedWorkspace(tmp_path / "ws") as joined:
            assert joined.profile == workspace.profile
        assert workspace.client().current_user.me().user_name


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Choose another folder"):
        EmbeddedWorkspace(tmp_path / "My Documents")
