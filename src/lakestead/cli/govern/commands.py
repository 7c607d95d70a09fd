"""The commands of `lakestead govern` that hold tables to policies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lakestead.cli.govern.opened import GovernanceOption, SystemOption, WorkspaceOption
from lakestead.cli.options import JsonOption
from lakestead.core.governance import DEFAULT_PATH

app = typer.Typer()

YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command(epilog="Example: lakestead govern check --json")
def check(
    governance: GovernanceOption = DEFAULT_PATH,
    workspace: WorkspaceOption = None,
    system: SystemOption = "system",
    as_json: JsonOption = False,
) -> None:
    """Show what breaks the policies; ends with 1 if something does."""
    from lakestead.cli.govern.policies import check as command

    command(governance, workspace, system, as_json=as_json)


@app.command(epilog="Example: lakestead govern plan")
def plan(
    governance: GovernanceOption = DEFAULT_PATH,
    workspace: WorkspaceOption = None,
    system: SystemOption = "system",
    as_json: JsonOption = False,
) -> None:
    """Show the statements that would make tables as the policies say; change nothing."""
    from lakestead.cli.govern.policies import plan as command

    command(governance, workspace, system, as_json=as_json)


@app.command(epilog="Example: lakestead govern apply --yes")
def apply(
    governance: GovernanceOption = DEFAULT_PATH,
    workspace: WorkspaceOption = None,
    system: SystemOption = "system",
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Carry out the plan, once you have agreed to it. A second time changes nothing."""
    from lakestead.cli.govern.policies import apply as command

    command(governance, workspace, system, yes=yes, as_json=as_json)


@app.command(epilog="Examples: lakestead govern audit GDPR SOX · lakestead govern audit --html report.html")
def audit(
    frameworks: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FRAMEWORK...]", help="GDPR, CCPA, SOX, HIPAA; else what governance.yaml says."
        ),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a page to this file.", dir_okay=False)
    ] = None,
    governance: GovernanceOption = DEFAULT_PATH,
    workspace: WorkspaceOption = None,
    system: SystemOption = "system",
    as_json: JsonOption = False,
) -> None:
    """Look at what laws and standards ask for; ends with 1 if something fails.

    What cannot be seen from here is told as such, and is no pass.
    """
    from lakestead.cli.govern.audit import audit as command

    command(frameworks or [], html, governance, workspace, system, as_json=as_json)


@app.command(epilog="Example: lakestead govern retention --apply")
def retention(
    delete: Annotated[bool, typer.Option("--apply", help="Delete overdue rows and their old files.")] = False,
    yes: YesOption = False,
    governance: GovernanceOption = DEFAULT_PATH,
    workspace: WorkspaceOption = None,
    system: SystemOption = "system",
    as_json: JsonOption = False,
) -> None:
    """Show which rows are kept for too long, and delete them on approval; ends with 1 if some are left."""
    from lakestead.cli.govern.retention import retention as command

    command(governance, workspace, system, delete=delete, yes=yes, as_json=as_json)
