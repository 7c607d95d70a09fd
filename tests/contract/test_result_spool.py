"""What a statement leaves on disk: its result while it is open, nothing afterwards."""

from __future__ import annotations

from pathlib import Path

from lakestead.workspace.identity.authenticate import hash_token
from lakestead.workspace.server import WorkspaceServer
from lakestead.workspace.sql.statement import Statement


def submit(server: WorkspaceServer, text: str) -> Statement:
    workspace = server.workspace
    session = workspace.sql.open_session(workspace.authenticator.principal(hash_token(server.token)))
    return workspace.sql.submit(session, text)


def test_a_statement_closed_while_it_writes_leaves_nothing(tmp_path: Path) -> None:
    with WorkspaceServer(tmp_path) as server:
        statement = submit(server, "SELECT * FROM range(1000000000)")
        statement.wait_result()
        assert statement.result is not None
        statement.result.spool.chunk(1)
        assert list(server.workspace.storage.results.rglob("*.arrow"))
        server.workspace.sql.close(statement)
        # Waits for the thread that wrote, and removes nothing itself.
        server.workspace.sql._pool.shutdown()
        assert not list(server.workspace.storage.results.rglob("*.arrow"))


def test_a_small_result_never_touches_the_disk(tmp_path: Path) -> None:
    with WorkspaceServer(tmp_path) as server:
        statement = submit(server, "SELECT * FROM range(1000)")
        assert statement.wait(60)
        assert statement.result is not None
        assert statement.result.spool.rows == 1000
        assert not list(server.workspace.storage.results.rglob("*"))
