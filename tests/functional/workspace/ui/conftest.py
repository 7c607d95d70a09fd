"""A browser, and a dashboard to look at."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from databricks.sdk.service.dashboards import Dashboard
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from lakestead.testing import Workspace
from tests.contract.dashboards.documents import dataset, page, query, serialized, text, widget

PATIENCE_MS = 10_000  # only a failure takes as long
NAME = "Orders <script>document.title='stolen'</script>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; where it is not installed these tests are left out, but never in CI."""
    program = shutil.which("chromium")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is not installed")
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


@dataclass(frozen=True)
class Orders:
    """A dashboard over a table of nine orders.

    Attributes:
        id: the dashboard's.
        schema: where the table is.
        url: its page.
    """

    id: str
    schema: str
    url: str


@pytest.fixture(scope="module")
def orders(workspace_session: Workspace) -> Iterator[Orders]:
    """The dashboard, which is a draft."""
    schema = f"main.ui_{uuid.uuid4().hex[:12]}"
    with workspace_session.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {schema}")
        cursor.execute(
            f"CREATE TABLE {schema}.orders AS SELECT * FROM VALUES "
            "(1, DATE'2024-01-05', 'North', 'Lamp', 10.5), (2, DATE'2024-01-20', 'North', 'Desk', 300.0), "
            "(3, DATE'2024-02-02', 'South', 'Lamp', 12.0), (4, DATE'2024-02-14', 'South', 'Desk', 280.0), "
            "(5, DATE'2024-03-01', 'West', 'Lamp', 9.5), (6, DATE'2024-03-09', 'West', '<b>Rug</b>', 80.0), "
            "(7, DATE'2024-03-30', NULL, 'Lamp', 11.0), (10, DATE'2024-04-01', 'North', 'Lamp', 10.0), "
            "(9, DATE'2024-04-02', 'South', 'Lamp', 7.0) AS orders(id, day, region, product, amount)"
        )
        w = workspace_session.client()
        made = w.lakeview.create(Dashboard(display_name=NAME, serialized_dashboard=_document(schema)))
        assert made.dashboard_id
        yield Orders(made.dashboard_id, schema, f"{workspace_session.host}/dashboards/{made.dashboard_id}")
        w.lakeview.trash(made.dashboard_id)
        cursor.execute(f"DROP SCHEMA {schema} CASCADE")


def _document(schema: str) -> str:
    total = ("sum(amount)", "SUM(`amount`)")
    region = {"fieldName": "region", "scale": {"type": "categorical"}}
    amount = {"fieldName": "sum(amount)", "scale": {"type": "quantitative"}}
    month = {"fieldName": "month", "scale": {"type": "temporal"}}
    by_month = ("month", 'DATE_TRUNC("MONTH", `day`)')
    days = {
        "keyword": "days",
        "dataType": "DATE",
        "complexType": "RANGE",
        "defaultSelection": {"range": {"min": {"value": "2024-01-01"}, "max": {"value": "2024-12-31"}}},
    }
    counted = f"SELECT count(*) AS n FROM {schema}.orders WHERE day BETWEEN :days.min AND :days.max"
    columns = [{"fieldName": one, "title": one.title()} for one in ("id", "day", "product", "amount")]
    bound = query("counted", name="bound", parameters=[{"name": "days", "keyword": "days"}])
    return serialized(
        [
            dataset("orders", f"SELECT * FROM {schema}.orders"),
            dataset("counted", counted, parameters=[days]),
        ],
        page(
            "overview",
            text("head", "# All <img src=x onerror=alert(1)> **orders**", at=(0, 0, 6, 1)),
            widget(
                "regions",
                "filter-multi-select",
                {"fields": [{"fieldName": "region", "queryName": "q"}]},
                query("orders", "region", name="q"),
                at=(0, 1, 2, 2),
            ),
            widget(
                "when",
                "filter-date-range-picker",
                {
                    "fields": [
                        {"fieldName": "day", "queryName": "day"},
                        {"parameterName": "days", "queryName": "bound"},
                    ]
                },
                query("orders", "day", name="day"),
                bound,
                at=(2, 1, 2, 2),
            ),
            widget("total", "counter", {"value": amount}, query("orders", total), at=(4, 1, 1, 2)),
            widget("count", "counter", {"value": {"fieldName": "n"}}, query("counted", "n"), at=(5, 1, 1, 2)),
            widget(
                "bars", "bar", {"x": region, "y": amount}, query("orders", "region", total), at=(0, 3, 3, 4)
            ),
            widget(
                "lines",
                "line",
                {"x": month, "y": amount, "color": region},
                query("orders", "region", by_month, total),
                at=(3, 3, 3, 4),
            ),
            widget(
                "broken",
                "counter",
                {"value": {"fieldName": "x"}},
                query("orders", ("x", "SUM(CAST(`product` AS INT))")),
                at=(0, 7, 3, 2),
            ),
            widget(
                "nothing",
                "pie",
                {"angle": amount, "color": region},
                query("orders", "region", total, filters=[{"expression": "`amount` < 0"}]),
                at=(3, 7, 3, 2),
            ),
        ),
        page(
            "everywhere",
            widget(
                "product",
                "filter-single-select",
                {"fields": {"fieldName": "product"}},
                query("orders", "product"),
                at=(0, 0, 1, 1),
            ),
            pageType="PAGE_TYPE_GLOBAL_FILTERS",
        ),
        page(
            "rows",
            widget(
                "table",
                "table",
                {"columns": columns},
                query("orders", "id", "day", "product", "amount", disaggregated=True),
                at=(0, 0, 6, 6),
            ),
        ),
    )


@pytest.fixture
def opened(browser: Browser, workspace_session: Workspace, orders: Orders) -> Iterator[Page]:
    """The dashboard's page, drawn; what the browser complains of fails the test."""
    complaints: list[str] = []
    with browser.new_context() as context:
        context.set_default_timeout(PATIENCE_MS)
        shown = context.new_page()
        shown.on("pageerror", lambda error: complaints.append(str(error)))
        shown.on("dialog", lambda dialog: complaints.append(dialog.message))
        shown.on(
            "console",
            lambda message: complaints.append(message.text) if "Content Security" in message.text else None,
        )
        shown.goto(workspace_session.sign_in_link())
        shown.wait_for_url(f"{workspace_session.host}/")
        shown.get_by_role("link", name=NAME).click()
        shown.wait_for_url(orders.url)
        expect(widget_of(shown, "nothing")).to_contain_text("No data")
        expect(shown.locator(".loading")).to_have_count(0)
        yield shown
    assert complaints == []


def widget_of(shown: Page, name: str) -> Locator:
    """Return a widget of the page."""
    return shown.locator(f'[data-widget="{name}"]')
