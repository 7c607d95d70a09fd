"""An embedded workspace for tests and scripts.

from lakestead.testing import serve

with serve() as ws:
    ws.client().catalogs.list()
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from lakestead.client import Profile
from lakestead.core.errors import MissingExtra
from lakestead.workspace.faults import Faults

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from databricks.sql.client import Connection

__all__ = ["Faults", "Workspace", "serve"]


@dataclass(frozen=True)
class Workspace:
    """A running embedded workspace.

    Args:
        host: its URL, `http://127.0.0.1:PORT`.
        token: an admin's personal access token.
        warehouse_id: the default SQL warehouse.
        http_path: that warehouse's path for SQL drivers.
    """

    host: str
    token: str = field(repr=False)
    warehouse_id: str
    http_path: str

    @cached_property
    def profile(self) -> Profile:
        """The toolkit's way in."""
        return Profile(host=self.host, token=self.token, warehouse_id=self.warehouse_id)

    def client(self) -> WorkspaceClient:
        """Return an SDK client that acts as the admin."""
        return self.profile.workspace_client()

    def connect(self, **options: Any) -> Connection:
        """Open a SQL connection as the admin.

        Args:
            options: further keywords of `databricks.sql.connect`, such as `catalog` and `schema`.
        """
        return self.profile.sql_connection(**options)

    def sign_in_link(self) -> str:
        """Return a link with which one browser can sign in as the admin, once, within 15 minutes."""
        from urllib.request import Request, urlopen  # only for who looks at pages

        request = Request(
            f"{self.host}/login/links", method="POST", headers={"Authorization": f"Bearer {self.token}"}
        )
        with urlopen(request) as answer:  # the workspace's own address
            link: str = json.load(answer)["url"]
        return link

    def env(self) -> dict[str, str]:
        """Return the environment variables with which unmodified programs find this workspace.

        The SDK, the CLI and asset bundles read DATABRICKS_*; dlt's `databricks` destination reads its own.
        The authentication type is pinned, so that other credentials in the environment are no conflict.
        """
        connection = {"_connection_uri": self.host + self.http_path, "enable_telemetry": False}
        dlt = "DESTINATION__DATABRICKS__CREDENTIALS__"
        return {
            "DATABRICKS_HOST": self.host,
            "DATABRICKS_TOKEN": self.token,
            "DATABRICKS_AUTH_TYPE": "pat",
            "DATABRICKS_WAREHOUSE_ID": self.warehouse_id,
            "DATABRICKS_HTTP_PATH": self.http_path,
            "DATABRICKS_SERVER_HOSTNAME": self.host,
            dlt + "SERVER_HOSTNAME": self.host,
            dlt + "HTTP_PATH": self.http_path,
            dlt + "ACCESS_TOKEN": self.token,
            dlt + "CATALOG": "main",
            dlt + "CONNECTION_PARAMETERS": json.dumps(connection),
        }


@contextmanager
def serve(
    path: Path | str | None = None,
    *,
    port: int = 0,
    lifeline: int | None = None,
    faults: Faults | None = None,
) -> Iterator[Workspace]:
    """Run an embedded workspace for the length of a `with` block.

    Args:
        path: the folder that keeps the workspace; one that is made and removed if not given.
        port: the port on 127.0.0.1; any free one if 0.
        lifeline: a port that is published with the server's address in the folder.
        faults: what goes wrong on purpose with requests to the REST API; nothing by default.

    Raises:
        MissingExtra: when the `local` extra is not installed.
        WorkspaceLocked: when another server has the folder.
    """
    if path is None:
        with (
            TemporaryDirectory(prefix="lakestead-") as folder,
            serve(folder, port=port, lifeline=lifeline, faults=faults) as workspace,
        ):
            yield workspace
        return
    try:
        from lakestead.engine.sail import shared_engine

        # The engine's process starts while the server's modules load.
        shared_engine()
        from lakestead.workspace.server import WorkspaceServer
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.startswith("lakestead"):
            raise
        raise MissingExtra(f"The embedded workspace (no module '{error.name}')", "local") from error
    server = WorkspaceServer(Path(path), port=port, lifeline=lifeline, faults=faults)
    server.start()
    try:
        yield Workspace(server.url, server.token, server.warehouse_id, server.http_path)
    finally:
        server.stop()
