"""The commands of `lakestead ingest`, their options and their help."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lakestead.cli.options import JsonOption

app = typer.Typer(
    name="ingest",
    help=(
        "Bring databases, APIs and files into tables, as a sheet or a YAML file says.\n\n"
        "[bold]Start here[/bold]\n\n"
        "  lakestead ingest init      write config/ and .dlt/secrets.toml.template to fill in\n\n"
        "  lakestead ingest check     find every mistake before anything runs\n\n"
        "  lakestead ingest secrets   where each secret comes from, never what it is\n\n"
        "  lakestead ingest plan      what a run would read and write\n\n"
        "  lakestead ingest run       do it; a second run loads only what is new"
    ),
    no_args_is_help=True,
    rich_markup_mode="rich",
)

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="The jobs: a workbook with the sheet SourceConfig, or YAML."
        " Else config/ingestion_config.xlsx, or .yaml.",
        dir_okay=False,
    ),
]
SecretsOption = Annotated[
    Path | None,
    typer.Option("--secrets", help="The file of secrets. Else .dlt/secrets.toml.", dir_okay=False),
]


class Format(StrEnum):
    """What the jobs are written in."""

    XLSX = "xlsx"
    YAML = "yaml"
    BOTH = "both"


@app.command(epilog="Example: lakestead ingest init . --format yaml")
def init(
    folder: Annotated[Path, typer.Argument(help="The project's folder; made if it is not there.")] = Path(
        "."
    ),
    file_format: Annotated[
        Format, typer.Option("--format", help="What to write the jobs in: a workbook, YAML, or both.")
    ] = Format.XLSX,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
) -> None:
    """Write commented templates of the jobs and of the secrets, to fill in.

    Files that are there stay as they are, unless --force is given; .dlt/secrets.toml is never touched, and is
    added to .gitignore.
    """
    from lakestead.cli.ingest.init import init as command

    command(folder, file_format.value, force=force)


@app.command(epilog="Example: lakestead ingest check --config jobs.yaml")
def check(config: ConfigOption = None, secrets: SecretsOption = None, as_json: JsonOption = False) -> None:
    """Find every mistake in the jobs and the secrets, before anything runs.

    Each is shown with its place (sheet and cell, or line and column), the value, and what to do. Sources and
    destinations are not connected to; secret stores are asked if [secrets] names them. Ends with 2 if there
    is a mistake.
    """
    from lakestead.cli.ingest.check import check as command

    command(config, secrets, as_json=as_json)


@app.command(epilog="Example: lakestead ingest secrets --json")
def secrets(
    config: ConfigOption = None,
    path: SecretsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show where each secret comes from, and which other places it hides; never what it is.

    From first to last: environment variables, .dlt/secrets.toml, the Databricks secret scope, the Azure Key
    Vault. The last two are asked only if [secrets] names them.
    """
    from lakestead.cli.ingest.secrets import secrets as command

    command(config, path, as_json=as_json)


JobsOption = Annotated[
    list[str] | None,
    typer.Option("--job", help="A job's name; may be given several times. Else all enabled."),
]
FromOption = Annotated[
    str | None,
    typer.Option("--from", help="Load a part of the past again: from this watermark on. Progress stays."),
]
ToOption = Annotated[str | None, typer.Option("--to", help="The first watermark that is not loaded again.")]


@app.command(epilog="Example: lakestead ingest plan --job erp.sales.orders")
def plan(
    job: JobsOption = None,
    start: FromOption = None,
    end: ToOption = None,
    config: ConfigOption = None,
    secrets: SecretsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a run would read and write; sources and destinations are asked, nothing is written."""
    from lakestead.cli.ingest.plan import plan as command

    command(job or [], start, end, config, secrets, as_json=as_json)


@app.command(
    epilog="Examples: lakestead ingest run --parallel 4 · lakestead ingest run --job orders --from 2024-01-01"
)
def run(
    job: JobsOption = None,
    parallel: Annotated[int, typer.Option(help="How many jobs run at a time.", min=1, max=64)] = 1,
    start: FromOption = None,
    end: ToOption = None,
    config: ConfigOption = None,
    secrets: SecretsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run the jobs: extract, stage, load, reconcile; go on where the last run stopped.

    A job that fails does not keep the others from running; the command then ends with 1. Logs are in logs/,
    one line for each job in metadata/audit_YYYYMMDD.csv and in the table _lakestead_audit.
    """
    from lakestead.cli.ingest.run import run as command

    command(job or [], parallel, start, end, config, secrets, as_json=as_json)
