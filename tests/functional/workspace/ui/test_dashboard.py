from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.functional.workspace.ui.conftest import NAME, widget_of


def test_a_dashboard_is_drawn_as_it_is_defined(opened: Page) -> None:
    assert opened.title() == f"{NAME} – lakestead"
    expect(opened.get_by_role("heading", name=NAME)).to_be_visible()
    head = widget_of(opened, "head")
    expect(head.locator("h1")).to_have_text("All <img src=x onerror=alert(1)> orders")
    expect(head.locator("strong")).to_have_text("orders")
    assert head.locator("img").count() == 0
    expect(widget_of(opened, "total").locator(".value")).to_have_text("720")
    # Bars of three regions and of none; lines of the same.
    bars = widget_of(opened, "bars").locator("svg")
    for name in ("North", "South", "West", "null"):
        expect(bars.get_by_text(name, exact=True)).to_be_visible()
    expect(widget_of(opened, "lines").locator("svg").get_by_text("South", exact=True)).to_be_visible()
    expect(widget_of(opened, "broken").get_by_role("alert")).to_contain_text("Cannot cast")


def test_filters_change_what_the_widgets_of_their_datasets_show(opened: Page) -> None:
    total, count = (widget_of(opened, name).locator(".value") for name in ("total", "count"))
    # One for all pages.
    opened.get_by_label("product", exact=True).get_by_role("combobox").select_option("Desk")
    expect(total).to_have_text("580")
    opened.get_by_label("product", exact=True).get_by_role("combobox").select_option("All")
    expect(total).to_have_text("720")
    regions = widget_of(opened, "regions")
    regions.get_by_role("button").click()
    regions.get_by_label("North").check()
    expect(total).to_have_text("320.5")
    regions.get_by_label("null").check()
    expect(total).to_have_text("331.5")
    expect(regions.get_by_role("button")).to_contain_text("North, null")
    opened.keyboard.press("Escape")
    expect(regions.get_by_role("group")).to_be_hidden()
    # The other dataset has no region, but the filter of days sets its parameter.
    expect(count).to_have_text("9")
    opened.get_by_label("when: from").fill("2024-03-30")
    expect(total).to_have_text("21")
    expect(count).to_have_text("3")
    opened.get_by_label("when: to").fill("2024-03-31")
    expect(total).to_have_text("11")
    regions.get_by_role("button").click()
    for name in ("North", "null"):
        regions.get_by_label(name).uncheck()
    opened.get_by_label("when: from").fill("")
    expect(total).to_have_text("703")


def test_a_table_sorts_by_keyboard_too_and_tabs_are_remembered(opened: Page) -> None:
    opened.get_by_role("tab", name="Overview").focus()
    opened.keyboard.press("ArrowRight")
    table = widget_of(opened, "table")
    first = table.locator("tbody tr").first
    amount = table.get_by_role("button", name="Amount")
    amount.focus()
    opened.keyboard.press("Enter")
    expect(first.locator("td")).to_have_text(["9", "2024-04-02", "Lamp", "7"])
    opened.keyboard.press("Enter")
    expect(first.locator("td").last).to_have_text("300")
    expect(table.get_by_role("columnheader", name="Amount")).to_have_attribute("aria-sort", "descending")
    # Whole numbers by their size, not as text.
    table.get_by_role("button", name="Id").click(click_count=2, delay=0)
    expect(first.locator("td").first).to_have_text("10")
    expect(table.get_by_text("<b>Rug</b>")).to_be_visible()
    opened.reload()
    expect(opened.get_by_role("tab", name="Rows")).to_have_attribute("aria-selected", "true")
    expect(widget_of(opened, "table").locator("tbody tr")).to_have_count(9)
