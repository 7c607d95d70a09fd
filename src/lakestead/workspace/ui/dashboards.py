"""The pages of dashboards."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from lakestead.workspace.access import Access
from lakestead.workspace.assets import rights
from lakestead.workspace.dashboards import service
from lakestead.workspace.dashboards.data import Source, defaults
from lakestead.workspace.dashboards.definition import parse
from lakestead.workspace.dashboards.queries import Chosen
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import Body, Call
from lakestead.workspace.store.dashboards import Dashboard, PublishedDashboard
from lakestead.workspace.ui.pages import page

Json = dict[str, Any]
View = Literal["draft", "published"]


class ChosenBody(Body):
    """What a filter selects: values, or a range of days."""

    values: tuple[str | None, ...] | None = None
    since: str | None = None
    until: str | None = None


class Ask(Body):
    """A query of a widget, and what the filters select."""

    view: View
    page: str
    widget: str
    query: str
    filters: dict[str, ChosenBody] = Field(default_factory=dict)


def sees(call: Call, tx: Session) -> Iterable[Access]:
    """Access rule: who may edit a dashboard sees its draft, everybody what is published of it."""
    dashboard = service.find(tx, call.path["dashboard_id"])
    if not rights.manages(call.principal, dashboard):
        service.published(tx, dashboard.id)
    return ()


def show(call: Call) -> Response:
    """GET a dashboard: its draft for who may edit it, for others what is published."""
    with call.workspace.store.read() as tx:
        draft = service.find(tx, call.path["dashboard_id"])
        return _page(call, tx, draft if rights.manages(call.principal, draft) else None)


def show_published(call: Call) -> Response:
    """GET what is published of a dashboard."""
    with call.workspace.store.read() as tx:
        return _page(call, tx, None)


def _page(call: Call, tx: Session, draft: Dashboard | None) -> Response:
    dashboard_id = call.path["dashboard_id"]
    published = tx.get(PublishedDashboard, dashboard_id)
    shown = draft or service.published(tx, dashboard_id)
    view: View = "published" if draft is None else "draft"
    definition, _ = parse(shown.serialized)
    content = {
        "id": dashboard_id,
        "view": view,
        # What the queries are is nobody's business who only looks.
        "pages": json.loads(shown.serialized).get("pages", []),
        "defaults": defaults(definition) if definition is not None else {},
    }
    return page(
        "dashboard",
        {
            "title": shown.display_name,
            "view": view,
            "other": _other(call, tx, view, published),
            "principal": call.principal.name,
            "content": content,
        },
    )


def _other(call: Call, tx: Session, view: View, published: PublishedDashboard | None) -> str:
    """Return the path of the other of draft and published, if there is one that the principal may see."""
    dashboard_id = call.path["dashboard_id"]
    if view == "draft":
        return f"/dashboards/{dashboard_id}/published" if published is not None else ""
    edits = rights.manages(call.principal, service.find(tx, dashboard_id))
    return f"/dashboards/{dashboard_id}" if edits else ""


def data(call: Call) -> Json:
    """POST a question of a widget; its rows are the answer."""
    asked = call.parse(Ask)
    with call.workspace.store.read() as tx:
        source = _source(call, tx, asked.view)
    chosen = {name: Chosen(one.values, one.since, one.until) for name, one in asked.filters.items()}
    return source.rows(call.workspace.asking, asked.page, asked.widget, asked.query, chosen)


def _source(call: Call, tx: Session, view: View) -> Source:
    dashboard_id = call.path["dashboard_id"]
    shown: Dashboard | PublishedDashboard
    principal = call.principal.name
    if view == "draft":
        service.check(tx, call.principal, dashboard_id)
        shown = service.find(tx, dashboard_id)
    else:
        shown = service.published(tx, dashboard_id)
        principal = shown.publisher if shown.embed_credentials else principal
    definition, problems = parse(shown.serialized)
    if definition is None:
        raise ApiError(ErrorCode.INVALID_STATE, f"The dashboard cannot be read: {problems[0]}")
    return Source(
        definition,
        principal,
        shown.warehouse_id or call.workspace.default_warehouse_id,
        shown.dataset_catalog,
        shown.dataset_schema,
    )


def redirect(call: Call) -> Response:
    """GET a dashboard by a path that it has on Databricks."""
    suffix = "/published" if call.request.url.path.endswith("/published") else ""
    return RedirectResponse(f"/dashboards/{call.path['dashboard_id']}{suffix}")
