"""The commands of `lakestead costs`, their options and their help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lakestead.cli.costs.ahead import app as ahead
from lakestead.cli.costs.options import (
    GOVERNANCE,
    CatalogOption,
    GovernanceOption,
    Owner,
    SinceOption,
    UntilOption,
    What,
    WorkspaceOption,
)
from lakestead.cli.options import JsonOption

app = typer.Typer(
    name="costs",
    help=(
        "What the lakehouse costs, who it is for, and what could be saved.\n\n"
        "[bold]Start here[/bold]\n\n"
        "  lakestead costs report      the last 30 days by team\n\n"
        "  lakestead costs untagged    what is nobody's, with the money\n\n"
        "  lakestead costs budgets     how far they are used\n\n"
        "  lakestead costs recommend   what could be saved"
    ),
    no_args_is_help=True,
    rich_markup_mode="rich",
)

app.add_typer(ahead)


@app.command(
    epilog="Examples: lakestead costs report --by warehouse · lakestead costs report --html costs.html"
)
def report(
    by: Annotated[What, typer.Option(help="What to tell apart.")] = What.TEAM,
    since: SinceOption = None,
    until: UntilOption = None,
    html: Annotated[
        Path | None, typer.Option(help="Write a page for a browser to this file instead.", dir_okay=False)
    ] = None,
    workspace: WorkspaceOption = None,
    catalog: CatalogOption = "system",
    governance: GovernanceOption = GOVERNANCE,
    as_json: JsonOption = False,
) -> None:
    """Show what the lakehouse cost, and who for.

    Usage is priced by what held when it ended. A SQL warehouse's usage is divided among the statements that
    ran on it by their task time; its idle time is apart. What has no price is listed, and in no sum.
    """
    from lakestead.cli.costs.report import report as command
    from lakestead.cli.costs.request import asked

    command(asked(workspace, catalog, since, until, governance), by.value, html, as_json=as_json)


@app.command(epilog="Example: lakestead costs untagged --by cost_center")
def untagged(
    by: Annotated[Owner, typer.Option(help="What is missing.")] = Owner.TEAM,
    since: SinceOption = None,
    until: UntilOption = None,
    workspace: WorkspaceOption = None,
    catalog: CatalogOption = "system",
    governance: GovernanceOption = GOVERNANCE,
    as_json: JsonOption = False,
) -> None:
    """Show what is nobody's, with the money; ends with 1 if something is.

    `attribution` in governance.yaml says which tags count, and whose it is where there are none.
    """
    from lakestead.cli.costs.report import untagged as command
    from lakestead.cli.costs.request import asked

    command(asked(workspace, catalog, since, until, governance), by.value, as_json=as_json)


@app.command(epilog="Example: lakestead costs focus 2026-01.parquet --since 2026-01-01 --until 2026-02-01")
def focus(
    file: Annotated[Path, typer.Argument(help="What to write: .csv or .parquet.", dir_okay=False)],
    since: SinceOption = None,
    until: UntilOption = None,
    workspace: WorkspaceOption = None,
    catalog: CatalogOption = "system",
    governance: GovernanceOption = GOVERNANCE,
    as_json: JsonOption = False,
) -> None:
    """Write usage as FOCUS 1.2 data, for tools that read bills of many providers.

    Usage without a price is left out, as FOCUS knows none; the command then ends with 1.
    """
    from lakestead.cli.costs.focus import focus as command
    from lakestead.cli.costs.request import asked

    command(asked(workspace, catalog, since, until, governance), file, as_json=as_json)


@app.command(epilog='Example: lakestead costs estimate "SELECT count(*) FROM main.raw.orders"')
def estimate(
    statement: Annotated[str, typer.Argument(help="A query; it is explained, and does not run.")],
    region: Annotated[
        str, typer.Option(help="For the list price, if the warehouse has not been billed yet.")
    ] = "us-west-2",
    workspace: Annotated[str | None, typer.Option(help="A profile of ~/.databrickscfg.")] = None,
    catalog: CatalogOption = "system",
    governance: GovernanceOption = GOVERNANCE,
    as_json: JsonOption = False,
) -> None:
    """Show what a query would cost, and how far such estimates were off.

    The tables in its plan tell their sizes; the warehouse's history tells how long it works for a byte.
    """
    from lakestead.cli.costs.estimate import estimate as command

    command(statement, region, workspace, catalog, governance, as_json=as_json)
