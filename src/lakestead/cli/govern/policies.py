"""`lakestead govern check`, `plan` and `apply`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lakestead.cli.exits import Exit
from lakestead.cli.govern.opened import declared, opened
from lakestead.cli.output import complain, give, give_json
from lakestead.govern.policies import Change, Finding, evaluate
from lakestead.govern.policies import apply as carry_out
from lakestead.govern.policies import plan as plan_changes

_STYLES = {"report": "dim", "warn": "yellow", "block": "red"}


def check(governance: Path, workspace: str | None, system: str, *, as_json: bool) -> None:
    """Print what breaks the policies; end with `Exit.FAILED` if something does."""
    known = declared(governance)
    with opened(workspace) as warehouse:
        findings = evaluate(warehouse, known, system=system)
    if as_json:
        give_json({"ok": not findings, "findings": [one.values() for one in findings]})
    elif findings:
        Console(highlight=False).print(_findings(findings))
    else:
        give(f"all {len(known.policies.root)} policies are kept")
    if findings:
        raise typer.Exit(Exit.FAILED)


def plan(governance: Path, workspace: str | None, system: str, *, as_json: bool) -> None:
    """Print the changes."""
    known = declared(governance)
    with opened(workspace) as warehouse:
        changes = plan_changes(warehouse, known, system=system)
    _give(changes, as_json=as_json)


def apply(governance: Path, workspace: str | None, system: str, *, yes: bool, as_json: bool) -> None:
    """Print the changes and carry them out, if that is agreed to."""
    known = declared(governance)
    with opened(workspace) as warehouse:
        changes = plan_changes(warehouse, known, system=system)
        _give(changes, as_json=as_json)
        if not changes:
            return
        if not yes and not typer.confirm(f"Make {len(changes)} changes?", err=True):
            raise typer.Exit(Exit.FAILED)
        done = sum(1 for _ in carry_out(warehouse, changes))
    complain(f"{done} changes made")


def _give(changes: Sequence[Change], *, as_json: bool) -> None:
    if as_json:
        give_json([one.values() for one in changes])
    elif not changes:
        give("nothing to change")
    else:
        Console(highlight=False).print(_changes(changes))


def _findings(findings: Sequence[Finding]) -> Table:
    shown = Table(title=f"{len(findings)} findings")
    for name in ("policy", "table", "what is wrong", "what to do"):
        shown.add_column(name, overflow="fold")
    for one in findings:
        policy = f"{escape(one.policy)}\n[{_STYLES[one.mode.value]}]{one.mode.value}[/]"
        shown.add_row(policy, escape(one.resource), escape(one.what), escape(one.remedy))
    return shown


def _changes(changes: Sequence[Change]) -> Table:
    shown = Table(title=f"{len(changes)} changes")
    for name in ("policy", "table", "what", "statement"):
        shown.add_column(name, overflow="fold")
    for one in changes:
        shown.add_row(escape(one.policy), escape(one.resource), escape(one.what), escape(one.statement))
    return shown
