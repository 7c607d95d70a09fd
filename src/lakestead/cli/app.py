"""The commands, their options and their help."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

from lakestead.cli.audit import app as audit
from lakestead.cli.costs.app import app as costs
from lakestead.cli.govern.app import app as govern
from lakestead.cli.ingest.app import app as ingest
from lakestead.cli.options import JsonOption
from lakestead.cli.profile.app import app as profile
from lakestead.cli.telemetry.app import app as telemetry

_EPILOG = (
    "Exit codes: 0 done, 1 failed, 2 wrong usage or declaration, 3 workspace in use, 4 extra not installed."
)

app = typer.Typer(
    name="lakestead",
    help=(
        "Run a lakehouse on Databricks Unity Catalog, or all of it on this machine.\n\n"
        "[bold]Start here[/bold]\n\n"
        "  lakestead run examples/flights      load, derive and summarize a whole project\n\n"
        "  lakestead up                        a local workspace for any Databricks client\n\n"
        "  lakestead exec -- python app.py     the same, around one program\n\n"
        "  lakestead ingest init               databases, APIs and files into tables\n\n"
        "  lakestead profile init              monitors, drift alerts and dashboards of many tables"
    ),
    epilog=_EPILOG,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)

app.add_typer(ingest)
app.add_typer(profile)
app.add_typer(costs)
app.add_typer(govern)
app.add_typer(audit)
app.add_typer(telemetry)


@app.command(epilog="Example: lakestead up ./workspace --port 8443")
def up(
    path: Annotated[
        Path, typer.Argument(help="The folder that keeps the workspace; made if it is not there.")
    ] = Path(".lakestead"),
    port: Annotated[
        int, typer.Option(help="The port on 127.0.0.1; 0 takes any free one.", min=0, max=65535)
    ] = 0,
    as_json: JsonOption = False,
    attached: Annotated[
        bool,
        typer.Option(
            "--attached",
            help="Live for the programs that are connected to the port `lifeline` of the folder's"
            " address.json, and stop when the last has gone.",
        ),
    ] = False,
) -> None:
    """Run a workspace in the foreground until Ctrl-C, and print the environment that finds it.

    The lines on standard output are `export` commands for a shell. Starting again on the same folder
    finds everything again.
    """
    from lakestead.cli.up import up as command

    command(path, port, as_json=as_json, attached=attached)


@app.command(
    name="exec",
    context_settings={"allow_interspersed_args": False},
    epilog="Examples: lakestead exec -- pytest -q · lakestead exec --path ./workspace -- dbt run",
)
def exec_(
    command: Annotated[
        list[str], typer.Argument(help="The program and its arguments, after `--`.", metavar="CMD...")
    ],
    path: Annotated[
        Path | None, typer.Option(help="The folder that keeps the workspace; a temporary one if not given.")
    ] = None,
) -> None:
    """Run a program with a workspace around it, and return the program's exit code.

    The program finds the workspace by its environment: DATABRICKS_HOST, DATABRICKS_TOKEN,
    DATABRICKS_WAREHOUSE_ID, … Signals are passed on to it.
    """
    from lakestead.cli.execute import execute

    raise typer.Exit(execute(command, path))


@app.command(epilog="Examples: lakestead run examples/flights · lakestead run . --workspace prod --plan")
def run(
    project: Annotated[
        Path, typer.Argument(help="The project's folder, where its lakestead.yaml is.")
    ] = Path("."),
    workspace: Annotated[
        str | None,
        typer.Option(
            help="`embedded`, `environment` (DATABRICKS_*), or a profile of ~/.databrickscfg."
            " Else what lakestead.yaml says.",
        ),
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Show what would change, and change nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a workspace agree with a project: load or ingest tables, derive others, summarize.

    A second run changes nothing, and says so.
    """
    from lakestead.cli.run import run as command

    command(project, workspace, plan=plan, as_json=as_json)


@app.command(epilog="Example: lakestead coverage --check COVERAGE.md")
def coverage(
    check: Annotated[
        Path | None, typer.Option(help="Compare with this file, and fail if it differs.", dir_okay=False)
    ] = None,
) -> None:
    """Print which Databricks APIs the embedded workspace serves, as Markdown."""
    from lakestead.cli.coverage import coverage as command

    command(check)


@app.command()
def version(as_json: JsonOption = False) -> None:
    """Print the versions of lakestead and of the parts it stands on."""
    from lakestead.cli.versions import version as command

    command(as_json=as_json)


def main() -> None:
    """Run the command line; the process ends with one of the `Exit` codes."""
    from lakestead.cli.failures import explained

    # It tells of each statement that it does not know; what comes of it is said where it matters.
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    with explained():
        app(prog_name="lakestead")
