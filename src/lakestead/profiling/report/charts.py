"""The report's charts, as Apache ECharts draws them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from lakestead.core.charts import Chart
from lakestead.profiling.explain import Explanation

Row = Mapping[str, Any]
Json = dict[str, Any]
_BEFORE, _NOW = "#9aa7b8", "#0b7285"
_RAMP = ["#edf6f7", "#9bd0d8", "#2a8fa3", "#b5531c", "#8f1d14"]
_FONT = {"fontFamily": "system-ui, sans-serif"}


def drift_map(rows: Sequence[Row], limit: float) -> Chart:
    """Return the grid of columns and windows; colour tells how far they drifted.

    Args:
        rows: measured drift.
        limit: from which it counts: there the colours turn warm.
    """
    cells: dict[tuple[str, str], float] = {}
    for row in rows:
        place = _label(row["window_start"]), f"{row['column_name']} · {short(row['source_table_name'])}"
        cells[place] = max(cells.get(place, 0.0), row["value"])
    windows = sorted({window for window, _ in cells})
    worst = {name: max(value for (_, one), value in cells.items() if one == name) for _, name in cells}
    columns = sorted(worst, key=lambda name: (worst[name], name))
    data = [
        [windows.index(window), columns.index(name), round(value, 4)]
        for (window, name), value in cells.items()
    ]
    option = {
        "textStyle": _FONT,
        "tooltip": {"position": "top"},
        "grid": {"left": 8, "right": 16, "top": 8, "bottom": 64, "containLabel": True},
        "xAxis": {"type": "category", "data": windows, "splitArea": {"show": True}},
        "yAxis": {"type": "category", "data": columns, "axisLabel": {"width": 260, "overflow": "truncate"}},
        "visualMap": {
            "min": 0,
            "max": round(max(2 * limit, *worst.values(), 0.01), 3),
            "calculable": True,
            "orient": "horizontal",
            "left": "center",
            "bottom": 0,
            "precision": 2,
            "inRange": {"color": _RAMP},
        },
        "series": [
            {"type": "heatmap", "data": data, "itemStyle": {"borderWidth": 1, "borderColor": "#fff4"}}
        ],
    }
    return Chart("Drift of columns by window", option, height=110 + 24 * len(columns))


def over_time(title: str, rows: Sequence[Row], name: str, value: str, *, percent: bool = False) -> Chart:
    """Return lines over windows, one for each name.

    Args:
        title: what they show.
        rows: with `window_start`.
        name: the field that tells lines apart.
        value: the field that is drawn.
        percent: whether it is a share, 0 to 1.
    """
    lines: dict[str, list[tuple[str, float]]] = {}
    for row in rows:
        if row[value] is not None:
            number = row[value] * 100 if percent else row[value]
            lines.setdefault(row[name], []).append((_time(row["window_start"]), round(number, 6)))
    series = [
        {"name": line, "type": "line", "symbolSize": 5, "data": sorted(points)}
        for line, points in lines.items()
    ]
    option = {
        "textStyle": _FONT,
        "tooltip": {"trigger": "axis"},
        "legend": {"type": "scroll", "top": 0},
        "grid": {"left": 8, "right": 24, "top": 40, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "time"},
        "yAxis": {
            "type": "value",
            "scale": not percent,
            "axisLabel": {"formatter": "{value} %"} if percent else {},
        },
        "series": series,
    }
    return Chart(title, option)


def shift(explained: Explanation) -> Chart:
    """Return what moved: shares of categories, or the deciles of numbers, before and now."""
    title = f"{explained.drift.column} before and now"
    return _categories(title, explained) if explained.categories else _deciles(title, explained)


def _categories(title: str, explained: Explanation) -> Chart:
    shifts = list(reversed(explained.categories))
    option = {
        "textStyle": _FONT,
        "color": [_BEFORE, _NOW],
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0},
        "grid": {"left": 8, "right": 24, "top": 32, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "axisLabel": {"formatter": "{value} %"}},
        "yAxis": {"type": "category", "data": [one.name for one in shifts]},
        "series": [
            {"name": "before", "type": "bar", "data": [round(one.before * 100, 2) for one in shifts]},
            {"name": "now", "type": "bar", "data": [round(one.now * 100, 2) for one in shifts]},
        ],
    }
    return Chart(title, option, height=80 + 30 * len(shifts))


def _deciles(title: str, explained: Explanation) -> Chart:
    shifts = explained.deciles
    option = {
        "textStyle": _FONT,
        "color": [_BEFORE, _NOW],
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0},
        "grid": {"left": 8, "right": 24, "top": 32, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": [one.name for one in shifts]},
        "yAxis": {"type": "value", "scale": True},
        "series": [
            {"name": "before", "type": "line", "data": [one.before for one in shifts]},
            {
                "name": "now",
                "type": "line",
                "areaStyle": {"opacity": 0.08},
                "data": [one.now for one in shifts],
            },
        ],
    }
    return Chart(title, option, height=240)


def short(table: str) -> str:
    """Return a table's name without its catalog."""
    return table.partition(".")[2]


def _time(value: dt.datetime) -> str:
    return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _label(value: dt.datetime) -> str:
    return value.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M").removesuffix(" 00:00")
