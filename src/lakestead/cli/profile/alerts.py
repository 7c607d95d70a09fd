"""`lakestead profile alerts`: where the alerts of a configuration stand."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from lakestead.cli.exits import Exit
from lakestead.cli.output import give_json
from lakestead.cli.profile.opened import opened
from lakestead.profiling.alerting import AlertState, alert_states, evaluate_alerts, find_alerts
from lakestead.profiling.findings import Finding
from lakestead.profiling.opening import warehouse_id


def alerts(path: Path, workspace: str | None, *, evaluate: bool, as_json: bool) -> None:
    """Print the alerts; end with `Exit.FAILED` if one is triggered or cannot be evaluated.

    Args:
        path: the configuration.
        workspace: a profile of ~/.databrickscfg.
        evaluate: do so now, and tell who is to be told; else as it was when they were last evaluated.
        as_json: print a list of JSON objects.
    """
    with opened(path, workspace) as (config, warehouse):
        ids: dict[str, dict[Finding, str]] = defaultdict(dict)
        for (group, finding), alert in find_alerts(warehouse.client, config.dashboards.folder).items():
            ids[group][Finding(finding)] = alert.id or ""
        if evaluate:
            states = evaluate_alerts(warehouse.client, ids, warehouse_id(warehouse))
        else:
            states = alert_states(warehouse.client, ids)
    if as_json:
        give_json([asdict(one) for one in states])
    else:
        Console(highlight=False).print(_table(states))
    if any(one.state in ("TRIGGERED", "ERROR") for one in states):
        raise typer.Exit(Exit.FAILED)


def _table(states: list[AlertState]) -> Table:
    shown = Table("group", "alert", "state", "evaluated at")
    for one in states:
        shown.add_row(one.group, one.finding.value, one.state, one.evaluated_at or "never")
    return shown
