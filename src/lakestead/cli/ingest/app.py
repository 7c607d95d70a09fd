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
        "  lakestead ingest secrets   where each secret comes from, never what it is"
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
