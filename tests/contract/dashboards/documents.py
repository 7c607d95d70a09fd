"""Serialized dashboards for the tests, in Databricks' format."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]


def query(dataset: str, *fields: str | tuple[str, str], name: str = "main_query", **more: Any) -> Json:
    """Return a query of a widget: plain columns, or names with expressions."""
    pairs = [(one, f"`{one}`") if isinstance(one, str) else one for one in fields]
    asked = {"datasetName": dataset, "fields": [{"name": n, "expression": e} for n, e in pairs]}
    return {"name": name, "query": {**asked, "disaggregated": False, **more}}


def widget(
    name: str, kind: str, encodings: Json, *queries: Json, at: tuple[int, int, int, int], **spec: Any
) -> Json:
    """Return a widget in its place: x, y, width, height."""
    frame = {"showTitle": True, "title": spec.pop("title", name)}
    shown = {"version": 3, "widgetType": kind, "encodings": encodings, "frame": frame, **spec}
    x, y, width, height = at
    return {
        "widget": {"name": name, "queries": list(queries), "spec": shown},
        "position": {"x": x, "y": y, "width": width, "height": height},
    }


def text(name: str, *lines: str, at: tuple[int, int, int, int]) -> Json:
    """Return a text in its place."""
    x, y, width, height = at
    return {
        "widget": {"name": name, "multilineTextboxSpec": {"lines": list(lines)}},
        "position": {"x": x, "y": y, "width": width, "height": height},
    }


def dataset(name: str, *lines: str, **more: Any) -> Json:
    """Return a dataset."""
    return {"name": name, "displayName": name.title(), "queryLines": list(lines), **more}


def page(name: str, *layout: Json, **more: Any) -> Json:
    """Return a page."""
    return {"name": name, "displayName": name.title(), "layout": list(layout), **more}


def serialized(datasets: list[Json], *pages: Json) -> str:
    """Return a whole dashboard."""
    return json.dumps({"datasets": datasets, "pages": list(pages)})
