"""Reports as tables with bars, and as JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rich.bar import Bar
from rich.console import Console
from rich.table import Table

from lakestead.costs import Report, Share

_WIDTH = 20
_NOBODY = "nobody"


def amount(value: Decimal, currency: str = "") -> str:
    """Return money for people: two decimals, or as many as a small amount needs to be seen."""
    places = 2 if not value or abs(value) >= Decimal("0.01") else 6
    return f"{value:,.{places}f} {currency}".rstrip()


def share_table(report: Report, title: str) -> Table:
    """Return the shares of a report, the costliest first."""
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column(report.by.value.replace("_", " "), overflow="fold", max_width=60)
    for name in (f"cost, {report.currency}", "%", "idle", "DBUs"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", min_width=_WIDTH, max_width=_WIDTH)
    most = max((share.cost for share in report.shares), default=Decimal(0))
    for share in report.shares:
        table.add_row(
            _name(share),
            amount(share.cost),
            f"{share.cost / report.cost:.1%}" if report.cost else "",
            amount(share.idle) if share.idle else "",
            f"{share.dbus:,.2f}",
            Bar(float(most) or 1.0, 0.0, max(0.0, float(share.cost)), width=_WIDTH, color="cyan"),
        )
    return table


def print_report(console: Console, report: Report) -> None:
    """Print a report."""
    console.print(
        share_table(report, f"{report.period.since} to {report.period.until}, by {report.by.value}")
    )
    currency = report.currency
    console.print(f"total {amount(report.cost, currency)}; list price {amount(report.list_cost, currency)}")
    if report.idle is not None:
        console.print(f"idle warehouses {amount(report.idle, currency)}")
    if report.by.owner and report.coverage is not None:
        console.print(f"attributed to a {report.by.value.replace('_', ' ')}: {report.coverage:.1%}")
    print_unpriced(console, report)


def print_unpriced(console: Console, report: Report) -> None:
    """Print what is in no sum."""
    if not report.unpriced:
        return
    table = Table(title="Without a price, and in no sum", title_justify="left", title_style="bold yellow")
    for name in ("SKU", "quantity", "reason"):
        table.add_column(name)
    for one in report.unpriced:
        table.add_row(one.sku, f"{one.quantity:,.4f} {one.unit}", one.reason)
    console.print(table)


def as_json(report: Report) -> dict[str, Any]:
    """Return a report for machines; money and quantities are strings, so that nothing is lost."""
    return {
        "since": str(report.period.since),
        "until": str(report.period.until),
        "by": report.by.value,
        "currency": report.currency,
        "cost": _text(report.cost),
        "list_cost": _text(report.list_cost),
        "idle": None if report.idle is None else _text(report.idle),
        "coverage": None if report.coverage is None else f"{report.coverage:.6f}",
        "shares": [
            {
                "name": share.name,
                "label": share.label,
                "cost": _text(share.cost),
                "list_cost": _text(share.list_cost),
                "idle": _text(share.idle),
                "dbus": _text(share.dbus),
            }
            for share in report.shares
        ],
        "unpriced": [
            {"sku": one.sku, "unit": one.unit, "quantity": _text(one.quantity), "reason": one.reason}
            for one in report.unpriced
        ],
    }


def _name(share: Share) -> str:
    if share.name is None:
        return f"[dim]{_NOBODY}[/dim]"
    return share.name if share.label is None else f"{share.label} [dim]{share.name}[/dim]"


def _text(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
