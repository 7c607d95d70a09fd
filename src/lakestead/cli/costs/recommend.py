"""`lakestead costs recommend`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table

from lakestead.cli.costs.opened import opened
from lakestead.cli.costs.request import Request
from lakestead.cli.costs.shown import amount
from lakestead.cli.output import give_json
from lakestead.costs.savings import Basis, Recommendation, Recommendations
from lakestead.costs.savings import recommend as find


def recommend(request: Request, *, as_json: bool) -> None:
    """Print what could be saved.

    Args:
        request: what is asked for.
        as_json: print JSON.
    """
    with opened(request.workspaces, request.governance) as warehouses:
        found = find(warehouses, request.period, request.catalog, request.prices)
    if as_json:
        give_json(_plain(found))
    else:
        _print(Console(highlight=False), found)


def _print(console: Console, found: Recommendations) -> None:
    currency = found.currency or ""
    if found.found:
        title = f"What could be saved, {found.period.since} to {found.period.until}"
        table = Table(title=title, title_justify="left", title_style="bold", show_lines=True)
        table.add_column(f"savings, {currency}", justify="right", no_wrap=True)
        table.add_column("what to do", overflow="fold")
        table.add_column("what shows it", overflow="fold")
        for one in found.found:
            money = amount(one.savings) if one.savings else "time"
            basis = "" if one.basis is Basis.MEASURED else f"\n[dim]{one.basis}[/dim]"
            table.add_row(money + basis, one.advice, _evidence(one))
        console.print(table)
        most = found.savings(Basis.AT_MOST)
        more = f", and at most {amount(most, currency)} more" if most else ""
        console.print(
            f"{amount(found.savings(), currency)}{more}, of {amount(found.cost, currency)} for SQL warehouses"
        )
    else:
        console.print("Nothing to save was found.")
    for text in found.unknown:
        console.print(f"not looked at: {text}", markup=False)


def _evidence(one: Recommendation) -> str:
    figures = [f"{name.replace('_', ' ')} {value}" for name, value in one.evidence.items() if name != "of"]
    groups = [
        f"{group['label']}: {group['times']} × e.g. {group['statement_id']}"
        for group in one.evidence.get("of", ())
    ]
    return "\n".join([", ".join(figures), *groups])


def _plain(found: Recommendations) -> dict[str, Any]:
    """Return recommendations for machines; money is a string, so that nothing is lost."""
    return {
        "since": str(found.period.since),
        "until": str(found.period.until),
        "currency": found.currency,
        "warehouses_cost": f"{found.cost:.6f}",
        "savings": f"{found.savings():.6f}",
        "at_most_more": f"{found.savings(Basis.AT_MOST):.6f}",
        "recommendations": [
            {
                "kind": one.kind,
                "resource": one.resource,
                "advice": one.advice,
                "savings": f"{one.savings:.6f}",
                "basis": one.basis.value,
                "evidence": _values(one.evidence),
            }
            for one in found.found
        ],
        "not_looked_at": list(found.unknown),
    }


def _values(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list):
        return [_values(one) for one in value]
    return {name: _values(one) for name, one in value.items()} if isinstance(value, dict) else value
