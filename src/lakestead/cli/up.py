"""`lakestead up`: a workspace in the foreground."""

from __future__ import annotations

import os
import shlex
import signal
import threading
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.panel import Panel

from lakestead.cli.lifeline import Lifeline
from lakestead.cli.output import give, give_json
from lakestead.testing import Workspace, serve


def up(path: Path, port: int, *, as_json: bool, attached: bool) -> None:
    """Serve a folder until SIGINT or SIGTERM.

    Args:
        path: the workspace's folder.
        port: on 127.0.0.1; 0 for any free one.
        as_json: print one line of JSON instead of `export` lines.
        attached: stop also when no program is attached any more.
    """
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()
        # A second signal ends the process at once, should stopping hang.
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    console = Console(stderr=True, highlight=False)
    lifeline = Lifeline(stopping.set) if attached else None
    with serve(path, port=port, lifeline=lifeline.port if lifeline else None) as workspace:
        if as_json:
            give_json({**_address(workspace, path), "env": workspace.env()})
        else:
            for name, value in workspace.env().items():
                give(f"export {name}={shlex.quote(value)}")
            console.print(_panel(workspace, path))
        stopping.wait()
        console.print("Stopping …")
    console.print(f"Stopped. Everything is kept in {path}.")


def _address(workspace: Workspace, path: Path) -> dict[str, str | int]:
    return {
        "pid": os.getpid(),
        "path": str(path.resolve()),
        "host": workspace.host,
        "token": workspace.token,
        "warehouse_id": workspace.warehouse_id,
        "http_path": workspace.http_path,
    }


def _panel(workspace: Workspace, path: Path) -> Panel:
    text = (
        f"The workspace in [bold]{path}[/bold] is served at [bold]{workspace.host}[/bold].\n\n"
        "Paste the export lines into another shell; there, any Databricks client finds it:\n"
        "  python -c 'from databricks.sdk import WorkspaceClient as W; print(*W().catalogs.list())'\n\n"
        "Its dashboards are pages; this link signs a browser in, once, within a quarter of an hour:\n"
        f"  {workspace.sign_in_link()}\n\n"
        "Ctrl-C stops it. Starting again on the same folder finds everything again."
    )
    return Panel(text, title="lakestead", expand=False)
