"""What a run gives: the tables' figures, the statements' times, and where to look next."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from lakestead.run import Governed, Monitored, Summary


def print_plan(console: Console, changes: Sequence[str]) -> None:
    """Print what a run would do."""
    if not changes:
        console.print("Nothing to change: everything is as declared.")
        return
    console.print(f"{len(changes)} changes:")
    for change in changes:
        console.print(f"  {change}", markup=False, soft_wrap=True)


def print_summary(console: Console, summary: Summary, folder: Path | None) -> None:
    """Print the outcome of a run.

    Args:
        folder: of the embedded workspace, if the run was in one.
    """
    console.print()
    if not summary.changed:
        console.print("Nothing to change: everything is as declared.")
    console.print(_tables(summary))
    if summary.monitored is not None:
        _print_monitored(console, summary.monitored)
    if summary.governed is not None:
        _print_governed(console, summary.governed)
    console.print(
        f"{len(summary.steps)} changes, {summary.seconds:.1f} s in all, in {folder or summary.workspace}"
    )
    if folder is not None:
        console.print(_next(folder), markup=False, soft_wrap=True)


def _tables(summary: Summary) -> Table:
    shown = Table(title=summary.project)
    shown.add_column("table")
    for name in ("rows", "columns", "bytes", "nulls"):
        shown.add_column(name, justify="right")
    for table in summary.tables:
        shown.add_row(
            table.name, f"{table.rows:,}", str(table.columns), f"{table.size:,}", f"{table.null_share:.2%}"
        )
    return shown


def _print_monitored(console: Console, monitored: Monitored) -> None:
    alerts = Table(title="Alerts")
    for name in ("group", "alert", "state"):
        alerts.add_column(name, overflow="fold")
    for alert in monitored.alerts:
        alerts.add_row(alert.group, alert.finding, alert.state)
    console.print(alerts)
    for alert in monitored.alerts:
        for finding in alert.findings:
            console.print(f"! {alert.finding}: {finding}", markup=False)
    for check in monitored.failed_checks:
        rate = "could not be checked" if check.pass_rate is None else f"{check.pass_rate:.2%} of rows pass"
        where = f"; the others are in {check.quarantine}" if check.quarantine else ""
        console.print(f"! {check.severity}: {check.table}: {check.check}: {rate}{where}", markup=False)
    console.print(
        f"{len(monitored.monitors)} monitors, {len(monitored.dashboards)} dashboards;"
        f" {monitored.checks} checks of rows, {len(monitored.failed_checks)} failed"
    )


def _print_governed(console: Console, governed: Governed) -> None:
    lineage = Table(title="Where it came from")
    for name in ("table", "made of"):
        lineage.add_column(name, overflow="fold")
    for target, sources in governed.lineage.items():
        lineage.add_row(target, ", ".join(sources))
    console.print(lineage)
    personal = Table(title="Personal data")
    for name in ("column", "kind", "sure"):
        personal.add_column(name, overflow="fold")
    for one in governed.personal:
        personal.add_row(one.column, one.kind, f"{one.confidence:.0%}")
    console.print(personal if governed.personal else "No column looks like personal data.")
    for finding in governed.violations:
        console.print(
            f"! {finding.policy}: {finding.resource} {finding.what}. {finding.remedy}", markup=False
        )
    console.print(f"{governed.policies} policies, {len(governed.violations)} violations")
    costs = Table(title="Costs of today")
    costs.add_column("team")
    for name in ("cost", "of it idle"):
        costs.add_column(name, justify="right")
    for cost in governed.costs:
        costs.add_row(cost.team or "nobody", f"{cost.amount} {cost.currency}", f"{cost.idle} {cost.currency}")
    console.print(costs)
    for usage in governed.unpriced:
        console.print(f"! not in these: {usage}", markup=False)


def _next(folder: Path) -> str:
    # `make demo` runs what it installed in an environment that the shell does not know.
    lakestead = "lakestead" if shutil.which("lakestead") else sys.argv[0]
    return (
        "\nLook next:\n"
        f"  {lakestead} up {folder}\n"
        "      serves these tables to any Databricks client, and dashboards to a browser\n"
        f"  {lakestead} exec --path {folder} -- CMD\n"
        "      runs a program that finds them by its environment\n"
    )
