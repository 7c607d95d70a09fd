"""`lakestead govern audit`: what laws and standards ask for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lakestead.cli.exits import Exit
from lakestead.cli.govern.opened import declared, opened
from lakestead.cli.output import complain, give_json
from lakestead.core.config import unknown
from lakestead.core.errors import ConfigError
from lakestead.govern.compliance.auditing import Report, Required
from lakestead.govern.compliance.auditing import audit as look
from lakestead.govern.compliance.audits import AuditStatus
from lakestead.govern.compliance.html import page
from lakestead.govern.compliance.settings import FRAMEWORKS

_STYLES = {"pass": "green", "warning": "yellow", "fail": "red", "unknown": "dim"}


def audit(
    frameworks: Sequence[str],
    html: Path | None,
    governance: Path,
    workspace: str | None,
    system: str,
    *,
    as_json: bool,
) -> None:
    """Print the report, or write it as a page, too; end with `Exit.FAILED` if something fails."""
    for name in frameworks:
        if name.upper() not in FRAMEWORKS:
            raise ConfigError(unknown("framework", name, FRAMEWORKS))
    known = declared(governance)
    with opened(workspace) as warehouse:
        report = look(warehouse, known, only=frameworks, system=system)
    if html is not None:
        html.write_text(page(report), encoding="utf-8")
        complain(f"wrote {html}")
    if as_json:
        give_json(report.values())
    else:
        _print(report)
    if report.counts["fail"]:
        raise typer.Exit(Exit.FAILED)


def _print(report: Report) -> None:
    console = Console(highlight=False)
    for name, title in report.titles.items():
        shown = Table(title=f"{name}: {title}", title_justify="left")
        for column in ("", "requirement", "what was seen"):
            shown.add_column(column, overflow="fold")
        for one in report.of(name):
            shown.add_row(_mark(one.status), escape(f"{one.id}\n{one.title}"), _seen(one))
        console.print(shown)
    console.print(", ".join(f"{number} {status}" for status, number in report.counts.items() if number))


def _seen(required: Required) -> str:
    return "\n".join(
        f"{_mark(one.result.status)} {escape(one.title)}: {escape(one.result.evidence)}"
        for one in required.checks
    )


def _mark(status: AuditStatus) -> str:
    return f"[{_STYLES[status.value]}]{status.value}[/]"
