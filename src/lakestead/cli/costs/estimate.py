"""`lakestead costs estimate`."""

from __future__ import annotations

from pathlib import Path

from lakestead.cli.costs.opened import opened
from lakestead.cli.costs.shown import amount
from lakestead.cli.output import give, give_json
from lakestead.costs import DatabricksUnityCatalogPricingCalculator, Estimate
from lakestead.costs.declared import read_prices


def estimate(
    statement: str, region: str, workspace: str | None, catalog: str, governance: Path, *, as_json: bool
) -> None:
    """Print what a query would cost.

    Args:
        statement: the query.
        region: for the list price.
        workspace: a profile; None for the usual workspace.
        catalog: of the system tables.
        governance: the file of declarations.
        as_json: print JSON.
    """
    calculator = DatabricksUnityCatalogPricingCalculator(declared=read_prices(governance))
    with opened([workspace] if workspace else None, governance) as warehouses:
        found = calculator.estimate_statement(warehouses[0], statement, region=region, catalog=catalog)
    if as_json:
        give_json(
            {
                "cost": f"{found.cost:f}",
                "currency": found.currency,
                "dbus": f"{found.dbus:f}",
                "milliseconds": found.milliseconds,
                "bytes": found.size,
                "tables": list(found.tables),
                "statements": found.statements,
                "error": found.error,
                "price": f"{found.price:f}",
                "listed": found.listed,
            }
        )
        return
    give(
        f"{amount(found.cost, found.currency)} for {found.dbus:.6f} DBUs, {found.milliseconds / 1000:,.1f} s"
    )
    give(f"reads up to {found.size:,} bytes of {', '.join(found.tables) or 'no table'}")
    give(_basis(found))
    source = "public list price: the warehouse has no usage yet" if found.listed else "of its newest usage"
    give(f"a DBU is {found.price.normalize():f} {found.currency}, {source}")


def _basis(found: Estimate) -> str:
    if found.error is None:
        return "by a rule of thumb: the warehouse's history is too short to learn from"
    return (
        f"learnt from {found.statements} statements; half of the estimates for the newest of them were off by"
        f" {found.error:.0%} or less"
    )
