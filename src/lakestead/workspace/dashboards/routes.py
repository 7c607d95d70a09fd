"""Routes of the Lakeview API."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from lakestead.workspace.access import Access
from lakestead.workspace.assets import service as assets
from lakestead.workspace.dashboards import service
from lakestead.workspace.dashboards.checks import data_problems, shape_problems
from lakestead.workspace.dashboards.data import Source
from lakestead.workspace.dashboards.definition import parse
from lakestead.workspace.dashboards.requests import DashboardBody, Datasets, Listed, Publish
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import Call, Route
from lakestead.workspace.paging import page
from lakestead.workspace.store.dashboards import Dashboard, PublishedDashboard
from lakestead.workspace.warehouses.service import find as find_warehouse

Json = dict[str, Any]


def edits(call: Call, tx: Session) -> Iterable[Access]:
    """Access rule: a draft is its owner's and the administrators'."""
    service.check(tx, call.principal, call.path["dashboard_id"])
    return ()


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def summary(dashboard: Dashboard) -> Json:
    """Return a dashboard as the list shows it."""
    return {
        "dashboard_id": dashboard.id,
        "display_name": dashboard.display_name,
        "warehouse_id": dashboard.warehouse_id or "",
        "lifecycle_state": "TRASHED" if dashboard.trashed else "ACTIVE",
        "create_time": _time(dashboard.created_at),
    }


def show(tx: Session, dashboard: Dashboard) -> Json:
    """Return a dashboard as the API shows it."""
    shown = {
        **summary(dashboard),
        "update_time": _time(dashboard.updated_at),
        "etag": service.etag(dashboard),
        "serialized_dashboard": dashboard.serialized,
    }
    if not dashboard.trashed:
        asset = assets.of(tx, dashboard.id)
        shown |= {"path": asset.path, "parent_path": asset.parent_path}
    return shown


def show_published(dashboard: PublishedDashboard) -> Json:
    """Return what is published as the API shows it."""
    return {
        "display_name": dashboard.display_name,
        "embed_credentials": dashboard.embed_credentials,
        "warehouse_id": dashboard.warehouse_id or "",
        "revision_create_time": _time(dashboard.published_at),
    }


def create(call: Call) -> Json:
    """POST a dashboard."""
    asked, datasets = call.parse(DashboardBody), call.arguments(Datasets)
    _check(call, asked, datasets)
    with call.workspace.store.write() as tx:
        return show(tx, service.create(tx, call.principal, asked, datasets))


def get(call: Call) -> Json:
    """GET a draft."""
    with call.workspace.store.read() as tx:
        return show(tx, service.find(tx, call.path["dashboard_id"]))


def update(call: Call) -> Json:
    """PATCH a draft."""
    asked, datasets = call.parse(DashboardBody), call.arguments(Datasets)
    dashboard_id = call.path["dashboard_id"]
    with call.workspace.store.read() as tx:
        there = service.find(tx, dashboard_id)
    looks = Datasets(
        dataset_catalog=datasets.dataset_catalog or there.dataset_catalog,
        dataset_schema=datasets.dataset_schema or there.dataset_schema,
    )
    _check(call, asked, looks)
    with call.workspace.store.write() as tx:
        return show(tx, service.update(tx, call.principal, dashboard_id, asked, datasets))


def _check(call: Call, asked: DashboardBody, datasets: Datasets) -> None:
    """Check a dashboard that is sent, before anything is written; its queries run as who sends it.

    Raises:
        ApiError: INVALID_REQUEST with all that is wrong; NOT_FOUND of the warehouse.
    """
    workspace = call.workspace
    if asked.warehouse_id:
        with workspace.store.read() as tx:
            find_warehouse(tx, asked.warehouse_id)
    if asked.serialized_dashboard is None:
        return
    definition, problems = parse(asked.serialized_dashboard)
    if definition is not None:
        problems = list(shape_problems(definition))
    if definition is not None and not problems:
        warehouse_id = asked.warehouse_id or workspace.default_warehouse_id
        source = Source(
            definition,
            call.principal.name,
            warehouse_id,
            datasets.dataset_catalog,
            datasets.dataset_schema,
        )
        problems = list(data_problems(definition, partial(source.columns, workspace.asking)))
    if problems:
        lines = "\n".join(f"- {one}" for one in problems)
        raise ApiError(
            ErrorCode.INVALID_REQUEST, f"serialized_dashboard has {len(problems)} problem(s):\n{lines}"
        )


def list_dashboards(call: Call) -> Json:
    """GET the dashboards that one edits or that are published."""
    asked = call.arguments(Listed)
    with call.workspace.store.read() as tx:
        found = service.visible(tx, call.principal, trashed=asked.show_trashed)
        shown, token = page(found, lambda one: one.id, asked.page_size or 0, asked.page_token)
        answer: Json = {"dashboards": [summary(one) for one in shown]}
    return answer if token is None else {**answer, "next_page_token": token}


def trash(call: Call) -> None:
    """DELETE a dashboard, which stays in the trash."""
    with call.workspace.store.write() as tx:
        service.trash(tx, call.path["dashboard_id"])


def publish(call: Call) -> Json:
    """POST that a draft is published."""
    asked = call.parse(Publish)
    with call.workspace.store.write() as tx:
        if asked.warehouse_id:
            find_warehouse(tx, asked.warehouse_id)
        return show_published(service.publish(tx, call.principal, call.path["dashboard_id"], asked))


def get_published(call: Call) -> Json:
    """GET what is published of a dashboard."""
    with call.workspace.store.read() as tx:
        return show_published(service.published(tx, call.path["dashboard_id"]))


def unpublish(call: Call) -> None:
    """DELETE what is published of a dashboard."""
    with call.workspace.store.write() as tx:
        service.unpublish(tx, call.path["dashboard_id"])


_PATH = "/api/2.0/lakeview/dashboards"
_ONE = f"{_PATH}/{{dashboard_id}}"
_CLIENT = "databricks-sdk: lakeview"
ROUTES = [
    Route("POST", _PATH, create, witness=f"{_CLIENT}.create"),
    Route("GET", _PATH, list_dashboards, witness=f"{_CLIENT}.list"),
    Route("GET", _ONE, get, edits, f"{_CLIENT}.get"),
    Route("PATCH", _ONE, update, edits, f"{_CLIENT}.update"),
    Route("DELETE", _ONE, trash, edits, f"{_CLIENT}.trash", "the trash is not emptied"),
    Route("POST", f"{_ONE}/published", publish, edits, f"{_CLIENT}.publish"),
    Route("GET", f"{_ONE}/published", get_published, witness=f"{_CLIENT}.get_published"),
    Route("DELETE", f"{_ONE}/published", unpublish, edits, f"{_CLIENT}.unpublish"),
]
