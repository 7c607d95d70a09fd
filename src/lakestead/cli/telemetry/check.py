"""`lakestead telemetry check`: is everything there."""

from __future__ import annotations

from dataclasses import asdict

import typer

from lakestead.cli.exits import Exit
from lakestead.cli.output import give_json
from lakestead.telemetry import print_validation_result, validate_setup


def check(workspace_url: str | None, *, connectivity: bool, governance: bool, as_json: bool) -> None:
    """Print what is found; end with `Exit.FAILED` if a check fails.

    Args:
        workspace_url: the workspace, if not the environment's.
        connectivity: whether anything is connected to.
        governance: whether it is looked at what may be read.
        as_json: print `ok` and `checks` as JSON.
    """
    result = validate_setup(workspace_url, connectivity, governance)
    if as_json:
        give_json({"ok": result.is_valid, "checks": [asdict(one) for one in result.checks]})
    else:
        print_validation_result(result)
    if not result.is_valid:
        raise typer.Exit(Exit.FAILED)
