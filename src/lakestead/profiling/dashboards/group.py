"""The dashboard of one monitor group."""

from __future__ import annotations

from typing import Any

from lakestead.core.names import quote_string
from lakestead.profiling.config import Alerting
from lakestead.profiling.dashboards import datasets
from lakestead.profiling.dashboards.layout import page, serialized
from lakestead.profiling.dashboards.widgets import (
    Field,
    chart,
    column,
    counter,
    dates_filter,
    heatmap,
    parameter_filter,
    table,
    text,
    values_filter,
)
from lakestead.profiling.findings import Finding
from lakestead.profiling.views import GroupViews

Json = dict[str, Any]
WINDOW = column("window_start", "Window", "temporal")
_OF_COLUMNS = "`column_name` <> ':table'"


def group_dashboard(views: GroupViews, alerting: Alerting) -> str:
    """Return the dashboard of a group, serialized.

    Args:
        views: of the group.
        alerting: the limits that findings break.
    """
    drift, models = datasets.drifts([views], alerting), datasets.models([views], alerting)
    sources = [
        datasets.findings([views], alerting),
        datasets.tables([views]),
        datasets.slices([views]),
        datasets.columns([views]),
    ]
    if drift is not None:
        sources += [drift, datasets.moved(views, alerting)]
    pages = [_overview(views.group, alerting, drifts=drift is not None), _quality()]
    if drift is not None:
        pages.insert(1, _why())
    if models is not None:
        sources.append(models)
        pages.append(_performance())
    return serialized(sources, pages)


def counters() -> list[tuple[int, Json]]:
    """Return the numbers at the top: what there is, and what is wrong."""
    drifting = "COUNT(DISTINCT IF(`kind` = 'drift', `source_table_name` || `column_name`, NULL))"
    shown = [
        counter("count_tables", "tables", "Tables", Field("COUNT(*)", "tables")),
        counter("count_rows", "tables", "Rows, newest", Field("SUM(`row_count`)", "rows")),
        counter("count_drift", "findings", "Columns that drift", Field(drifting, "columns")),
        counter("count_nulls", "findings", "Too many nulls", _number(Finding.NULLS)),
        counter("count_late", "findings", "Few rows or late", _number(Finding.ROWS, Finding.FRESHNESS)),
        counter("count_models", "findings", "Models got worse", _number(Finding.PERFORMANCE)),
    ]
    return [(1, one) for one in shown]


def _number(*kinds: Finding) -> Field:
    return Field(f"COUNT_IF(`kind` IN ({', '.join(map(quote_string, kinds))}))", "findings")


def findings_table(*first: Field) -> Json:
    """Return the findings as sentences."""
    fields = [*first, column("kind", "Kind"), column("finding", "Finding")]
    return table("findings_table", "findings", "What is wrong in the newest windows", fields)


def _overview(group: str, alerting: Alerting, *, drifts: bool) -> Json:
    limit = alerting.effect_sizes.ks_statistic
    how = (
        f"Drift is from 0 to 1: the Jensen-Shannon distance of categories, which counts from"
        f" {alerting.drift_threshold:g}, and the Kolmogorov-Smirnov statistic of numbers, from {limit:g}."
        f" Windows of fewer than {alerting.minimum_count} values raise nothing."
    )
    rows: list[tuple[int, list[tuple[int, Json]]]] = [
        (2, [(6, text("title", f"# {_escaped(group)}\n", "\n", how))]),
        (2, counters()),
        (6, [(6, findings_table())]),
    ]
    if drifts:
        series = column("series", "Table · column")
        score = Field("MAX(`value`)", "Drift", decimals=3)
        rows += [
            (2, _filters("overview", "drift")),
            (9, [(6, heatmap("drift_map", "drift", "Drift by column and window", (WINDOW, series, score)))]),
            (6, [(6, chart("line", "drift_lines", "drift", "Drift over time", (WINDOW, score, series)))]),
        ]
    return page("overview", "Overview", rows)


def _why() -> Json:
    fields = [
        column("series", "Column · table"),
        WINDOW,
        column("what", "Value or quantile"),
        column("earlier", "Before"),
        column("now", "Now"),
        column("change", "Change", "quantitative", 4),
    ]
    how = (
        "What moved when each column drifted the last time: shares of categories, or deciles of numbers."
        " `lakestead profile explain TABLE` tells which slices carry it, too."
    )
    return page(
        "why",
        "Why",
        [
            (1, [(6, text("why_text", how))]),
            (2, [(6, values_filter("why_series", "Column", "series", ["moves"]))]),
            (12, [(6, table("why_table", "moves", "What moved", fields))]),
        ],
    )


def _quality() -> Json:
    series, whole = column("series", "Table · column"), column("source_table_name", "Table")
    count = Field("MAX(IF(`column_name` = ':table', `row_count`, NULL))", "Rows")
    nulls = Field("MAX(`null_rate`)", "Nulls", decimals=1, percent=True)
    distinct = Field("MAX(`distinct_count`)", "Distinct values")
    average = Field("MAX(`avg`)", "Average", decimals=3)
    lines = [
        chart("line", "rows_lines", "quality", "Rows", (WINDOW, count, whole)),
        chart("line", "null_lines", "quality", "Nulls", (WINDOW, nulls, series), _OF_COLUMNS),
        chart(
            "line", "distinct_lines", "quality", "Distinct values", (WINDOW, distinct, series), _OF_COLUMNS
        ),
        chart("line", "average_lines", "quality", "Averages", (WINDOW, average, series), "`avg` IS NOT NULL"),
    ]
    rows = [(6, [(6, lines[0])]), (6, [(6, lines[1])]), (6, [(3, lines[2]), (3, lines[3])])]
    return page("quality", "Quality", [(2, _filters("quality", "quality")), *rows])


def _performance() -> Json:
    model, metric = column("model", "Model"), column("metric", "Measure")
    value = Field("MAX(`value`)", "Value", decimals=4)
    fall = Field("MAX(`fall`)", "Worse than before", decimals=1, percent=True)
    shown = [
        model,
        metric,
        WINDOW,
        column("value", "Value", "quantitative", 4),
        column("reference", "First or previous", "quantitative", 4),
        column("row_count", "Rows", "quantitative"),
    ]
    return page(
        "models",
        "Models",
        [
            (
                2,
                [
                    (3, values_filter("models_table", "Model", "model", ["models"])),
                    (3, values_filter("models_metric", "Measure", "metric", ["models"])),
                ],
            ),
            (7, [(6, chart("line", "model_lines", "models", "Quality over time", (WINDOW, value, metric)))]),
            (6, [(6, heatmap("model_falls", "models", "Where quality fell", (WINDOW, metric, fall)))]),
            (7, [(6, table("model_table", "models", "All windows", shown))]),
        ],
    )


def _filters(on: str, source: str) -> list[tuple[int, Json]]:
    return [
        (2, values_filter(f"{on}_table", "Table", "source_table_name", [source])),
        (1, values_filter(f"{on}_column", "Column", "column_name", [source])),
        (1, parameter_filter(f"{on}_slice", "Slice", "slice", "slice", ["slices", source])),
        (2, dates_filter(f"{on}_window", "Window", "window_start", [source])),
    ]


def _escaped(name: str) -> str:
    """A group's name is no Markdown."""
    return "".join(f"\\{one}" if one in "\\`*_{}[]<>()#+-.!|" else one for one in name)
