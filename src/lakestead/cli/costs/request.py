"""What the options of a command ask for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lakestead.cli.costs.options import days
from lakestead.costs import Period
from lakestead.costs.declared import Attribution, Prices, read_attribution, read_prices


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for.

    Args:
        workspaces: profiles; None for those of the governance file, or the usual workspace.
        catalog: of the system tables.
        period: what counts.
        attribution: which tags say whose a cost is.
        prices: what the lists of prices do not have.
        governance: the file of declarations.
    """

    workspaces: list[str] | None
    catalog: str
    period: Period
    attribution: Attribution
    prices: Prices
    governance: Path


def asked(
    workspaces: list[str] | None, catalog: str, since: str | None, until: str | None, governance: Path
) -> Request:
    """Return what options ask for.

    Raises:
        ConfigError: a day is none, or the file of declarations is wrong or not there.
    """
    attribution, prices = read_attribution(governance), read_prices(governance)
    return Request(workspaces, catalog, Period(*days(since, until)), attribution, prices, governance)
