"""Options that the commands of `lakestead costs` share."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lakestead.core.errors import ConfigError

GOVERNANCE = Path("governance.yaml")


class Owner(StrEnum):
    """What tags say."""

    TEAM = "team"
    PROJECT = "project"
    COST_CENTER = "cost_center"
    ENVIRONMENT = "environment"


class What(StrEnum):
    """What a report tells apart: `lakestead.costs.By`, without its imports."""

    TEAM = "team"
    PROJECT = "project"
    COST_CENTER = "cost_center"
    ENVIRONMENT = "environment"
    WORKSPACE = "workspace"
    WAREHOUSE = "warehouse"
    PRODUCT = "product"
    SKU = "sku"
    DAY = "day"
    USER = "user"
    STATEMENT = "statement"


WorkspaceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--workspace",
        help="A profile of ~/.databrickscfg; give it again for several workspaces as one."
        " Else what DATABRICKS_* says, or the embedded workspace.",
    ),
]
CatalogOption = Annotated[
    str, typer.Option(help="The catalog of the system tables; another if you keep copies of them.")
]
SinceOption = Annotated[
    str | None, typer.Option(help="The first day, YYYY-MM-DD in UTC; 30 days ago if not given.")
]
UntilOption = Annotated[
    str | None, typer.Option(help="The first day that does not count any more; tomorrow if not given.")
]
GovernanceOption = Annotated[
    Path, typer.Option("--governance", help="Declares attribution, prices and budgets.", dir_okay=False)
]

_DAYS = 30


def days(since: str | None, until: str | None) -> tuple[dt.date, dt.date]:
    """Return the first day and the day after the last.

    Raises:
        ConfigError: one is no date, or there is no day between them.
    """
    end = _date("--until", until) or dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
    start = _date("--since", since) or end - dt.timedelta(days=_DAYS)
    if start >= end:
        raise ConfigError(f"no day lies between --since {start} and --until {end}, which does not count")
    return start, end


def _date(option: str, text: str | None) -> dt.date | None:
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{option} '{text}' is no day; write it as 2026-01-31") from None
