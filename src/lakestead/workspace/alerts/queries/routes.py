"""Routes of the queries API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from lakestead.workspace.access import Access
from lakestead.workspace.alerts.queries import service
from lakestead.workspace.alerts.queries.bodies import CreateQuery, UpdateQuery
from lakestead.workspace.alerts.requests import ListAlerts
from lakestead.workspace.alerts.routes import denied
from lakestead.workspace.alerts.shown import asset_fields, listed, moment
from lakestead.workspace.assets import rights
from lakestead.workspace.http import Call, Route
from lakestead.workspace.store.alerts import SavedQuery


def sees(call: Call, tx: Session) -> Iterable[Access]:
    """Access rule: whoever manages a query sees it, and whoever may use its folder."""
    if not rights.sees(tx, call.principal, service.find(tx, call.path["id"])):
        raise denied(call, "CAN_VIEW", call.path["id"])
    return ()


def manages(call: Call, tx: Session) -> Iterable[Access]:
    """Access rule: owners and administrators manage queries."""
    if not rights.manages(call.principal, service.find(tx, call.path["id"])):
        raise denied(call, "CAN_MANAGE", call.path["id"])
    return ()


def show(tx: Session, query: SavedQuery) -> dict[str, Any]:
    """Return a query as the API shows it."""
    return {
        "run_as_mode": "OWNER",
        **query.definition,
        **asset_fields(tx, query.id),
        "id": query.id,
        "owner_user_name": query.owner,
        "last_modifier_user_name": query.updated_by,
        "lifecycle_state": "TRASHED" if query.trashed else "ACTIVE",
        "create_time": moment(query.created_at),
        "update_time": moment(query.updated_at),
    }


def create(call: Call) -> dict[str, Any]:
    """POST a new query."""
    with call.workspace.store.write() as tx:
        return show(tx, service.create(tx, call.principal, call.parse(CreateQuery)))


def get(call: Call) -> dict[str, Any]:
    """GET a query."""
    with call.workspace.store.read() as tx:
        return show(tx, service.find(tx, call.path["id"]))


def list_all(call: Call) -> dict[str, Any]:
    """GET the queries that the caller sees, in the order of their creation."""
    asked = call.arguments(ListAlerts)
    with call.workspace.store.read() as tx:
        found = [one for one in service.active(tx) if rights.sees(tx, call.principal, one)]
        return listed("results", found, asked, lambda one: show(tx, one))


def update(call: Call) -> dict[str, Any]:
    """PATCH the fields of a query that a mask names."""
    with call.workspace.store.write() as tx:
        return show(tx, service.update(tx, call.principal, call.path["id"], call.parse(UpdateQuery)))


def trash(call: Call) -> None:
    """DELETE a query: to the trash."""
    with call.workspace.store.write() as tx:
        service.trash(tx, call.path["id"])


_PATH = "/api/2.0/sql/queries"
_ONE = f"{_PATH}/{{id}}"
_CLIENT = "databricks-sdk: queries"
_PARTIAL = "no parameters; run_as_mode is kept: an alert runs the query as the alert's owner"
ROUTES = [
    Route("POST", _PATH, create, witness=f"{_CLIENT}.create", partial=_PARTIAL),
    Route("GET", _PATH, list_all, witness=f"{_CLIENT}.list"),
    Route("GET", _ONE, get, sees, f"{_CLIENT}.get"),
    Route("PATCH", _ONE, update, manages, f"{_CLIENT}.update", _PARTIAL),
    Route("DELETE", _ONE, trash, manages, f"{_CLIENT}.delete"),
]
