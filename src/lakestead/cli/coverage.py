"""`lakestead coverage`: which Databricks APIs the embedded workspace serves."""

from __future__ import annotations

import difflib
from pathlib import Path

import typer

from lakestead.cli.exits import Exit
from lakestead.cli.output import complain, give
from lakestead.core.errors import MissingExtra


def coverage(check: Path | None) -> None:
    """Print the table, or compare it with a file.

    Args:
        check: the file that must hold exactly the table.
    """
    try:
        from lakestead.workspace.coverage import markdown
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.startswith("lakestead"):
            raise
        raise MissingExtra("The table of served APIs", "local") from error
    text = markdown().rstrip("\n") + "\n"
    if check is None:
        give(text.rstrip("\n"))
        return
    there = check.read_text(encoding="utf-8") if check.exists() else ""
    if there != text:
        changes = difflib.unified_diff(
            there.splitlines(), text.splitlines(), str(check), "the routes", lineterm="", n=0
        )
        complain(f"{check} is not what the routes say; write it anew with: lakestead coverage > {check}")
        complain("\n".join(changes))
        raise typer.Exit(Exit.FAILED)
