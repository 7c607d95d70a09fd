"""The rules and records of alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.workspace.alerts.checks import check, parameters, subscribers
from lakestead.workspace.alerts.definition import Definition
from lakestead.workspace.alerts.legacy import definition as legacy_alerts
from lakestead.workspace.alerts.masks import merged
from lakestead.workspace.alerts.requests import CHANGEABLE, AlertBody, Notification
from lakestead.workspace.assets import service as assets
from lakestead.workspace.assets.paths import home
from lakestead.workspace.assets.service import Kind
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import explain
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.store.alerts import Alert
from lakestead.workspace.store.base import now_ms

EXTENSION = ".dbalert.json"


def find(tx: Session, alert_id: str, *, legacy: bool | None = None) -> Alert:
    """Return an alert, also one in the trash.

    Args:
        tx: a transaction.
        alert_id: its id.
        legacy: of which API it must be; None for either.

    Raises:
        ApiError: NOT_FOUND.
    """
    found = tx.get(Alert, alert_id)
    if found is None or legacy not in (None, found.legacy):
        raise ApiError(ErrorCode.NOT_FOUND, f"Alert {alert_id} does not exist.")
    return found


def find_active(tx: Session, alert_id: str, *, legacy: bool | None = None) -> Alert:
    """Return an alert that is not in the trash; arguments and errors as of :func:`find`."""
    found = find(tx, alert_id, legacy=legacy)
    if found.trashed:
        raise ApiError(ErrorCode.NOT_FOUND, f"Alert {alert_id} is in the trash.")
    return found


def active(tx: Session, *, legacy: bool) -> Sequence[Alert]:
    """Return the alerts of an API that are not in the trash, in the order of their creation."""
    query = select(Alert).where(Alert.legacy == legacy, ~Alert.trashed)
    return tx.scalars(query.order_by(Alert.created_at, Alert.id)).all()


def create(tx: Session, actor: Principal, body: AlertBody) -> Alert:
    """Make an alert in a folder, by default its maker's home.

    Raises:
        ApiError: INVALID_REQUEST saying all that is wrong with it; of its folder; ALREADY_EXISTS;
            PERMISSION_DENIED.
    """
    check(tx, actor, actor.name, body)
    alert = Alert(legacy=False, display_name=body.display_name, owner=actor.name, definition=body.declared())
    tx.add(alert)
    tx.flush()
    parent = body.parent_path or home(actor.name)
    assets.place(tx, actor, parent, body.display_name + EXTENSION, Kind.ALERT, alert.id)
    return alert


def update(tx: Session, actor: Principal, alert_id: str, sent: Mapping[str, Any], mask: str) -> Alert:
    """Change what a mask names of an alert.

    Raises:
        ApiError: as of :func:`create`; NOT_FOUND, also in the trash.
    """
    alert = find_active(tx, alert_id, legacy=False)
    try:
        body = AlertBody.model_validate(merged(alert.definition, sent, mask, CHANGEABLE))
    except ValidationError as error:
        raise ApiError(ErrorCode.INVALID_REQUEST, explain(error)) from None
    check(tx, actor, alert.owner, body)
    if body.display_name != alert.display_name:
        assets.rename(tx, actor, alert_id, body.display_name + EXTENSION)
        alert.display_name = body.display_name
    alert.definition = body.declared()
    alert.updated_at = now_ms()
    return alert


def trash(tx: Session, alert: Alert, *, purge: bool = False) -> None:
    """Take an alert out of its folder; it is not evaluated any more.

    Args:
        tx: the transaction.
        alert: the alert.
        purge: whether nothing is left of it.
    """
    if not alert.trashed:
        assets.remove(tx, alert.id)
        alert.trashed = True
        alert.updated_at = now_ms()
    if purge:
        tx.delete(alert)


def definition_of(tx: Session, alert: Alert) -> Definition:
    """Return an alert as it is evaluated.

    Raises:
        ApiError: INVALID_STATE when the saved query of a legacy alert is no more.
    """
    if alert.legacy:
        return legacy_alerts.definition_of(tx, alert)
    body = AlertBody.model_validate(alert.definition)
    notification = body.evaluation.notification or Notification()
    return Definition(
        id=alert.id,
        name=alert.display_name,
        run_as=body.runs_as(alert.owner),
        text=body.query_text,
        condition=body.evaluation.condition(),
        parameters=parameters(body),
        warehouse_id=body.warehouse_id,
        subscribers=subscribers(notification.subscriptions),
        notify_on_ok=bool(notification.notify_on_ok),
        retrigger_seconds=notification.retrigger_seconds or 0,
        summary=body.custom_summary or "",
        description=body.custom_description or "",
        markdown=body.custom_template_format == "MARKDOWN",
    )
