"""`lakestead profile plan`: what an apply would do."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from lakestead.cli.output import give_json
from lakestead.cli.profile.opened import opened
from lakestead.profiling import plan as make_plan
from lakestead.profiling.changes import Action, Change, Changes


def plan(path: Path, workspace: str | None, *, cost: bool, as_json: bool) -> None:
    """Print the changes.

    Args:
        path: the configuration.
        workspace: a profile of ~/.databrickscfg.
        cost: estimate what refreshes may cost.
        as_json: print `changed`, `counts` and `tables` as JSON.
    """
    with opened(path, workspace) as (config, warehouse):
        changes = make_plan(config, warehouse=warehouse, estimate=cost)
    if as_json:
        give_json(
            {
                "changed": changes.pending,
                "counts": {action.value: changes.counts[action] for action in Action},
                "tables": [_values(change) for change in changes.items],
            }
        )
        return
    console = Console(highlight=False)
    shown = [change for change in changes.items if change.action is not Action.UNCHANGED]
    if shown:
        console.print(_table(shown))
    console.print(summary(changes), markup=False)


def summary(changes: Changes) -> str:
    """Return a plan in one line."""
    if not changes.pending:
        return f"Nothing to change; monitors that are as declared: {changes.counts[Action.UNCHANGED]}."
    counts = ", ".join(f"{changes.counts[one]} {one.value}" for one in Action if changes.counts[one])
    dbu = sum(change.estimate.dbu for change in changes.items if change.estimate is not None)
    return f"{counts}." + (f" First refreshes: about {dbu:.2f} DBU." if dbu else "")


def _table(changes: list[Change]) -> Table:
    shown = Table()
    for name in ("action", "table", "what"):
        shown.add_column(name, overflow="fold")
    shown.add_column("≈ DBU", justify="right")
    for change in changes:
        dbu = f"{change.estimate.dbu:.2f}" if change.estimate is not None else ""
        shown.add_row(change.action.value, change.table, _what(change), dbu)
    return shown


def _what(change: Change) -> str:
    if change.differences:
        return "\n".join(f"{one.setting}: {one.found} → {one.wanted}" for one in change.differences)
    if change.reason:
        return change.reason
    return change.target.settings.profile_type.value if change.target is not None else ""


def _values(change: Change) -> dict[str, object]:
    estimate = change.estimate
    return {
        "table": change.table,
        "action": change.action.value,
        "group": change.target.group if change.target is not None else None,
        "reason": change.reason or None,
        "differences": [
            {"setting": one.setting, "found": one.found, "wanted": one.wanted} for one in change.differences
        ],
        "estimate": {"bytes": estimate.size_bytes, "dbu": estimate.dbu} if estimate is not None else None,
    }
