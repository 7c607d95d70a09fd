"""`lakestead costs focus`."""

from __future__ import annotations

from pathlib import Path

import typer

from lakestead.cli.costs.opened import opened
from lakestead.cli.costs.request import Request
from lakestead.cli.exits import Exit
from lakestead.cli.output import complain, give, give_json
from lakestead.costs.focus import write_focus


def focus(request: Request, file: Path, *, as_json: bool) -> None:
    """Write usage as FOCUS data; end with `Exit.FAILED` if some has no price.

    Args:
        request: what is asked for.
        file: what to write.
        as_json: print JSON.
    """
    with opened(request.workspaces, request.governance) as warehouses:
        written = write_focus(
            warehouses, request.period, file, prices=request.prices, catalog=request.catalog
        )
    if as_json:
        give_json({"file": str(file), "rows": written.rows, "unpriced": written.unpriced})
    else:
        give(f"{written.rows:,} charges written to {file}")
    if written.unpriced:
        complain(f"{written.unpriced:,} usage records have no price and are left out: see `costs report`")
        raise typer.Exit(Exit.FAILED)
