"""What a statement leaves on disk: its result while it is open, nothing afterwards."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from lakestead.workspace.server import WorkspaceServer
from lakestead.workspace.sql.statement import Statement


@pytest.fixture
def ended() -> threading.Event:
    return threading.Event()


def submit(server: WorkspaceServer, text: str, ended: threading.Event) -> Statement:
    workspace = server.workspace
    session = workspace.sql.open_session(workspace.authenticator.principal(server.token))
    return workspace.sql.submit(session, text, finished=lambda *_: ended.set())


def test_a_statement_closed_while_it_writes_leaves_nothing(tmp_path: Path, ended: threading.Event) -> None:
    with WorkspaceServer(tmp_path) as server:
        statement = submit(server, "SELECT * FROM range(1000000000)", ended)
        statement.wait_result()
        assert statement.result is not None
        statement.result.spool.chunk(1)
        assert list(server.workspace.storage.results.rglob("*.arrow"))
        server.workspace.sql.close(statement)
        assert ended.wait(60)
        left = server.workspace.storage.results
        deadline = time.monotonic() + 60
        while list(left.rglob("*.arrow")) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not list(left.rglob("*.arrow"))


def test_a_small_result_never_touches_the_disk(tmp_path: Path, ended: threading.Event) -> None:
    with WorkspaceServer(tmp_path) as server:
        statement = submit(server, "SELECT * FROM range(1000)", ended)
        assert ended.wait(60)
        assert statement.result is not None
        assert statement.result.spool.rows == 1000
        assert not list(server.workspace.storage.results.rglob("*"))
