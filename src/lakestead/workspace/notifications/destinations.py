"""The rules of notification destinations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.notifications.requests import TYPES, CreateDestination, UpdateDestination
from lakestead.workspace.store.notifications import NotificationDestination

# What is shown of configurations; of everything else only that it is set.
_SHOWN = frozenset({"addresses"})
_KINDS = {type_: kind for kind, type_ in TYPES.items()}


def create(tx: Session, request: CreateDestination) -> NotificationDestination:
    """Make a destination.

    Raises:
        ApiError: INVALID_REQUEST for a configuration with nothing in it that can be sent to; NOT_IMPLEMENTED.
    """
    config = request.config.given()
    if request.config.kind not in ("email", "pagerduty") and "url" not in config:
        raise ApiError(ErrorCode.INVALID_REQUEST, f"Field 'config.{request.config.kind}.url' is needed.")
    made = NotificationDestination(
        display_name=request.display_name, type=TYPES[request.config.kind], config=config
    )
    tx.add(made)
    tx.flush()
    return made


def find(tx: Session, destination_id: str) -> NotificationDestination:
    """Return a destination.

    Raises:
        ApiError: NOT_FOUND.
    """
    found = tx.get(NotificationDestination, destination_id)
    if found is None:
        raise ApiError(ErrorCode.NOT_FOUND, f"Notification destination {destination_id} does not exist.")
    return found


def check(tx: Session, ids: Iterable[str]) -> None:
    """Check that destinations exist, for who will send to them.

    Raises:
        ApiError: INVALID_REQUEST naming all that do not.
    """
    wanted = set(ids)
    query = select(NotificationDestination.id).where(NotificationDestination.id.in_(wanted))
    missing = wanted - set(tx.scalars(query))
    if missing:
        names = ", ".join(sorted(missing))
        raise ApiError(ErrorCode.INVALID_REQUEST, f"There is no notification destination with id {names}.")


def all_of(tx: Session) -> Sequence[NotificationDestination]:
    """Return all destinations by id."""
    return tx.scalars(select(NotificationDestination).order_by(NotificationDestination.id)).all()


def update(tx: Session, destination_id: str, request: UpdateDestination) -> NotificationDestination:
    """Change what is given of a destination.

    Raises:
        ApiError: NOT_FOUND; INVALID_REQUEST when nothing is given or its type would change.
    """
    found = find(tx, destination_id)
    if request.display_name is None and request.config is None:
        raise ApiError(ErrorCode.INVALID_REQUEST, "At least one of display_name and config is needed.")
    if request.config is not None:
        if TYPES[request.config.kind] != found.type:
            raise ApiError(ErrorCode.INVALID_REQUEST, "The type of a notification destination cannot change.")
        found.config = {**found.config, **request.config.given()}
    found.display_name = request.display_name or found.display_name
    return found


def show(destination: NotificationDestination, *, config: bool) -> dict[str, Any]:
    """Return a destination as the API shows it.

    Args:
        destination: the record.
        config: whether to show its configuration, without its secrets.
    """
    body: dict[str, Any] = {
        "id": destination.id,
        "display_name": destination.display_name,
        "destination_type": destination.type,
    }
    if config:
        shown = {
            name if name in _SHOWN else f"{name}_set": value if name in _SHOWN else True
            for name, value in destination.config.items()
        }
        body["config"] = {_KINDS[destination.type]: shown}
    return body
