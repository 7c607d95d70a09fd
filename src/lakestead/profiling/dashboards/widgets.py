"""Widgets of Lakeview dashboards, in Databricks' format (`*.lvdash.json`).

The versions are those that Databricks writes: 3 of charts, 2 of counters and filters, 1 of tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

Json = dict[str, Any]
Scale = Literal["temporal", "categorical", "quantitative"]
# Charts are only recognised by Databricks with this name of their query.
_QUERY = "main_query"


class Field(NamedTuple):
    """What a widget shows.

    Attributes:
        expression: SQL over the dataset's columns.
        title: what it is called.
        scale: how it is drawn.
        decimals: of numbers; None leaves them as they are.
        percent: whether it is a share, shown in percent.
    """

    expression: str
    title: str
    scale: Scale = "quantitative"
    decimals: int | None = None
    percent: bool = False

    @property
    def number_format(self) -> Json:
        """How a number is written."""
        places: Json = (
            {"type": "max", "places": self.decimals} if self.decimals is not None else {"type": "all"}
        )
        kind = "number-percent" if self.percent else "number-plain"
        return {"type": kind, "abbreviation": "none", "decimalPlaces": places}


def column(name: str, title: str, scale: Scale = "categorical", decimals: int | None = None) -> Field:
    """Return a field that is a column."""
    return Field(f"`{name}`", title, scale, decimals)


def counter(name: str, dataset: str, title: str, field: Field) -> Json:
    """Return one large number."""
    value = {"fieldName": field.title, "displayName": field.title, "format": field.number_format}
    return _widget(name, dataset, [field], 2, "counter", {"value": value}, title)


def chart(
    kind: Literal["line", "bar", "area"],
    name: str,
    dataset: str,
    title: str,
    fields: tuple[Field, Field, Field],
    condition: str = "",
) -> Json:
    """Return a chart of x, y and colour; of the rows that meet a condition, if there is one."""
    x, y, color = fields
    encodings = {"x": _axis(x), "y": _axis(y), "color": _axis(color)}
    made = _widget(name, dataset, fields, 3, kind, encodings, title)
    if condition:
        made["queries"][0]["query"]["filters"] = [{"expression": condition}]
    return made


def heatmap(name: str, dataset: str, title: str, fields: tuple[Field, Field, Field]) -> Json:
    """Return a grid of x and y, in which colour tells the third field."""
    x, y, color = fields
    ramp = {"type": "quantitative", "colorRamp": {"mode": "scheme", "scheme": "orangered"}}
    encodings = {"x": _axis(x), "y": _axis(y), "color": {**_axis(color), "scale": ramp}}
    return _widget(name, dataset, fields, 3, "heatmap", encodings, title)


def table(name: str, dataset: str, title: str, fields: Sequence[Field]) -> Json:
    """Return a table of rows as they are in the dataset."""
    columns = [_table_column(field, order) for order, field in enumerate(fields)]
    made = _widget(name, dataset, fields, 1, "table", {"columns": columns}, title)
    made["queries"][0]["query"]["disaggregated"] = True
    return made


def values_filter(name: str, title: str, field: str, datasets: Sequence[str]) -> Json:
    """Return a choice of some values of a column, in all datasets that have it."""
    queries = [
        {"name": f"{name}_{dataset}", "query": _query(dataset, [Field(f"`{field}`", field)])}
        for dataset in datasets
    ]
    fields = [{"fieldName": field, "displayName": title, "queryName": query["name"]} for query in queries]
    return _filter(name, title, "filter-multi-select", queries, fields)


def dates_filter(name: str, title: str, field: str, datasets: Sequence[str]) -> Json:
    """Return a choice of a range of days, in all datasets that have the column."""
    made = values_filter(name, title, field, datasets)
    made["spec"]["widgetType"] = "filter-date-range-picker"
    return made


def parameter_filter(name: str, title: str, field: str, parameter: str, datasets: Sequence[str]) -> Json:
    """Return a choice of a parameter's value, among those that a column of the first dataset has."""
    choices = f"{name}_choices"
    queries: list[Json] = [{"name": choices, "query": _query(datasets[0], [Field(f"`{field}`", field)])}]
    fields: list[Json] = [{"fieldName": field, "displayName": title, "queryName": choices}]
    for dataset in datasets[1:]:
        query = {"datasetName": dataset, "parameters": [{"name": parameter, "keyword": parameter}]}
        queries.append({"name": f"{name}_{dataset}", "query": {**query, "disaggregated": False}})
        fields.append({"parameterName": parameter, "queryName": f"{name}_{dataset}"})
    return _filter(name, title, "filter-single-select", queries, fields)


def text(name: str, *lines: str) -> Json:
    """Return text in Markdown."""
    return {"name": name, "multilineTextboxSpec": {"lines": list(lines)}}


def _widget(
    name: str,
    dataset: str,
    fields: Sequence[Field],
    version: int,
    kind: str,
    encodings: Mapping[str, Any],
    title: str,
) -> Json:
    return {
        "name": name,
        "queries": [{"name": _QUERY, "query": _query(dataset, fields)}],
        "spec": {
            "version": version,
            "widgetType": kind,
            "encodings": dict(encodings),
            "frame": {"showTitle": True, "title": title},
        },
    }


def _filter(name: str, title: str, kind: str, queries: Sequence[Json], fields: Sequence[Json]) -> Json:
    spec = {
        "version": 2,
        "widgetType": kind,
        "encodings": {"fields": list(fields)},
        "frame": {"showTitle": True, "title": title},
    }
    return {"name": name, "queries": list(queries), "spec": spec}


def _query(dataset: str, fields: Sequence[Field]) -> Json:
    return {
        "datasetName": dataset,
        "fields": [{"name": field.title, "expression": field.expression} for field in fields],
        "disaggregated": False,
    }


def _axis(field: Field) -> Json:
    axis: Json = {"fieldName": field.title, "displayName": field.title, "scale": {"type": field.scale}}
    return {**axis, "format": field.number_format} if field.scale == "quantitative" else axis


def _table_column(field: Field, order: int) -> Json:
    kinds = {"temporal": ("datetime", "datetime"), "quantitative": ("float", "number")}
    kind, shown = kinds.get(field.scale, ("string", "string"))
    described: Json = {
        "fieldName": field.title,
        "displayName": field.title,
        "title": field.title,
        "type": kind,
        "displayAs": shown,
        "order": order,
        "visible": True,
        "alignContent": "right" if shown == "number" else "left",
    }
    if shown == "number":
        places = "" if not field.decimals else "." + "0" * field.decimals
        described["numberFormat"] = f"0,0{places}" + ("%" if field.percent else "")
    return described
