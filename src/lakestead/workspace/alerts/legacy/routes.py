"""Routes of the legacy alerts API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from lakestead.workspace.access import Access
from lakestead.workspace.alerts import service as alerts
from lakestead.workspace.alerts.legacy import service
from lakestead.workspace.alerts.legacy.bodies import CreateLegacy, UpdateLegacy
from lakestead.workspace.alerts.requests import ListAlerts
from lakestead.workspace.alerts.routes import denied
from lakestead.workspace.alerts.shown import asset_fields, listed, moment
from lakestead.workspace.assets import rights
from lakestead.workspace.http import Call, Route
from lakestead.workspace.store.alerts import Alert


def sees(call: Call, tx: Session) -> Iterable[Access]:
    """Access rule: whoever manages an alert sees it, and whoever may use its folder."""
    alert = alerts.find(tx, call.path["id"], legacy=True)
    if not rights.sees(tx, call.principal, alert):
        raise denied(call, "CAN_VIEW", alert.id)
    return ()


def manages(call: Call, tx: Session) -> Iterable[Access]:
    """Access rule: owners and administrators manage alerts."""
    alert = alerts.find(tx, call.path["id"], legacy=True)
    if not rights.manages(call.principal, alert):
        raise denied(call, "CAN_MANAGE", alert.id)
    return ()


def show(tx: Session, alert: Alert) -> dict[str, Any]:
    """Return an alert as the API shows it, which knows no errors: their state is not known."""
    shown = {
        **alert.definition,
        **asset_fields(tx, alert.id),
        "id": alert.id,
        "state": "UNKNOWN" if alert.state == "ERROR" else alert.state,
        "owner_user_name": alert.owner,
        "lifecycle_state": "TRASHED" if alert.trashed else "ACTIVE",
        "create_time": moment(alert.created_at),
        "update_time": moment(alert.updated_at),
    }
    if alert.triggered_at is not None:
        shown["trigger_time"] = moment(alert.triggered_at)
    return shown


def create(call: Call) -> dict[str, Any]:
    """POST a new alert."""
    with call.workspace.store.write() as tx:
        return show(tx, service.create(tx, call.principal, call.parse(CreateLegacy)))


def get(call: Call) -> dict[str, Any]:
    """GET an alert."""
    with call.workspace.store.read() as tx:
        return show(tx, alerts.find(tx, call.path["id"]))


def list_all(call: Call) -> dict[str, Any]:
    """GET the alerts that the caller sees, in the order of their creation."""
    asked = call.arguments(ListAlerts)
    with call.workspace.store.read() as tx:
        found = [one for one in alerts.active(tx, legacy=True) if rights.sees(tx, call.principal, one)]
        return listed("results", found, asked, lambda one: show(tx, one))


def update(call: Call) -> dict[str, Any]:
    """PATCH the fields of an alert that a mask names."""
    with call.workspace.store.write() as tx:
        return show(tx, service.update(tx, call.principal, call.path["id"], call.parse(UpdateLegacy)))


def trash(call: Call) -> None:
    """DELETE an alert: to the trash."""
    with call.workspace.store.write() as tx:
        alerts.trash(tx, alerts.find(tx, call.path["id"]))


_PATH = "/api/2.0/sql/alerts"
_ONE = f"{_PATH}/{{id}}"
_CLIENT = "databricks-sdk: alerts"
ROUTES = [
    Route("POST", _PATH, create, witness=f"{_CLIENT}.create"),
    Route("GET", _PATH, list_all, witness=f"{_CLIENT}.list"),
    Route("GET", _ONE, get, sees, f"{_CLIENT}.get"),
    Route("PATCH", _ONE, update, manages, f"{_CLIENT}.update"),
    Route("DELETE", _ONE, trash, manages, f"{_CLIENT}.delete"),
]
