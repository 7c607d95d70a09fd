from __future__ import annotations

import re

import pytest
import requests
from playwright.sync_api import Browser, expect

from lakestead.testing import Workspace
from tests.functional.workspace.ui.conftest import NAME, Orders

REFUSED, HIDDEN, UNKNOWN = 403, 404, 401


def test_a_token_is_pasted_and_the_link_is_good_once(
    browser: Browser, workspace_session: Workspace, orders: Orders
) -> None:
    link = workspace_session.sign_in_link()
    with browser.new_context() as context:
        shown = context.new_page()
        shown.goto(orders.url)
        shown.get_by_label("Access token").fill("dapi-nobody's")
        shown.get_by_role("button", name="Sign in").click()
        expect(shown.get_by_role("alert")).to_contain_text("not valid")
        shown.goto(orders.url)
        shown.get_by_label("Access token").fill(workspace_session.token)
        shown.get_by_role("button", name="Sign in").click()
        # Back where it began.
        expect(shown.get_by_role("heading", name=NAME)).to_be_visible()
        shown.get_by_role("button", name="Sign out").click()
        expect(shown.get_by_role("heading", name="Sign in")).to_be_visible()
        shown.goto(link)
        shown.wait_for_url(f"{workspace_session.host}/")
    with browser.new_context() as context:
        shown = context.new_page()
        shown.goto(link)
        expect(shown.get_by_role("heading", name="Sign in")).to_be_visible()


class Visitor:
    """Somebody's browser, as far as requests go."""

    def __init__(self, workspace: Workspace, token: str) -> None:
        self.host = workspace.host
        self.session = requests.Session()
        self.session.headers["Origin"] = workspace.host
        self.answer = self.session.post(f"{self.host}/login", {"token": token}, allow_redirects=False)

    def get(self, path: str) -> int:
        return self.session.get(self.host + path).status_code

    def ask(self, dashboard: str, view: str, **more: str) -> requests.Response:
        question = {"view": view, "page": "overview", "widget": "total", "query": "main_query"}
        return self.session.post(f"{self.host}/dashboards/{dashboard}/data", json=question, **more)


def test_the_cookie_is_for_pages_of_the_workspace_alone(workspace_session: Workspace, orders: Orders) -> None:
    admin = Visitor(workspace_session, workspace_session.token)
    cookie = admin.answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert workspace_session.token not in cookie
    assert admin.ask(orders.id, "draft").json()["rows"] == [["720.0"]]
    for origin in ("http://elsewhere.example", "null", ""):
        admin.session.headers["Origin"] = origin
        assert admin.ask(orders.id, "draft").status_code == REFUSED
        assert admin.session.post(f"{admin.host}/login", {"token": "x"}).status_code == REFUSED
    # It opens pages, not the API; and one that was changed opens nothing.
    assert admin.get("/api/2.0/lakeview/dashboards") == UNKNOWN
    (name, value) = next(iter(admin.session.cookies.items()))
    for changed in (value[:-1], value.replace(".", "0.", 1), "..", ""):
        assert requests.get(f"{admin.host}/", cookies={name: changed}).status_code == UNKNOWN
    page = admin.session.get(orders.url)
    policy = page.headers["content-security-policy"]
    assert re.search(r"script-src 'self'(;|$)", policy)
    assert "FROM" not in page.text, "the dashboard's SQL is not in its page"


def test_whose_privileges_a_published_dashboard_has(workspace_session: Workspace, orders: Orders) -> None:
    w = workspace_session.client()
    guest = w.service_principals.create(display_name="guest")
    token = w.token_management.create_obo_token(guest.application_id or "").token_value or ""
    visitor = Visitor(workspace_session, token)
    try:
        assert visitor.get(f"/dashboards/{orders.id}") == HIDDEN
        w.lakeview.publish(orders.id, embed_credentials=True)
        assert visitor.get(f"/sql/dashboardsv3/{orders.id}/published") == requests.codes.ok
        assert visitor.ask(orders.id, "published").json()["rows"] == [["720.0"]]
        assert visitor.ask(orders.id, "draft").status_code == REFUSED
        w.lakeview.publish(orders.id, embed_credentials=False)
        own = visitor.ask(orders.id, "published")
        assert own.status_code == REFUSED, own.text
        w.service_principals.delete(guest.id or "")
        assert visitor.get("/") == UNKNOWN
    finally:
        w.lakeview.unpublish(orders.id)


@pytest.mark.parametrize("path", ["/dashboards/nothing", "/dashboards/nothing/published", "/nothing"])
def test_what_is_not_there_is_said(workspace_session: Workspace, path: str) -> None:
    assert Visitor(workspace_session, workspace_session.token).get(path) == HIDDEN
