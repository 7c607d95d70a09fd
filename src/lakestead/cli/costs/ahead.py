"""The commands of `lakestead costs` about budgets, the future and savings: their options and their help."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lakestead.cli.costs.options import (
    GOVERNANCE,
    CatalogOption,
    GovernanceOption,
    SinceOption,
    UntilOption,
    WorkspaceOption,
)
from lakestead.cli.options import JsonOption

if TYPE_CHECKING:
    from lakestead.cli.costs.request import Request

app = typer.Typer()

_HISTORY_DAYS = 120

TeamOption = Annotated[str | None, typer.Option(help="Only what tags say is this team's.")]
WarehouseOption = Annotated[str | None, typer.Option(help="Only this SQL warehouse, by its id.")]
HistoryOption = Annotated[
    str | None, typer.Option("--since", help="The first day that is looked at; 120 days ago if not given.")
]


class Until(StrEnum):
    """Up to when a forecast goes: `lakestead.costs.budgets.Length`, without its imports."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


@app.command(epilog="Example: lakestead costs budgets --governance governance.yaml")
def budgets(
    workspace: WorkspaceOption = None,
    catalog: CatalogOption = "system",
    governance: GovernanceOption = GOVERNANCE,
    as_json: JsonOption = False,
) -> None:
    """Show how far budgets are used; ends with 1 if one is over.

    Usage records of the period count, and an estimate of what has run since the newest of them.
    """
    from lakestead.cli.costs.budgets import budgets as command

    command(workspace, catalog, governance, as_json=as_json)


@app.command(
    epilog="Examples: lakestead costs forecast · lakestead costs forecast --end quarter --team analytics"
)
def forecast(
    end: Annotated[Until, typer.Option(help="Up to the end of this.")] = Until.MONTH,
    team: TeamOption = None,
    warehouse: WarehouseOption = None,
    since: HistoryOption = None,
    workspace: WorkspaceOption = None,
    catalog: CatalogOption = "system",
    governance: GovernanceOption = GOVERNANCE,
    as_json: JsonOption = False,
) -> None:
    """Show what the coming days will cost, with an interval, and how wrong such forecasts were.

    It takes the costs of four weeks at least.
    """
    from lakestead.cli.costs.forecast import forecast as command

    command(_history(workspace, catalog, since, governance), end.value, team, warehouse, as_json=as_json)


@app.command(epilog="Example: lakestead costs anomalies --since 2026-01-01")
def anomalies(
    since: HistoryOption = None,
    workspace: WorkspaceOption = None,
    catalog: CatalogOption = "system",
    governance: GovernanceOption = GOVERNANCE,
    as_json: JsonOption = False,
) -> None:
    """Show the days that cost more than they should have, and where.

    It takes the costs of four weeks at least.
    """
    from lakestead.cli.costs.forecast import anomalies as command

    command(_history(workspace, catalog, since, governance), as_json=as_json)


@app.command(epilog="Example: lakestead costs recommend --since 2026-01-01 --until 2026-02-01")
def recommend(
    since: SinceOption = None,
    until: UntilOption = None,
    workspace: WorkspaceOption = None,
    catalog: CatalogOption = "system",
    governance: GovernanceOption = GOVERNANCE,
    as_json: JsonOption = False,
) -> None:
    """Show what could be saved, with the money and what shows it. No money is counted twice."""
    from lakestead.cli.costs.recommend import recommend as command
    from lakestead.cli.costs.request import asked

    command(asked(workspace, catalog, since, until, governance), as_json=as_json)


def _history(workspaces: list[str] | None, catalog: str, since: str | None, governance: Path) -> Request:
    from lakestead.cli.costs.request import asked

    start = since or str(dt.datetime.now(dt.UTC).date() - dt.timedelta(days=_HISTORY_DAYS))
    return asked(workspaces, catalog, start, None, governance)
