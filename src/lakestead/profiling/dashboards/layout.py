"""Pages, datasets and whole dashboards."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]
WIDTH = 6
"""Columns of a page's grid."""

MARK = "lakestead-"
"""What the name of the first page of our dashboards begins with; behind it is what tells them apart."""


def dataset(name: str, title: str, query: str, parameters: Sequence[Json] = ()) -> Json:
    """Return a query for widgets."""
    lines = query.splitlines(keepends=True)
    made: Json = {"name": name, "displayName": title, "queryLines": lines}
    return {**made, "parameters": list(parameters)} if parameters else made


def parameter(keyword: str, title: str, default: str) -> Json:
    """Return a text that a dataset's query has as `:keyword`."""
    values = {"dataType": "STRING", "values": [{"value": default}]}
    return {
        "displayName": title,
        "keyword": keyword,
        "dataType": "STRING",
        "defaultSelection": {"values": values},
    }


def page(name: str, title: str, rows: Sequence[tuple[int, Sequence[tuple[int, Json]]]]) -> Json:
    """Return a page.

    Args:
        name: its name.
        title: what people see.
        rows: from top to bottom, each with its height and its widgets with their widths, of 6 in all.
    """
    layout = []
    y = 0
    for height, widgets in rows:
        x = 0
        for width, widget in widgets:
            position = {"x": x, "y": y, "width": width, "height": height}
            layout.append({"widget": widget, "position": position})
            x += width
        y += height
    return {"name": name, "displayName": title, "pageType": "PAGE_TYPE_CANVAS", "layout": layout}


def serialized(datasets: Sequence[Json], pages: Sequence[Json]) -> str:
    """Return a dashboard. Its first page's name says what it is made of: see `version`."""
    content = json.dumps({"datasets": datasets, "pages": pages}, sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()[:16]
    named = [{**pages[0], "name": MARK + digest}, *pages[1:]]
    return json.dumps({"datasets": list(datasets), "pages": named})


def version(serialized_dashboard: str | None) -> str | None:
    """Return what tells our dashboards apart; None of one that is not ours.

    Databricks may write a dashboard otherwise than it was sent, so that texts cannot be compared.
    """
    pages = json.loads(serialized_dashboard or "{}").get("pages") or [{}]
    name = str(pages[0].get("name", ""))
    return name if name.startswith(MARK) else None
