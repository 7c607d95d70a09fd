"""`lakestead costs forecast` and `anomalies`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rich.bar import Bar
from rich.console import Console
from rich.table import Table

from lakestead.cli.costs.opened import opened
from lakestead.cli.costs.request import Request
from lakestead.cli.costs.shown import amount
from lakestead.cli.output import give_json
from lakestead.costs.anomalies import Anomaly, find_anomalies
from lakestead.costs.budgets.periods import Length, Span, span
from lakestead.costs.daily import Costs, read_costs
from lakestead.costs.forecast import Forecast
from lakestead.costs.forecast import forecast as look_ahead

_WIDTH = 40
_SHOWN_DAYS = 14  # of the past, before the future


def forecast(request: Request, end: str, team: str | None, warehouse: str | None, *, as_json: bool) -> None:
    """Print what the coming days will cost.

    Args:
        request: what is asked for.
        end: the length of the period up to whose end the forecast goes.
        team: whose costs; everybody's if None.
        warehouse: of which SQL warehouse; of everything if None.
        as_json: print JSON.

    Raises:
        SourceError: too few days are known.
    """
    costs = _read(request)
    history = costs.series(
        lambda row: (team is None or row.team == team) and (warehouse is None or row.warehouse == warehouse)
    )
    first = dt.datetime.combine(costs.period.until, dt.time(), dt.UTC)
    when = span(Length(end), first)
    found = look_ahead(history, when.end.date())
    so_far = sum((money for day, money in history.items() if day >= when.start.date()), Decimal(0))
    if as_json:
        give_json(_plain_forecast(found, when, so_far, costs.currency))
    else:
        _print_forecast(Console(highlight=False), found, when, so_far, history, costs.currency or "")


def anomalies(request: Request, *, as_json: bool) -> None:
    """Print the days that stand out.

    Args:
        request: what is asked for.
        as_json: print JSON.

    Raises:
        SourceError: too few days are known.
    """
    costs = _read(request)
    found = find_anomalies(costs)
    if as_json:
        give_json({"currency": costs.currency, "anomalies": [_plain_anomaly(one) for one in found]})
    else:
        _print_anomalies(Console(highlight=False), costs, found)


def _read(request: Request) -> Costs:
    with opened(request.workspaces, request.governance) as warehouses:
        return read_costs(warehouses, request.period, request.catalog, request.attribution, request.prices)


def _print_forecast(
    console: Console,
    found: Forecast,
    when: Span,
    so_far: Decimal,
    history: Mapping[dt.date, Decimal],
    currency: str,
) -> None:
    table = Table(title=f"Up to {when.end.date()}", title_justify="left", title_style="bold")
    table.add_column("day")
    for name in (f"cost, {currency}", "from", "to"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", min_width=_WIDTH, max_width=_WIDTH)
    past = sorted(history)[-_SHOWN_DAYS:]
    most = float(max(*(history[day] for day in past), *(day.high for day in found.days))) or 1.0
    for day in past:
        bar = Bar(most, 0.0, max(0.0, float(history[day])), width=_WIDTH, color="cyan")
        table.add_row(f"{day:%a} {day}", amount(history[day]), "", "", bar)
    table.add_section()
    for one in found.days:
        bar = Bar(most, float(one.low), max(float(one.high), float(one.low) + most / _WIDTH), width=_WIDTH)
        figures = (amount(money) for money in (one.expected, one.low, one.high))
        table.add_row(f"{one.day:%a} {one.day}", *figures, bar)
    console.print(table)
    low, high = amount(so_far + found.low), amount(so_far + found.high)
    console.print(
        f"{when.start.date()} to {when.end.date()}: {amount(so_far + found.expected, currency)}, with"
        f" a chance of {found.confidence:.0%} from {low} to {high}; so far {amount(so_far, currency)}"
    )
    console.print(_backtest(found))


def _backtest(found: Forecast) -> str:
    if found.backtest is None:
        return "How wrong such forecasts were is not known yet: it takes more history."
    error = "" if found.backtest.error is None else f" missed by {found.backtest.error:.1%} and"
    return (
        f"Forecasts of the last {found.backtest.days} days{error} held {found.backtest.coverage:.0%} of the"
        f" days in their intervals, which are made for {found.confidence:.0%}."
    )


def _print_anomalies(console: Console, costs: Costs, found: list[Anomaly]) -> None:
    if not found:
        console.print(f"No day stands out from {costs.period.since} to {costs.period.until}.")
        return
    table = Table(title="Days that stand out", title_justify="left", title_style="bold")
    table.add_column("day")
    for name in (f"cost, {costs.currency}", "expected", "too much"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("where", overflow="fold")
    for one in found:
        places = "; ".join(
            f"{place.kind} {place.name or 'none'} +{amount(place.money)}" for place in one.places
        )
        table.add_row(
            f"{one.day:%a} {one.day}", amount(one.cost), amount(one.expected), amount(one.excess), places
        )
    console.print(table)


def _plain_forecast(found: Forecast, when: Span, so_far: Decimal, currency: str | None) -> dict[str, Any]:
    backtest = found.backtest
    return {
        "currency": currency,
        "since": str(when.start.date()),
        "until": str(when.end.date()),
        "spent": f"{so_far:.6f}",
        "expected": f"{so_far + found.expected:.6f}",
        "low": f"{so_far + found.low:.6f}",
        "high": f"{so_far + found.high:.6f}",
        "confidence": str(found.confidence),
        "backtest": None
        if backtest is None
        else {
            "days": backtest.days,
            "error": None if backtest.error is None else str(backtest.error),
            "coverage": f"{backtest.coverage:.4f}",
        },
        "days": [
            {"day": str(one.day), "expected": str(one.expected), "low": str(one.low), "high": str(one.high)}
            for one in found.days
        ],
    }


def _plain_anomaly(one: Anomaly) -> dict[str, Any]:
    return {
        "day": str(one.day),
        "cost": f"{one.cost:.6f}",
        "expected": str(one.expected),
        "excess": f"{one.excess:.6f}",
        "score": str(one.score) if one.score.is_finite() else None,
        "places": [
            {"kind": place.kind, "name": place.name, "money": f"{place.money:.6f}"} for place in one.places
        ],
    }
