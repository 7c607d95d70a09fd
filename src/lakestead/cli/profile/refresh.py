"""`lakestead profile refresh`: metrics brought up to date now."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from lakestead.cli.exits import Exit
from lakestead.cli.output import give_json
from lakestead.cli.profile.opened import opened
from lakestead.profiling.refreshing import CURRENT, Refreshed, refresh_monitors

_WELL = ("SUCCESS", CURRENT)


def refresh(path: Path, workspace: str | None, *, everything: bool, as_json: bool) -> None:
    """Refresh monitors and wait; end with `Exit.FAILED` if one is not up to date then.

    Args:
        path: the configuration.
        workspace: a profile of ~/.databrickscfg.
        everything: also those whose tables have not changed.
        as_json: print a list of JSON objects.
    """
    with opened(path, workspace) as (config, warehouse):
        done = refresh_monitors(config, only_changed=not everything, warehouse=warehouse)
    if as_json:
        give_json([asdict(one) for one in done])
    else:
        Console(highlight=False).print(_table(done))
    if any(one.state not in _WELL for one in done):
        raise typer.Exit(Exit.FAILED)


def _table(done: list[Refreshed]) -> Table:
    shown = Table("table", "refresh", "seconds", "message")
    for one in done:
        seconds = "" if one.seconds is None else f"{one.seconds:.1f}"
        shown.add_row(one.table_name, one.state, seconds, one.message or "")
    return shown
