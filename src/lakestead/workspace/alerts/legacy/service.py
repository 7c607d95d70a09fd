"""The rules of legacy alerts."""

from __future__ import annotations

from pydantic import ValidationError
from sqlalchemy.orm import Session

from lakestead.workspace.alerts.legacy.bodies import CHANGEABLE, CreateLegacy, LegacyBody, UpdateLegacy
from lakestead.workspace.alerts.masks import merged
from lakestead.workspace.alerts.names import free_name, given_to
from lakestead.workspace.alerts.queries import service as queries
from lakestead.workspace.alerts.service import EXTENSION, find_active
from lakestead.workspace.assets import rights
from lakestead.workspace.assets import service as assets
from lakestead.workspace.assets.paths import home
from lakestead.workspace.assets.service import Kind
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import explain
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.store.alerts import Alert
from lakestead.workspace.store.base import now_ms


def create(tx: Session, actor: Principal, asked: CreateLegacy) -> Alert:
    """Make an alert in a folder, by default its maker's home.

    Raises:
        ApiError: NOT_FOUND of the folder or the query; ALREADY_EXISTS; PERMISSION_DENIED.
    """
    body = asked.alert
    _check(tx, actor, body)
    parent = assets.folder(tx, body.parent_path or home(actor.name))
    name = body.display_name
    if asked.auto_resolve_display_name:
        name = free_name(tx, parent, name, EXTENSION)
    definition = body.declared() | {"display_name": name}
    alert = Alert(legacy=True, display_name=name, owner=actor.name, definition=definition)
    tx.add(alert)
    tx.flush()
    assets.place(tx, actor, parent, name + EXTENSION, Kind.ALERT, alert.id)
    return alert


def update(tx: Session, actor: Principal, alert_id: str, asked: UpdateLegacy) -> Alert:
    """Change what a mask names of an alert.

    Raises:
        ApiError: as of :func:`create`; NOT_FOUND, also in the trash; INVALID_REQUEST.
    """
    alert = find_active(tx, alert_id, legacy=True)
    current = alert.definition | {"owner_user_name": alert.owner}
    try:
        body = LegacyBody.model_validate(merged(current, asked.alert, asked.update_mask, CHANGEABLE))
    except ValidationError as error:
        raise ApiError(ErrorCode.INVALID_REQUEST, explain(error)) from None
    _check(tx, actor, body)
    alert.owner = given_to(tx, actor, body.owner_user_name, alert.owner)
    name = body.display_name
    if name != alert.display_name:
        if asked.auto_resolve_display_name:
            name = free_name(tx, assets.of(tx, alert_id).parent_path, name, EXTENSION)
        assets.rename(tx, actor, alert_id, name + EXTENSION)
    alert.display_name = name
    alert.definition = body.declared() | {"display_name": name}
    alert.updated_at = now_ms()
    return alert


def _check(tx: Session, actor: Principal, body: LegacyBody) -> None:
    query = queries.find(tx, body.query_id)
    if query.trashed:
        raise ApiError(ErrorCode.NOT_FOUND, f"Query {query.id} is in the trash.")
    if not rights.sees(tx, actor, query):
        raise ApiError(
            ErrorCode.PERMISSION_DENIED,
            f"{actor.name} does not have CAN_VIEW permission on query {query.id}.",
        )
