"""`lakestead costs report` and `untagged`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console

from lakestead.cli.costs.opened import opened
from lakestead.cli.costs.request import Request
from lakestead.cli.costs.shown import as_json as plain
from lakestead.cli.costs.shown import print_report, print_unpriced, share_table
from lakestead.cli.exits import Exit
from lakestead.cli.output import give_json
from lakestead.client import Warehouse
from lakestead.costs import By, Report, read_report, read_untagged
from lakestead.costs.dimensions import TAGGED
from lakestead.costs.page import page


def report(request: Request, by: str, html: Path | None, *, as_json: bool) -> None:
    """Print what the lakehouse cost, or write it as a page.

    Args:
        request: what is asked for.
        by: what is told apart.
        html: the file of the page.
        as_json: print JSON.
    """
    with opened(request.workspaces, request.governance) as warehouses:
        found = _read(warehouses, request, By(by))
        if html is not None:
            others = [_read(warehouses, request, one) for one in (By.DAY, By.WAREHOUSE) if one != by]
            html.write_text(page([found, *others]), encoding="utf-8")
    console = Console(highlight=False)
    if as_json:
        give_json(plain(found))
    elif html is not None:
        console.print(f"written to {html}")
    else:
        print_report(console, found)


def untagged(request: Request, by: str, *, as_json: bool) -> None:
    """Print what is nobody's; end with `Exit.FAILED` if something is.

    Args:
        request: what is asked for.
        by: the owner that is missing.
        as_json: print JSON.
    """
    with opened(request.workspaces, request.governance) as warehouses:
        found = read_untagged(
            warehouses,
            request.period,
            By(by),
            attribution=request.attribution,
            prices=request.prices,
            catalog=request.catalog,
        )
    if as_json:
        give_json(plain(found))
    else:
        console = Console(highlight=False)
        console.print(share_table(found, f"Without a {by.replace('_', ' ')}"))
        print_unpriced(console, found)
    if any(share.name != TAGGED for share in found.shares):
        raise typer.Exit(Exit.FAILED)


def _read(warehouses: Sequence[Warehouse], request: Request, by: By) -> Report:
    return read_report(
        warehouses,
        request.period,
        by,
        attribution=request.attribution,
        prices=request.prices,
        catalog=request.catalog,
    )
