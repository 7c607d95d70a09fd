"""Routes of the alerts API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from lakestead.workspace.access import Access
from lakestead.workspace.alerts import service
from lakestead.workspace.alerts.requests import AlertBody, ListAlerts, TrashAlert, UpdateMask
from lakestead.workspace.alerts.shown import asset_fields, body_of, listed, moment
from lakestead.workspace.assets import rights
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import Call, Route
from lakestead.workspace.store.alerts import Alert


def sees(call: Call, tx: Session) -> Iterable[Access]:
    """Access rule: whoever manages an alert sees it, and whoever may use its folder."""
    alert = service.find(tx, call.path["id"], legacy=False)
    if not rights.sees(tx, call.principal, alert):
        raise denied(call, "CAN_VIEW", alert.id)
    return ()


def manages(call: Call, tx: Session) -> Iterable[Access]:
    """Access rule: owners and administrators manage alerts."""
    alert = service.find(tx, call.path["id"], legacy=False)
    if not rights.manages(call.principal, alert):
        raise denied(call, "CAN_MANAGE", alert.id)
    return ()


def denied(call: Call, permission: str, resource_id: str) -> ApiError:
    """Return the error for a permission that the caller does not have."""
    return ApiError(
        ErrorCode.PERMISSION_DENIED,
        f"{call.principal.name} does not have {permission} permission on {resource_id}.",
    )


def show(tx: Session, alert: Alert) -> dict[str, Any]:
    """Return an alert as the API shows it."""
    runs_as = service.definition_of(tx, alert).run_as
    kind = "user_name" if "@" in runs_as else "service_principal_name"
    standing = {"state": alert.state}
    if alert.evaluated_at is not None:
        standing["last_evaluated_at"] = moment(alert.evaluated_at)
    return {
        **alert.definition,
        **asset_fields(tx, alert.id),
        "id": alert.id,
        "evaluation": alert.definition["evaluation"] | standing,
        "owner_user_name": alert.owner,
        "run_as_user_name": runs_as,
        "effective_run_as": {kind: runs_as},
        "lifecycle_state": "DELETED" if alert.trashed else "ACTIVE",
        "create_time": moment(alert.created_at),
        "update_time": moment(alert.updated_at),
    }


def create(call: Call) -> dict[str, Any]:
    """POST a new alert."""
    body = call.parse(AlertBody)
    with call.workspace.store.write() as tx:
        alert = service.create(tx, call.principal, body)
        shown = show(tx, alert)
    call.workspace.alerts.schedule(alert)
    return shown


def get(call: Call) -> dict[str, Any]:
    """GET an alert."""
    with call.workspace.store.read() as tx:
        return show(tx, service.find(tx, call.path["id"]))


def list_all(call: Call) -> dict[str, Any]:
    """GET the alerts that the caller sees, in the order of their creation."""
    asked = call.arguments(ListAlerts)
    with call.workspace.store.read() as tx:
        found = [one for one in service.active(tx, legacy=False) if rights.sees(tx, call.principal, one)]
        return listed("alerts", found, asked, lambda one: show(tx, one))


def update(call: Call) -> dict[str, Any]:
    """PATCH the fields of an alert that a mask names."""
    mask = call.arguments(UpdateMask).update_mask
    with call.workspace.store.write() as tx:
        alert = service.update(tx, call.principal, call.path["id"], body_of(call), mask)
        shown = show(tx, alert)
    call.workspace.alerts.schedule(alert)
    return shown


def trash(call: Call) -> None:
    """DELETE an alert: to the trash, or for good."""
    purge = call.arguments(TrashAlert).purge
    with call.workspace.store.write() as tx:
        alert = service.find(tx, call.path["id"])
        service.trash(tx, alert, purge=purge)
    call.workspace.alerts.schedule(alert)


_PATH = "/api/2.0/alerts"
_ONE = f"{_PATH}/{{id}}"
_CLIENT = "databricks-sdk: alerts_v2"
ROUTES = [
    Route("POST", _PATH, create, witness=f"{_CLIENT}.create_alert"),
    Route("GET", _PATH, list_all, witness=f"{_CLIENT}.list_alerts"),
    Route("GET", _ONE, get, sees, f"{_CLIENT}.get_alert"),
    Route("PATCH", _ONE, update, manages, f"{_CLIENT}.update_alert"),
    Route("DELETE", _ONE, trash, manages, f"{_CLIENT}.trash_alert"),
]
