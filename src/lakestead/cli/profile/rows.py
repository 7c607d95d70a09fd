"""`lakestead profile rows`: the rows of tables, checked by their rules."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lakestead.cli.exits import Exit
from lakestead.cli.output import complain, give_json
from lakestead.cli.profile.opened import opened
from lakestead.profiling.checks import CheckReport, CheckResult
from lakestead.profiling.checks.running import run_checks


def rows(path: Path, workspace: str | None, tables: Sequence[str], *, full: bool, as_json: bool) -> None:
    """Check rows and print the pass rates; end with `Exit.FAILED` if a check of severity `error` failed.

    Args:
        path: the configuration.
        workspace: a profile of ~/.databrickscfg.
        tables: the full names of the tables to check; all that have rules if empty.
        full: check all rows, also where only new ones are checked else.
        as_json: print the report as JSON.
    """
    with opened(path, workspace) as (config, warehouse):
        report = run_checks(config, tables or None, warehouse=warehouse, full=full)
    if as_json:
        give_json(report.values())
    else:
        _print(Console(highlight=False), report)
    if not report.passed:
        raise typer.Exit(Exit.FAILED)


def _print(console: Console, report: CheckReport) -> None:
    console.print(_table(report))
    for table in report.tables:
        if table.quarantined:
            console.print(
                f"{table.table}: set aside in {table.quarantine_table}: {table.quarantined:,}",
                markup=False,
                soft_wrap=True,
            )
        if table.problem:
            complain(f"{table.table}: {table.problem}")


def _table(report: CheckReport) -> Table:
    shown = Table(title=f"run {report.run_id}")
    for name in ("table", "check", ""):
        shown.add_column(name, overflow="fold")
    for name in ("rows", "failed", "pass rate", "wanted"):
        shown.add_column(name, justify="right")
    for table, result in report.results:
        shown.add_row(escape(table), escape(result.check), _outcome(result), *_numbers(result))
    return shown


def _outcome(result: CheckResult) -> str:
    if result.problem:
        return f"[red]{escape(result.problem)}[/]"
    if result.passed:
        return "[green]passed[/]"
    return "[yellow]warning[/]" if result.severity == "warn" else "[red]failed[/]"


def _numbers(result: CheckResult) -> tuple[str, str, str, str]:
    def shown(number: int | None) -> str:
        return "" if number is None else f"{number:,}"

    rate = "" if result.pass_rate is None else f"{result.pass_rate:.2%}"
    return shown(result.rows), shown(result.failed), rate, f"{result.threshold:.2%}"
