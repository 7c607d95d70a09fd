"""`lakestead profile check`: mistakes that are found without a workspace."""

from __future__ import annotations

from pathlib import Path

import typer

from lakestead.cli.exits import Exit
from lakestead.cli.output import give, give_json
from lakestead.cli.profile.opened import declared
from lakestead.core.errors import ConfigError
from lakestead.profiling.config import OrchestratorConfig
from lakestead.profiling.policy import offline_violations
from lakestead.profiling.slicing import mistakes


def check(path: Path, *, as_json: bool) -> None:
    """Print what is wrong; end with `Exit.USAGE`, or with `Exit.FAILED` if it is policy that refuses.

    Args:
        path: the configuration.
        as_json: print `ok`, `mistakes` and `refused` as JSON.
    """
    refused: list[str] = []
    wrong: list[str] = []
    tables = 0
    try:
        config = declared(path)
        tables = len(config.monitored_tables)
        wrong = _slices(config)
        refused = offline_violations(config)
    except ConfigError as error:
        wrong = str(error).splitlines()
    if as_json:
        give_json({"ok": not wrong and not refused, "mistakes": wrong, "refused": refused})
    else:
        for line in wrong:
            give(line)
        for line in refused:
            give(f"refused by policy: {line}")
        give(_summary(path, tables, len(wrong), len(refused)))
    if wrong or refused:
        raise typer.Exit(Exit.USAGE if wrong else Exit.FAILED)


def _slices(config: OrchestratorConfig) -> list[str]:
    """Return the slicing expressions that cannot be evaluated, whatever the columns."""
    levels = {"profile_defaults": config.profile_defaults, **config.monitored_tables}
    return [
        f"{level}: slicing_exprs: '{expression}' {mistake}"
        for level, settings in levels.items()
        for expression in settings.slicing_exprs or ()
        for mistake in mistakes(expression)
    ]


def _summary(path: Path, tables: int, mistakes: int, refused: int) -> str:
    if mistakes:
        return f"{mistakes} {'mistake' if mistakes == 1 else 'mistakes'}; nothing can be planned before"
    if refused:
        return f"{path}: policy refuses {refused} of what {tables} tables declare"
    return f"{path}: {tables} {'table is' if tables == 1 else 'tables are'} named; no mistakes"
