"""`lakestead costs budgets`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from rich.bar import Bar
from rich.console import Console
from rich.table import Table

from lakestead.cli.costs.opened import opened
from lakestead.cli.costs.shown import amount
from lakestead.cli.exits import Exit
from lakestead.cli.output import give_json
from lakestead.core.errors import ConfigError
from lakestead.costs.budgets import Action, State, open_books, read_budgets

_WIDTH = 24
_COLORS = {None: "green", Action.REPORT: "green", Action.WARN: "yellow", Action.BLOCK: "red"}


def budgets(workspaces: list[str] | None, catalog: str, governance: Path, *, as_json: bool) -> None:
    """Print how far budgets are used; end with `Exit.FAILED` if one is over.

    Args:
        workspaces: profiles; None for the usual workspace.
        catalog: of the system tables.
        governance: declares the budgets.
        as_json: print JSON.

    Raises:
        ConfigError: no budgets are declared, or wrong ones.
    """
    declared = read_budgets(governance)
    if not declared:
        raise ConfigError("declares no budgets; add some under `budgets:`", where=str(governance))
    with opened(workspaces, governance) as warehouses:
        states = open_books(warehouses, governance, catalog).states(declared)
    states.sort(key=lambda state: state.share, reverse=True)
    if as_json:
        give_json({"budgets": [_plain(state) for state in states]})
    else:
        _print(Console(highlight=False), states)
    if any(state.over for state in states):
        raise typer.Exit(Exit.FAILED)


def _print(console: Console, states: Sequence[State]) -> None:
    table = Table(title="Budgets", title_justify="left", title_style="bold")
    table.add_column("budget", overflow="fold")
    table.add_column("period")
    for name in ("spent", "of", "%"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", min_width=_WIDTH, max_width=_WIDTH)
    table.add_column("threshold")
    for state in states:
        reached = state.threshold
        color = _COLORS[reached.action if reached else None]
        table.add_row(
            state.budget.name,
            f"{state.budget.period} to {state.span.end.date()}",
            amount(state.spent),
            amount(state.budget.amount, state.budget.currency),
            f"{state.share:.1%}",
            Bar(1.0, 0.0, min(1.0, max(0.0, float(state.share))), width=_WIDTH, color=color),
            f"[{color}]{reached.action} at {reached.at:.0%}[/{color}]" if reached else "",
        )
    console.print(table)
    for state in states:
        for line in _remarks(state):
            console.print(f"{state.budget.name}: {line}", markup=False)


def _remarks(state: State) -> list[str]:
    remarks = []
    if state.unbilled:
        remarks.append(f"{amount(state.unbilled, state.budget.currency)} of it are estimated, not billed yet")
    if state.foreign:
        others = ", ".join(amount(money, currency) for currency, money in sorted(state.foreign.items()))
        remarks.append(f"{others} are not in it: declare exchange rates under prices.rates")
    if state.unpriced:
        remarks.append(f"{state.unpriced:,} records or statements without a price are not in it")
    return remarks


def _plain(state: State) -> dict[str, Any]:
    """Return a state for machines; money is a string, so that nothing is lost."""
    reached = state.threshold
    return {
        "name": state.budget.name,
        "scope": state.budget.scope,
        "period": state.budget.period.value,
        "since": str(state.span.start.date()),
        "until": str(state.span.end.date()),
        "spent": f"{state.spent:.6f}",
        "unbilled": f"{state.unbilled:.6f}",
        "amount": str(state.budget.amount),
        "currency": state.budget.currency,
        "share": f"{state.share:.6f}",
        "threshold": None if reached is None else {"at": str(reached.at), "action": reached.action.value},
        "over": state.over,
        "foreign": {currency: f"{money:.6f}" for currency, money in state.foreign.items()},
        "unpriced": state.unpriced,
    }
