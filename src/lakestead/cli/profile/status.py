"""`lakestead profile status`: how each monitor is doing."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import typer

from lakestead.cli.exits import Exit
from lakestead.cli.output import give_json
from lakestead.cli.profile.opened import opened
from lakestead.profiling import get_monitor_statuses, print_monitor_statuses, wait_for_monitors

_WELL = ("ACTIVE", "PENDING")


def status(path: Path, workspace: str | None, *, wait: bool, as_json: bool) -> None:
    """Print the statuses; end with `Exit.FAILED` if a monitor is not well.

    Args:
        path: the configuration.
        workspace: a profile of ~/.databrickscfg.
        wait: until no monitor is being made.
        as_json: print a list of JSON objects.
    """
    with opened(path, workspace) as (config, warehouse):
        ask = wait_for_monitors if wait else get_monitor_statuses
        statuses = ask(config, warehouse=warehouse)
    if as_json:
        give_json([asdict(one) for one in statuses])
    else:
        print_monitor_statuses(statuses)
    if any(one.status not in _WELL for one in statuses):
        raise typer.Exit(Exit.FAILED)
