"""`lakestead profile apply`: a workspace, made to agree with a configuration."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import Console

from lakestead.cli.exits import Exit
from lakestead.cli.output import give_json
from lakestead.cli.profile.opened import opened
from lakestead.profiling import OrchestrationReport, run_orchestration
from lakestead.profiling.changes import Action
from lakestead.profiling.provisioning import Applied


def apply(path: Path, workspace: str | None, *, remove_orphans: bool, as_json: bool) -> None:
    """Run the orchestration, and print what came of it; end with `Exit.FAILED` if a monitor failed.

    Args:
        path: the configuration.
        workspace: a profile of ~/.databrickscfg.
        remove_orphans: delete monitors that are not asked for any more.
        as_json: print the report as JSON, and progress on standard error.
    """
    progress = Console(stderr=True, highlight=False)

    def tell(applied: Applied) -> None:
        mark, end = ("✓", "") if applied.error is None else ("✗", f": {applied.error}")
        progress.print(f"{mark} {applied.action.value} {applied.table}{end}", markup=False, soft_wrap=True)

    with opened(path, workspace) as (config, warehouse):
        report = run_orchestration(config, warehouse=warehouse, remove_orphans=remove_orphans, progress=tell)
    if as_json:
        give_json(values(report))
    else:
        _print(Console(highlight=False), report)
    if report.monitors_failed:
        raise typer.Exit(Exit.FAILED)


def _print(console: Console, report: OrchestrationReport) -> None:
    for change in report.changes.of(Action.REFUSED):
        console.print(f"refused {change.table}: {change.reason}", markup=False, soft_wrap=True)
    console.print(
        f"tables: {report.tables_discovered}; monitors: {report.monitors_created} created,"
        f" {report.monitors_updated} updated, {report.monitors_unchanged} unchanged,"
        f" {report.monitors_skipped} skipped, {report.monitors_failed} failed"
    )
    if report.monitors_removed:
        console.print(f"orphaned monitors removed: {report.monitors_removed}")
    for title, made in _made(report).items():
        for group, name in made.items():
            console.print(f"{title} of {group}: {name}", markup=False, soft_wrap=True)


def _made(report: OrchestrationReport) -> dict[str, dict[str, str]]:
    return {
        "drift view": dict(report.unified_drift_views),
        "profile view": dict(report.unified_profile_views),
        "drift alert": dict(report.drift_alert_ids),
        "dashboard": dict(report.dashboard_ids),
    }


def values(report: OrchestrationReport) -> dict[str, object]:
    """Return a report as JSON has it."""
    return {
        "tables_discovered": report.tables_discovered,
        "monitors_created": report.monitors_created,
        "monitors_updated": report.monitors_updated,
        "monitors_unchanged": report.monitors_unchanged,
        "monitors_skipped": report.monitors_skipped,
        "monitors_failed": report.monitors_failed,
        "monitors_removed": report.monitors_removed,
        "tables": [
            {"table": one.table, "action": one.action.value, "seconds": one.seconds, "error": one.error}
            for one in report.applied
        ],
        "statuses": {one.table_name: one.status for one in report.monitor_statuses},
        "unified_drift_views": dict(report.unified_drift_views),
        "unified_profile_views": dict(report.unified_profile_views),
        "drift_alert_ids": dict(report.drift_alert_ids),
        "dashboard_ids": dict(report.dashboard_ids),
    }
