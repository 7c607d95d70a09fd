"""The commands of `lakestead costs`, their options and their help."""

from __future__ import annotations

import typer

app = typer.Typer(
    name="costs",
    help="What the lakehouse costs, who it is for, and what could be saved.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.callback()
def costs() -> None:
    """What the lakehouse costs, who it is for, and what could be saved."""
