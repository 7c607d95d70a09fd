"""`lakestead profile suggest`: rules for rows, from what a monitor has measured."""

from __future__ import annotations

from pathlib import Path

import yaml

from lakestead.cli.output import complain, give, give_json
from lakestead.cli.profile.opened import opened
from lakestead.profiling.checks.suggestions import suggest_rules


def suggest(table: str, path: Path, workspace: str | None, *, as_json: bool) -> None:
    """Print rules as YAML for the configuration.

    Args:
        table: the full name of a monitored table.
        path: the configuration.
        workspace: a profile of ~/.databrickscfg.
        as_json: print JSON.
    """
    with opened(path, workspace) as (config, warehouse):
        rules = suggest_rules(config, table, warehouse=warehouse)
    checks = {"checks": {table: rules}}
    if as_json:
        give_json(checks)
    else:
        give(yaml.safe_dump(checks, default_flow_style=None, sort_keys=False, allow_unicode=True).rstrip())
    if not rules:
        complain(f"the monitor of {table} has measured nothing yet")
