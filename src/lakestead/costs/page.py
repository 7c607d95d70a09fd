"""Reports as one HTML page that needs nothing else: no script, no other file."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from html import escape
from importlib.resources import files
from string import Template

from lakestead.costs.dimensions import By
from lakestead.costs.report import Report, Share

_WIDTH, _HEIGHT, _FOOT = 960, 220, 24
_GAP = 0.25  # of a day's width
_KEYS = '<p class="soft"><span class="key"></span>work<span class="key idle"></span>idle warehouses</p>'


def page(reports: Sequence[Report]) -> str:
    """Return reports of one period as a page.

    Args:
        reports: at least one; those by day are drawn as a chart.
    """
    first = reports[0]
    template = Template(files("lakestead.costs").joinpath("page.html").read_text(encoding="utf-8"))
    sections = [_days(report) if report.by is By.DAY else _table(report) for report in reports]
    if first.unpriced:
        sections.append(_unpriced(first))
    return template.substitute(
        title="What the lakehouse costs",
        subtitle=f"{first.period.since} up to {first.period.until}, UTC; in {escape(first.currency)}",
        cards="".join(_cards(first)),
        sections="\n".join(sections),
    )


def _cards(report: Report) -> list[str]:
    figures = {"cost": _money(report.cost), "at list prices": _money(report.list_cost)}
    if report.idle is not None and report.cost:
        figures["idle warehouses"] = f"{_money(report.idle)} ({report.idle / report.cost:.0%})"
    if report.by.owner and report.coverage is not None:
        figures[f"is some {_title(report.by)}'s"] = f"{report.coverage:.1%}"
    return [f'<div class="card">{escape(name)}<b>{value}</b></div>' for name, value in figures.items()]


def _table(report: Report) -> str:
    most = max((share.cost for share in report.shares), default=Decimal(0))
    rows = "".join(
        f'<tr><td>{_name(share)}</td><td class="right">{_money(share.cost)}</td>'
        f'<td class="right">{_percent(share.cost, report.cost)}</td>'
        f'<td class="right">{_money(share.idle) if share.idle else ""}</td>'
        f'<td><div class="track">{_bar(share.cost - share.idle, most)}{_bar(share.idle, most, "idle")}</div>'
        "</td></tr>"
        for share in report.shares
    )
    heads = "".join(f'<th class="right">{name}</th>' for name in ("cost", "share", "idle"))
    title = _title(report.by)
    return (
        f"<section><h2>By {title}</h2><table><thead><tr><th>{title}</th>{heads}<th></th>"
        f"</tr></thead><tbody>{rows}</tbody></table>{_KEYS}</section>"
    )


def _days(report: Report) -> str:
    """Draw a bar for each day, the idle part on top."""
    shares = sorted(report.shares, key=lambda share: share.name or "")
    most = max((share.cost for share in shares), default=Decimal(0))
    step = _WIDTH / max(1, len(shares))
    marks = []
    for number, share in enumerate(shares):
        work, idle = (_length(part, most, _HEIGHT) for part in (share.cost - share.idle, share.idle))
        x, width = number * step + step * _GAP / 2, step * (1 - _GAP)
        tip = f"<title>{escape(share.name or '')}: {_money(share.cost)}</title>"
        for height, top, kind in ((work, _HEIGHT - work, ""), (idle, _HEIGHT - work - idle, ' class="idle"')):
            marks.append(
                f'<rect{kind} x="{x:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" rx="2">'
                f"{tip}</rect>"
            )
        if number % max(1, len(shares) // 8) == 0:
            day = escape((share.name or "")[5:])
            marks.append(f'<text x="{x:.1f}" y="{_HEIGHT + 16}">{day}</text>')
    chart = f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT + _FOOT}" role="img">{"".join(marks)}</svg>'
    return f"<section><h2>By day, at most {_money(most)}</h2>{chart}{_KEYS}</section>"


def _unpriced(report: Report) -> str:
    rows = "".join(
        f'<tr><td>{escape(one.sku)}</td><td class="right">{one.quantity:,.4f} {escape(one.unit)}</td>'
        f"<td>{escape(one.reason)}</td></tr>"
        for one in report.unpriced
    )
    return f"<section><h2>Without a price, and in no sum</h2><table><tbody>{rows}</tbody></table></section>"


def _name(share: Share) -> str:
    if share.name is None:
        return '<span class="soft">nobody</span>'
    if share.label is None:
        return escape(share.name)
    return f'{escape(share.label)} <span class="soft">{escape(share.name)}</span>'


def _bar(part: Decimal, most: Decimal, kind: str = "") -> str:
    return f'<i class="{kind}" style="width:{_length(part, most, 100):.2f}%"></i>'


def _length(part: Decimal, most: Decimal, full: int) -> float:
    return max(0.0, float(part / most) * full) if most > 0 else 0.0


def _percent(part: Decimal, whole: Decimal) -> str:
    return f"{part / whole:.1%}" if whole else ""


def _money(value: Decimal) -> str:
    return f"{value:,.2f}"


def _title(by: By) -> str:
    return by.value.replace("_", " ")
