"""An audit's report as a page that needs nothing else."""

from __future__ import annotations

from html import escape
from pathlib import Path

from lakestead.govern.compliance.auditing import Checked, Report, Required
from lakestead.govern.compliance.audits import AuditStatus
from lakestead.govern.policies.findings import Finding

_MOST = 50
"""Findings of one check that the page shows; the JSON has all."""


def page(report: Report) -> str:
    """Return a report as HTML: one file, light or dark as the reader's system is, fit to print."""
    style = Path(__file__).with_name("report.css").read_text(encoding="utf-8")
    frameworks = "".join(_framework(report, name) for name in report.titles)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Compliance audit of {escape(report.workspace)}</title>
<style>
{style}</style>
</head>
<body>
<header>
<h1>Compliance audit</h1>
<p>{escape(report.workspace)} · {report.tables:,} tables · {report.time:%Y-%m-%d %H:%M} UTC</p>
</header>
<main>
{_tiles(report)}
{frameworks}
{_policies(report.findings)}
</main>
<footer>“unknown” is what cannot be seen from the workspace: it is no pass.</footer>
</body>
</html>
"""


def _tiles(report: Report) -> str:
    tiles = "".join(
        f'<a class="tile {report.status(name).value}" href="#{name}"><b>{name}</b>'
        f"<span>{_passed(report, name)} of {len(report.of(name))} pass</span></a>"
        for name in report.titles
    )
    return f'<nav class="tiles">{tiles}</nav>'


def _passed(report: Report, name: str) -> int:
    return sum(one.status is AuditStatus.PASS for one in report.of(name))


def _framework(report: Report, name: str) -> str:
    rows = "".join(_requirement(one) for one in report.of(name))
    return f"""<section id="{name}">
<h2>{name} <small>{escape(report.titles[name])}</small></h2>
<table><thead><tr><th>Requirement</th><th>Status</th><th>What was seen</th></tr></thead>
<tbody>{rows}</tbody></table>
</section>
"""


def _requirement(one: Required) -> str:
    checks = "".join(_check(check) for check in one.checks)
    return (
        f"<tr><td><b>{escape(one.id)}</b><br>{escape(one.title)}</td><td>{_badge(one.status.value)}</td>"
        f"<td>{checks}</td></tr>"
    )


def _check(check: Checked) -> str:
    result = check.result
    told = f"{_badge(result.status.value)} <b>{escape(check.title)}</b>: {escape(result.evidence)}"
    remedy = f'<p class="remedy">{escape(result.remedy)}</p>' if result.remedy else ""
    if not result.findings:
        return f'<div class="check">{told}{remedy}</div>'
    listed = "".join(f"<li>{escape(one)}</li>" for one in result.findings[:_MOST])
    more = len(result.findings) - _MOST
    listed += f"<li>and {more:,} more</li>" if more > 0 else ""
    return f'<details class="check"><summary>{told}</summary>{remedy}<ul>{listed}</ul></details>'


def _policies(findings: tuple[Finding, ...]) -> str:
    if not findings:
        return "<section><h2>Policies</h2><p>Nothing breaks the policies of governance.yaml.</p></section>"
    rows = "".join(
        f"<tr><td><b>{escape(one.policy)}</b><br>{one.mode.value}</td><td>{escape(one.resource)}</td>"
        f"<td>{escape(one.what)}</td><td><code>{escape(one.remedy)}</code></td></tr>"
        for one in findings[: _MOST * 10]
    )
    return f"""<section>
<h2>Policies <small>{len(findings):,} findings</small></h2>
<table><thead><tr><th>Policy</th><th>Table</th><th>What is wrong</th><th>What to do</th></tr></thead>
<tbody>{rows}</tbody></table>
</section>"""


def _badge(status: str) -> str:
    return f'<span class="badge {status}">{status}</span>'
