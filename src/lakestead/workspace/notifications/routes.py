"""Routes of the notification destinations API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from lakestead.workspace.access import WORKSPACE_ADMIN, Access
from lakestead.workspace.http import Call, Route
from lakestead.workspace.notifications import destinations
from lakestead.workspace.notifications.requests import CreateDestination, ListDestinations, UpdateDestination
from lakestead.workspace.paging import page


def admins(_: Call, __: Session) -> Iterable[Access]:
    """Access rule: only administrators change destinations."""
    return (WORKSPACE_ADMIN,)


def create(call: Call) -> dict[str, Any]:
    """POST a new destination."""
    with call.workspace.store.write() as tx:
        return destinations.show(destinations.create(tx, call.parse(CreateDestination)), config=True)


def get(call: Call) -> dict[str, Any]:
    """GET a destination; administrators see how it is configured."""
    with call.workspace.store.read() as tx:
        return destinations.show(destinations.find(tx, call.path["id"]), config=call.principal.is_admin)


def list_all(call: Call) -> dict[str, Any]:
    """GET all destinations, without their configurations."""
    request = call.arguments(ListDestinations)
    with call.workspace.store.read() as tx:
        found, following = page(
            destinations.all_of(tx), lambda one: one.id, request.page_size or 0, request.page_token
        )
    body: dict[str, Any] = {"results": [destinations.show(one, config=False) for one in found]}
    return body if following is None else {**body, "next_page_token": following}


def update(call: Call) -> dict[str, Any]:
    """PATCH a destination."""
    with call.workspace.store.write() as tx:
        changed = destinations.update(tx, call.path["id"], call.parse(UpdateDestination))
        return destinations.show(changed, config=True)


def delete(call: Call) -> None:
    """DELETE a destination."""
    with call.workspace.store.write() as tx:
        tx.delete(destinations.find(tx, call.path["id"]))


_PATH = "/api/2.0/notification-destinations"
_ONE = f"{_PATH}/{{id}}"
_CLIENT = "databricks-sdk: notification_destinations"
_NO_APPS = "no apps of Slack or Microsoft Teams: their webhooks are"
ROUTES = [
    Route("GET", _PATH, list_all, witness=f"{_CLIENT}.list"),
    Route("POST", _PATH, create, admins, f"{_CLIENT}.create", _NO_APPS),
    Route("GET", _ONE, get, witness=f"{_CLIENT}.get"),
    Route("PATCH", _ONE, update, admins, f"{_CLIENT}.update", _NO_APPS),
    Route("DELETE", _ONE, delete, admins, f"{_CLIENT}.delete"),
]
