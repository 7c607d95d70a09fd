"""`lakestead up`: the life of a workspace in the foreground."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from lakestead.client import Profile

LIMIT = 120  # seconds; only a hang takes as long


@contextmanager
def up(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Start the server and wait until it says where it is."""
    command = [sys.executable, "-m", "lakestead.cli", "up", str(folder), "--json", *options]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        line = server.stdout.readline()
        assert line, server.communicate(timeout=LIMIT)[1]
        yield server, json.loads(line)
    finally:
        server.kill()
        server.communicate(timeout=LIMIT)


def query(address: dict[str, Any], *statements: str) -> list[Any]:
    profile = Profile(host=address["host"], token=address["token"], warehouse_id=address["warehouse_id"])
    with profile.sql_connection() as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return [tuple(row) for row in cursor.fetchall()]


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_second_start_finds_everything(tmp_path: Path, ending: signal.Signals) -> None:
    with up(tmp_path / "ws") as (server, address):
        assert address["pid"] == server.pid
        query(address, "CREATE TABLE main.default.t AS SELECT 7 AS x", "SELECT 1")
        server.send_signal(ending)
        _, errors = server.communicate(timeout=LIMIT)
        assert server.returncode == (0 if ending != signal.SIGKILL else -signal.SIGKILL), errors
        assert "Traceback" not in errors
    with up(tmp_path / "ws") as (_, again):
        assert again["token"] == address["token"]
        assert query(again, "SELECT x FROM main.default.t") == [(7,)]


def test_two_servers_on_one_folder_are_refused(tmp_path: Path) -> None:
    with up(tmp_path / "ws") as (server, _):
        command = [sys.executable, "-m", "lakestead.cli", "up", str(tmp_path / "ws")]
        second = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
        assert second.returncode == 3
        assert second.stdout == ""
        assert str(server.pid) in second.stderr
        assert "Traceback" not in second.stderr


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with up(tmp_path / "one") as (_, address):
        port = address["host"].rpartition(":")[2]
        command = [sys.executable, "-m", "lakestead.cli", "up", str(tmp_path / "two"), "--port", port]
        second = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
        assert second.returncode == 1
        assert "in use" in second.stderr
        assert "Traceback" not in second.stderr


def test_a_folder_that_the_engine_cannot_use_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "My Documents"
    command = [sys.executable, "-m", "lakestead.cli", "up", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode == 2
    assert "Choose another folder" in done.stderr
    assert not folder.exists()


def test_a_shell_can_take_the_environment_and_a_browser_the_link(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lakestead.cli", "up", str(tmp_path / "ws")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert server.stderr is not None
            lines = []
            while not lines or "CONNECTION_PARAMETERS" not in lines[-1]:
                lines.append(server.stdout.readline())
                assert lines[-1], "the server ended"
            program = "from databricks.sdk import WorkspaceClient as W; print(W().current_user.me().active)"
            shell = subprocess.run(
                [
                    "bash",
                    "-c",
                    'eval "$1"; exec "$2" -c "$3"',
                    "bash",
                    "".join(lines),
                    sys.executable,
                    program,
                ],
                env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
                capture_output=True,
                text=True,
                timeout=LIMIT,
                check=False,
            )
            assert shell.stdout == "True\n", shell.stderr
            link = next(found[0] for line in server.stderr if (found := re.search(r"http\S+code=\S+", line)))
            with urlopen(link) as page:
                assert "HttpOnly" in page.headers["Set-Cookie"]
        finally:
            server.send_signal(signal.SIGINT)
            server.communicate(timeout=LIMIT)
    assert server.returncode == 0
