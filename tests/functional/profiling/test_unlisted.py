"""A service that does not list monitors, as Databricks' own: each table is asked for its own."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lakestead.client import Warehouse
from lakestead.profiling import OrchestratorConfig, apply, plan, wait_for_monitors
from lakestead.profiling.changes import Action
from lakestead.testing import Workspace

MONITORS = "/api/data-quality/v1/monitors"


@contextmanager
def unlisting(workspace: Workspace) -> Iterator[str]:
    """Serve a workspace under another address, but for the list of its monitors."""

    class Passing(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # connections are kept

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length) if length else None
            if (self.command, self.path.partition("?")[0]) == ("GET", MONITORS):
                self.answer(501, b'{"error_code": "NOT_IMPLEMENTED", "message": "not here"}')
                return
            with closing(HTTPConnection(workspace.host.removeprefix("http://"))) as behind:
                behind.request(self.command, self.path, body, dict(self.headers))
                answered = behind.getresponse()
                self.answer(answered.status, answered.read(), answered.headers.get("Content-Type"))

        do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815

        def answer(self, status: int, body: bytes, kind: str | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind or "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Passing) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_tables_are_asked_one_by_one(workspace_session: Workspace, warehouse: Warehouse) -> None:
    name = f"unlisted_{uuid.uuid4().hex[:10]}"
    warehouse.rows(f"CREATE SCHEMA main.{name}")
    for table in ("a", "b"):
        warehouse.rows(f"CREATE TABLE main.{name}.{table} (id BIGINT)")

    def configured(*tables: str) -> OrchestratorConfig:
        return OrchestratorConfig.model_validate(
            {
                "catalog_name": "main",
                "dashboards": {"folder": f"/Shared/{name}"},
                "profile_defaults": {"profile_type": "SNAPSHOT", "output_schema_name": name},
                "monitored_tables": dict.fromkeys(f"main.{name}.{table}" for table in tables),
            }
        )

    with unlisting(workspace_session) as host:
        direct = workspace_session.profile
        with closing(Warehouse(replace(direct, host=host))) as passed:
            made = apply(plan(configured("a", "b"), warehouse=passed), warehouse=passed)
            assert [one.error for one in made] == [None, None]
            statuses = wait_for_monitors(configured("a", "b"), warehouse=passed)
            assert {one.status for one in statuses} == {"ACTIVE"}
            changes = plan(configured("a"), warehouse=passed)
            assert {change.table: change.action for change in changes.items} == {
                f"main.{name}.a": Action.UNCHANGED,
                f"main.{name}.b": Action.ORPHANED,  # found by its metric tables
            }
    warehouse.rows(f"DROP SCHEMA main.{name} CASCADE")
