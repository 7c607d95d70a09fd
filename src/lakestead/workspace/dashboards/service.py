"""Dashboards: rules and records.

A draft is its owner's and the administrators'; what is published of it everybody who is signed in may see.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.workspace.assets import rights
from lakestead.workspace.assets import service as assets
from lakestead.workspace.assets.paths import home
from lakestead.workspace.assets.service import Kind
from lakestead.workspace.dashboards.requests import DashboardBody, Datasets, Publish
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.store.base import now_ms
from lakestead.workspace.store.dashboards import Dashboard, PublishedDashboard

EXTENSION = ".lvdash.json"
EMPTY = '{"pages":[{"name":"page","displayName":"Page","layout":[]}]}'


def create(tx: Session, actor: Principal, asked: DashboardBody, datasets: Datasets) -> Dashboard:
    """Make a dashboard in a folder, by default its maker's home.

    Raises:
        ApiError: NOT_FOUND of the folder; ALREADY_EXISTS; PERMISSION_DENIED; INVALID_REQUEST.
    """
    if asked.display_name is None:
        raise ApiError(ErrorCode.INVALID_REQUEST, "Field 'display_name': a dashboard must have one.")
    dashboard = Dashboard(
        display_name=asked.display_name,
        serialized=asked.serialized_dashboard or EMPTY,
        warehouse_id=asked.warehouse_id or None,
        dataset_catalog=datasets.dataset_catalog,
        dataset_schema=datasets.dataset_schema,
        owner=actor.name,
    )
    tx.add(dashboard)
    tx.flush()
    parent = asked.parent_path or home(actor.name)
    assets.place(tx, actor, parent, _file_name(dashboard.display_name), Kind.DASHBOARD, dashboard.id)
    return dashboard


def _file_name(display_name: str) -> str:
    # A dashboard may be called what a file cannot.
    return display_name.replace("/", "_") + EXTENSION


def find(tx: Session, dashboard_id: str) -> Dashboard:
    """Return a dashboard, also one in the trash.

    Raises:
        ApiError: NOT_FOUND.
    """
    found = tx.get(Dashboard, dashboard_id)
    if found is None:
        raise ApiError(ErrorCode.NOT_FOUND, f"Unable to find dashboard [dashboardId={dashboard_id}]")
    return found


def published(tx: Session, dashboard_id: str) -> PublishedDashboard:
    """Return what is published of a dashboard.

    Raises:
        ApiError: NOT_FOUND.
    """
    find(tx, dashboard_id)
    found = tx.get(PublishedDashboard, dashboard_id)
    if found is None:
        raise ApiError(
            ErrorCode.NOT_FOUND, f"Unable to find published dashboard [dashboardId={dashboard_id}]"
        )
    return found


def check(tx: Session, actor: Principal, dashboard_id: str) -> None:
    """Check that a principal may see and change a draft.

    Raises:
        ApiError: NOT_FOUND; PERMISSION_DENIED.
    """
    if not rights.manages(actor, find(tx, dashboard_id)):
        raise ApiError(
            ErrorCode.PERMISSION_DENIED,
            f"{actor.name} does not have CAN_EDIT permission on dashboard {dashboard_id}.",
        )


def visible(tx: Session, actor: Principal, *, trashed: bool = False) -> Sequence[Dashboard]:
    """Return the dashboards that a principal edits or that are published, by id."""
    shown = set(tx.scalars(select(PublishedDashboard.dashboard_id)))
    query = select(Dashboard).order_by(Dashboard.id)
    if not trashed:
        query = query.where(~Dashboard.trashed)
    return [one for one in tx.scalars(query) if one.id in shown or rights.manages(actor, one)]


def update(
    tx: Session, actor: Principal, dashboard_id: str, asked: DashboardBody, datasets: Datasets
) -> Dashboard:
    """Change what is given of a draft.

    Raises:
        ApiError: CONFLICT when it is not as it was when its etag was given; INVALID_STATE in the trash; as of
            :func:`create`.
    """
    dashboard = find(tx, dashboard_id)
    if dashboard.trashed:
        raise ApiError(ErrorCode.INVALID_STATE, f"Dashboard {dashboard_id} is in the trash.")
    if asked.etag is not None and asked.etag != etag(dashboard):
        raise ApiError(
            ErrorCode.CONFLICT,
            f"Dashboard {dashboard_id} has changed since it was read: its etag is {etag(dashboard)}, "
            f"not {asked.etag}.",
        )
    if asked.parent_path is not None:
        assets.move(tx, actor, dashboard_id, asked.parent_path)
    if asked.display_name is not None:
        assets.rename(tx, actor, dashboard_id, _file_name(asked.display_name))
        dashboard.display_name = asked.display_name
    if asked.serialized_dashboard is not None:
        dashboard.serialized = asked.serialized_dashboard
    if asked.warehouse_id is not None:
        dashboard.warehouse_id = asked.warehouse_id or None
    dashboard.dataset_catalog = datasets.dataset_catalog or dashboard.dataset_catalog
    dashboard.dataset_schema = datasets.dataset_schema or dashboard.dataset_schema
    dashboard.revision += 1
    dashboard.updated_at = now_ms()
    return dashboard


def etag(dashboard: Dashboard) -> str:
    """Return what changes with every change of a draft."""
    return str(dashboard.revision)


def trash(tx: Session, dashboard_id: str) -> None:
    """Take a dashboard out of its folder, and no longer publish it."""
    dashboard = find(tx, dashboard_id)
    if not dashboard.trashed:
        dashboard.trashed = True
        dashboard.updated_at = now_ms()
        assets.remove(tx, dashboard_id)
        if (there := tx.get(PublishedDashboard, dashboard_id)) is not None:
            tx.delete(there)


def publish(tx: Session, actor: Principal, dashboard_id: str, asked: Publish) -> PublishedDashboard:
    """Publish a draft as it is, instead of what was published before.

    Raises:
        ApiError: INVALID_STATE of one in the trash.
    """
    draft = find(tx, dashboard_id)
    if draft.trashed:
        raise ApiError(ErrorCode.INVALID_STATE, f"Dashboard {dashboard_id} is in the trash.")
    return tx.merge(
        PublishedDashboard(
            dashboard_id=draft.id,
            display_name=draft.display_name,
            serialized=draft.serialized,
            warehouse_id=asked.warehouse_id or draft.warehouse_id,
            dataset_catalog=draft.dataset_catalog,
            dataset_schema=draft.dataset_schema,
            embed_credentials=asked.embed_credentials,
            publisher=actor.name,
            published_at=now_ms(),
        )
    )


def unpublish(tx: Session, dashboard_id: str) -> None:
    """No longer publish a dashboard.

    Raises:
        ApiError: NOT_FOUND when it is not published.
    """
    tx.delete(published(tx, dashboard_id))
