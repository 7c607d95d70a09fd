"""The commands of `lakestead profile`, their options and their help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lakestead.cli.options import JsonOption

DEFAULT_PATH = Path("profiling.yaml")

app = typer.Typer(
    name="profile",
    help=(
        "Monitor many tables, as one YAML file says: profiles, drift, alerts, dashboards.\n\n"
        "[bold]Start here[/bold]\n\n"
        "  lakestead profile init      write a commented profiling.yaml to fill in\n\n"
        "  lakestead profile check     find mistakes without a workspace\n\n"
        "  lakestead profile plan      what would be created, updated, refused\n\n"
        "  lakestead profile apply     do it; a second time changes nothing\n\n"
        "  lakestead profile status    how each monitor is doing"
    ),
    no_args_is_help=True,
    rich_markup_mode="rich",
)

ConfigArgument = Annotated[Path, typer.Argument(help="The configuration.", dir_okay=False)]
WorkspaceOption = Annotated[
    str | None,
    typer.Option(
        "--workspace",
        help="A profile of ~/.databrickscfg. Else what DATABRICKS_* says, or the embedded workspace.",
    ),
]


@app.command(epilog="Example: lakestead profile init monitoring.yaml")
def init(
    config: ConfigArgument = DEFAULT_PATH,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write a commented configuration to fill in."""
    from lakestead.cli.profile.init import init as command

    command(config, force=force)


@app.command(epilog="Example: lakestead profile check monitoring.yaml --json")
def check(config: ConfigArgument = DEFAULT_PATH, as_json: JsonOption = False) -> None:
    """Find mistakes in a configuration, and tables that policy refuses, without a workspace.

    Ends with 2 if the configuration is wrong, with 1 if policy refuses a table.
    """
    from lakestead.cli.profile.check import check as command

    command(config, as_json=as_json)


@app.command(epilog="Example: lakestead profile plan --workspace prod --no-cost")
def plan(
    config: ConfigArgument = DEFAULT_PATH,
    workspace: WorkspaceOption = None,
    cost: Annotated[bool, typer.Option("--cost/--no-cost", help="Estimate what refreshes may cost.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Show what an apply would create, update, recreate, leave and refuse, setting by setting.

    Everything that would make a monitor fail is found here, all at once; the command then ends with 2.
    """
    from lakestead.cli.profile.plan import plan as command

    command(config, workspace, cost=cost, as_json=as_json)


@app.command(epilog="Example: lakestead profile apply monitoring.yaml --remove-orphans")
def apply(
    config: ConfigArgument = DEFAULT_PATH,
    workspace: WorkspaceOption = None,
    remove_orphans: Annotated[
        bool,
        typer.Option(
            "--remove-orphans",
            help="Delete monitors of this configuration that it does not ask for any more; metrics stay.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make the workspace agree with the configuration; in full mode with views, alerts and dashboards.

    Running again does what is left, also after a kill. Ends with 1 if a monitor could not be made.
    """
    from lakestead.cli.profile.apply import apply as command

    command(config, workspace, remove_orphans=remove_orphans, as_json=as_json)


@app.command(epilog="Example: lakestead profile status --wait")
def status(
    config: ConfigArgument = DEFAULT_PATH,
    workspace: WorkspaceOption = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until no monitor is being made.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show how each monitor is doing. Ends with 1 if one has failed, or a table has none."""
    from lakestead.cli.profile.status import status as command

    command(config, workspace, wait=wait, as_json=as_json)


@app.command(epilog="Example: lakestead profile refresh --all")
def refresh(
    config: ConfigArgument = DEFAULT_PATH,
    workspace: WorkspaceOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also monitors whose tables have not changed.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring the metrics of tables that have changed up to date, and wait. Ends with 1 if a refresh fails."""
    from lakestead.cli.profile.refresh import refresh as command

    command(config, workspace, everything=everything, as_json=as_json)


@app.command(epilog="Example: lakestead profile alerts --evaluate")
def alerts(
    config: ConfigArgument = DEFAULT_PATH,
    workspace: WorkspaceOption = None,
    evaluate: Annotated[
        bool, typer.Option("--evaluate", help="Evaluate them now; who is to be told of them is.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show where the alerts of the monitor groups stand. Ends with 1 if one is triggered or in error."""
    from lakestead.cli.profile.alerts import alerts as command

    command(config, workspace, evaluate=evaluate, as_json=as_json)


@app.command(epilog="Example: lakestead profile coverage --stale-hours 24")
def coverage(
    config: ConfigArgument = DEFAULT_PATH,
    workspace: WorkspaceOption = None,
    stale_hours: Annotated[
        float, typer.Option(help="How long after its last good refresh a monitor is stale.", min=0)
    ] = 48.0,
    as_json: JsonOption = False,
) -> None:
    """Show tables of the catalog without a monitor, stale monitors, and what is left of old ones."""
    from lakestead.cli.profile.coverage import coverage as command

    command(config, workspace, stale_hours, as_json=as_json)


@app.command(epilog="Example: lakestead profile explain prod.sales.orders --column price --window 2026-03-01")
def explain(
    table: Annotated[str, typer.Argument(help="The monitored table's full name.")],
    config: ConfigArgument = DEFAULT_PATH,
    workspace: WorkspaceOption = None,
    column: Annotated[str | None, typer.Option(help="Only this column.")] = None,
    window: Annotated[
        str | None, typer.Option(help="The window that begins then, in UTC; else the newest.")
    ] = None,
    slice_value: Annotated[
        str | None, typer.Option("--slice", help="Only slices with this value; else all rows.")
    ] = None,
    most: Annotated[int, typer.Option(help="So many at most, the largest first.", min=1)] = 5,
    as_json: JsonOption = False,
) -> None:
    """Show why columns drifted: which values or quantiles moved, and which slices carry it."""
    from lakestead.cli.profile.explain import explain as command

    command(table, config, workspace, column, window, slice_value, most, as_json=as_json)


@app.command(epilog="Example: lakestead profile report monitoring.yaml -o report.html")
def report(
    config: ConfigArgument = DEFAULT_PATH,
    output: Annotated[Path, typer.Option("--output", "-o", help="The page to write.", dir_okay=False)] = Path(
        "profiling.html"
    ),
    workspace: WorkspaceOption = None,
) -> None:
    """Write a page for a browser: monitors, drift and why, quality, coverage, row checks.

    The page needs nothing else: it can be sent by e-mail.
    """
    from lakestead.cli.profile.report import report as command

    command(config, output, workspace)


@app.command(epilog="Example: lakestead profile rows monitoring.yaml --table prod.sales.orders")
def rows(
    config: ConfigArgument = DEFAULT_PATH,
    workspace: WorkspaceOption = None,
    table: Annotated[
        list[str] | None, typer.Option(help="Only this table; may be given more than once.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Check all rows, also where only new ones are checked else.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check rows by the rules under `checks`, and set aside those that break them.

    Ends with 1 if a check of severity `error` failed, with 2 if rules do not fit their tables.
    """
    from lakestead.cli.profile.rows import rows as command

    command(config, workspace, table or (), full=full, as_json=as_json)


@app.command(epilog="Example: lakestead profile suggest prod.sales.orders monitoring.yaml")
def suggest(
    table: Annotated[str, typer.Argument(help="The monitored table's full name.")],
    config: ConfigArgument = DEFAULT_PATH,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Suggest rules for `checks` that all rows keep so far, from what the table's monitor has measured."""
    from lakestead.cli.profile.suggest import suggest as command

    command(table, config, workspace, as_json=as_json)
