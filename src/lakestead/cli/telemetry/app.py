"""The commands of `lakestead telemetry`, their options and their help."""

from __future__ import annotations

from typing import Annotated

import typer

from lakestead.cli.options import JsonOption

app = typer.Typer(
    name="telemetry",
    help=(
        "OpenTelemetry for Databricks programs.\n\n"
        "[bold]Start here[/bold]\n\n"
        "  lakestead telemetry check                     is everything there, and what to do if not\n\n"
        "  opentelemetry-instrument python app.py        every call and statement is a span\n\n"
        "  lakestead telemetry dashboard > grafana.json  a dashboard to import"
    ),
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.command(epilog="Example: lakestead telemetry check --json")
def check(
    workspace_url: Annotated[
        str | None, typer.Option("--workspace-url", help="The workspace; else DATABRICKS_HOST.")
    ] = None,
    connectivity: Annotated[
        bool, typer.Option(help="Ask the workspace, and connect to the collector.")
    ] = True,
    governance: Annotated[
        bool, typer.Option(help="Look at what may be read, and who the program works for.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Check host, token, connectivity, Unity Catalog, warehouse, permissions and exporter.

    Nothing is started or changed. Ends with 1 if a check fails; warnings are allowed.
    """
    from lakestead.cli.telemetry.check import check as command

    command(workspace_url, connectivity=connectivity, governance=governance, as_json=as_json)


@app.command(epilog="Example: lakestead telemetry schema > span.schema.json")
def schema() -> None:
    """Print the JSON Schema of spans."""
    from lakestead.cli.telemetry.shipped import schema as command

    command()


@app.command(epilog="Example: lakestead telemetry dashboard > grafana.json")
def dashboard() -> None:
    """Print a dashboard for Grafana, over what Prometheus gathers."""
    from lakestead.cli.telemetry.shipped import dashboard as command

    command()
