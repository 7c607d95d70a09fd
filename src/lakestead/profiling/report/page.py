"""The report as a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from lakestead.core.charts import Chart, scripts
from lakestead.core.errors import MissingExtra
from lakestead.profiling.findings import Finding
from lakestead.profiling.report.charts import drift_map, over_time, shift, short
from lakestead.profiling.report.contents import Contents

_LINES = 12
"""Lines of one chart."""


def page(contents: Contents) -> str:
    """Return the report: one HTML text with everything in it.

    Args:
        contents: what it tells.

    Raises:
        MissingExtra: jinja2 is not installed.
    """
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ModuleNotFoundError as error:
        raise MissingExtra("The report", "profiling") from error
    loader = PackageLoader("lakestead.profiling.report", "")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    return environment.get_template("page.html").render(
        contents=contents,
        config=contents.config,
        cards=_cards(contents),
        tables=_tables(contents),
        drift=_drift(contents),
        explained=[(one, shift(one)) for one in contents.explanations],
        charts=_charts(contents),
        scripts=scripts(),
        short=short,
    )


def _cards(contents: Contents) -> dict[str, str]:
    drifting = {(row["source_table_name"], row["column_name"]) for row in _drifting(contents)}
    others = sum(map(len, contents.findings.values())) - len(_drifting(contents))
    active = sum(one.status == "ACTIVE" for one in contents.statuses)
    cards = {
        "monitors active": f"{active} of {len(contents.targets)}",
        "of the catalog is monitored": f"{contents.coverage.share:.0%}",
        "columns drift": str(len(drifting)),
        "other findings": str(others),
    }
    rates = [row["pass_rate"] for row in contents.checks if row["pass_rate"] is not None]
    if rates:
        passed = sum(row["passed"] for row in contents.checks)
        cards["row checks passed"] = f"{passed} of {len(contents.checks)}"
    return cards


def _drifting(contents: Contents) -> list[dict[str, Any]]:
    return contents.findings[Finding.DRIFT]


def _tables(contents: Contents) -> list[dict[str, Any]]:
    """Return a row for each monitored table; those with findings come first."""
    counts = Counter(row["source_table_name"] for rows in contents.findings.values() for row in rows)
    newest = {row["source_table_name"]: row for row in contents.tables if row["age"] == 1}
    shown = [
        {
            "target": target,
            "status": status,
            "findings": counts[target.full_name],
            "newest": newest.get(target.full_name),
        }
        for target, status in zip(contents.targets, contents.statuses, strict=True)
    ]
    return sorted(shown, key=lambda one: (-one["findings"], one["target"].priority, one["target"].full_name))


def _drift(contents: Contents) -> Chart | None:
    limits = contents.config.alerting
    limit = min(limits.drift_threshold, limits.effect_sizes.ks_statistic)
    return drift_map(contents.drift, limit) if contents.drift else None


def _charts(contents: Contents) -> list[Chart]:
    """Return what is drawn over time, of the tables with the most findings."""
    first = [row["target"].full_name for row in _tables(contents)[:_LINES]]
    rows = [
        {**row, "name": short(row["source_table_name"])}
        for row in contents.tables
        if row["source_table_name"] in first
    ]
    charts = []
    several = Counter(row["name"] for row in rows)
    rows = [row for row in rows if several[row["name"]] > 1]
    if rows:
        charts.append(over_time("Rows of a window", rows, "name", "row_count"))
        charts.append(over_time("Nulls of the worst column", rows, "name", "null_rate", percent=True))
    return charts + _model_charts(contents.models)


def _model_charts(rows: Sequence[dict[str, Any]]) -> list[Chart]:
    measures = sorted({row["metric"] for row in rows})
    named = [{**row, "name": short(row["source_table_name"]) + _version(row["model_id"])} for row in rows]
    return [
        over_time(
            f"Models: {measure.replace('_', ' ')}",
            [row for row in named if row["metric"] == measure],
            "name",
            "value",
        )
        for measure in measures
    ]


def _version(model_id: str | None) -> str:
    return "" if model_id in (None, "*") else f" · {model_id}"
