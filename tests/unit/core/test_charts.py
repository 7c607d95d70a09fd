"""Charts in pages."""

from __future__ import annotations

import json
from html.parser import HTMLParser

from lakestead.core.charts import Chart, script, scripts


class Elements(HTMLParser):
    """Collects elements and their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_a_chart_holds_its_option_whatever_is_in_it() -> None:
    option = {"title": {"text": "</script><b>\"'&"}, "series": [{"data": [1, None, 2.5]}]}
    page = Elements()
    page.feed(Chart("drift <of> it", option).html())
    ((tag, attributes),) = page.found
    assert (tag, attributes["aria-label"]) == ("div", "drift <of> it")
    assert json.loads(attributes["data-option"] or "") == option


def test_the_library_comes_along() -> None:
    assert "echarts" in script()[:2000]
    page = Elements()
    page.feed(scripts())
    assert page.found == [("script", {}), ("script", {})]
