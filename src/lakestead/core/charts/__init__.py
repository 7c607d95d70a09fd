"""Charts in HTML pages that need no network: Apache ECharts, and what draws its charts in a page.

Apache ECharts 6.1.0 and its licences are in the folder ``echarts``; the script is as it was released.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart of a page that has :func:`scripts` at its end.

    Attributes:
        title: what it shows, for those who do not see it.
        option: what ECharts is to draw, as in its reference; plain JSON values.
        height: in pixels.
    """

    title: str
    option: Mapping[str, Any]
    height: int = 280

    def html(self) -> str:
        """Return the element that the chart is drawn in; it may stand anywhere in a page."""
        option = escape(json.dumps(self.option, ensure_ascii=False, separators=(",", ":"), allow_nan=False))
        return (
            f'<div class="chart" role="img" aria-label="{escape(self.title)}" '
            f'style="height:{self.height}px" data-option="{option}"></div>'
        )


def script() -> str:
    """Return Apache ECharts: a script that defines ``echarts``."""
    return _text("echarts/echarts.min.js")


def scripts() -> str:
    """Return the elements for the end of a page that draw its charts, in light and in dark, at any width."""
    return f"<script>{script()}</script>\n<script>{_text('draw.js')}</script>"


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
