"""`lakestead govern impact`: what breaks when something is dropped."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lakestead.cli.exits import Exit
from lakestead.cli.govern.monitored import monitored
from lakestead.cli.output import give_json
from lakestead.govern.lineage.impact import Impact


def impact(name: str, days: int, governance: Path, workspace: str | None, *, as_json: bool) -> None:
    """Print what breaks; end with 1 if something does.

    Args:
        name: of the table or column.
        days: how far back queries count.
        governance: the file of declarations.
        workspace: a profile of ~/.databrickscfg.
        as_json: print a JSON object.
    """
    with monitored(governance, workspace) as (_, monitor):
        found = monitor.impact(name, days)
    if as_json:
        give_json(found.to_json())
    else:
        _print(found)
    if found.broken:
        raise typer.Exit(Exit.FAILED)


def _print(found: Impact) -> None:
    console = Console(highlight=False)
    if found.broken:
        shown = Table(title=f"Dropping {found.dropped} breaks {len(found.broken)}")
        for name in ("what", "name", "why", "owner"):
            shown.add_column(name, overflow="fold")
        for one in found.broken:
            why = one.why if one.certain else f"{one.why} (perhaps: it could not be resolved)"
            shown.add_row(str(one.kind), Text(one.name), Text(why), Text(one.owner or ""))
        console.print(shown)
        console.print("Tell " + ", ".join(found.owners) + ".", markup=False)
    else:
        console.print(f"Nothing is known that breaks without {found.dropped}.", markup=False)
    for unseen in found.unseen:
        console.print(f"Could not look at {unseen}", style="yellow", markup=False)
