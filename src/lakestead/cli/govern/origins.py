"""`lakestead govern lineage` and `impact`: their options and their help."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated

import typer

from lakestead.cli.govern.opened import GovernanceOption, WorkspaceOption
from lakestead.cli.options import JsonOption
from lakestead.core.governance import DEFAULT_PATH

app = typer.Typer()


class Form(StrEnum):
    """How a graph is printed."""

    TREE = "tree"
    JSON = "json"
    MERMAID = "mermaid"
    DOT = "dot"
    OPENLINEAGE = "openlineage"


_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"]


@app.command(
    epilog="Examples: lakestead govern lineage main.sales.orders --upstream --hops 2"
    " · lakestead govern lineage main.sales --format dot | dot -Tsvg > sales.svg"
)
def lineage(
    name: Annotated[
        str, typer.Argument(help="CATALOG[.SCHEMA[.TABLE[.COLUMN]]], or a path.", metavar="NAME")
    ],
    column: Annotated[bool, typer.Option("--column", help="Show columns, not tables.")] = False,
    upstream: Annotated[bool, typer.Option("--upstream", help="Only what it is made of.")] = False,
    downstream: Annotated[bool, typer.Option("--downstream", help="Only what is made of it.")] = False,
    hops: Annotated[
        int | None, typer.Option(help="How many steps far; to the end if not given.", min=1)
    ] = None,
    since: Annotated[
        dt.datetime | None, typer.Option(help="Only what was seen from then on (UTC).", formats=_FORMATS)
    ] = None,
    until: Annotated[
        dt.datetime | None, typer.Option(help="Only what was seen before (UTC).", formats=_FORMATS)
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How to print it.")] = Form.TREE,
    emit: Annotated[
        str | None,
        typer.Option(
            help="Send it to this OpenLineage API, too. OPENLINEAGE_API_KEY is its token.", metavar="URL"
        ),
    ] = None,
    governance: GovernanceOption = DEFAULT_PATH,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show where data comes from and where it goes.

    From the workspace's lineage tables, and from what programs tracked if `lineage` in governance.yaml says
    where that is kept. Tables that are not there any more, or that one may not see, are marked.
    """
    from lakestead.cli.govern.lineage import Asked
    from lakestead.cli.govern.lineage import lineage as command

    direction = "both" if upstream == downstream else "upstream" if upstream else "downstream"
    asked = Asked(name, "column" if column else "table", direction, hops, since, until)
    command(asked, "json" if as_json else form.value, emit, governance, workspace)


@app.command(epilog="Exit codes: 0 nothing breaks, 1 something does, 2 wrong usage or declaration.")
def impact(
    name: Annotated[str, typer.Argument(help="CATALOG.SCHEMA.TABLE[.COLUMN].", metavar="NAME")],
    days: Annotated[int, typer.Option(help="How many days back queries count.", min=1)] = 30,
    governance: GovernanceOption = DEFAULT_PATH,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what breaks when a table or a column is dropped, and whom to tell.

    Views and functions that read it, tables that are filled from it, its keys, checks, generated columns,
    masks, row filters and monitors, and queries that were run. Definitions are parsed. Ends with 1 if
    something breaks.
    """
    from lakestead.cli.govern.impact import impact as command

    command(name, days, governance, workspace, as_json=as_json)
