"""What the APIs of alerts and of saved queries show alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from lakestead.workspace.alerts.requests import ListAlerts
from lakestead.workspace.assets import service as assets
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import Call
from lakestead.workspace.paging import page
from lakestead.workspace.store.alerts import Alert, SavedQuery

Record = TypeVar("Record", Alert, SavedQuery)


def moment(milliseconds: int) -> str:
    """Return a time as texts in JSON give it."""
    at = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def asset_fields(tx: Session, resource_id: str) -> dict[str, str]:
    """Return where something is in the workspace's folders; nothing of what is in the trash."""
    try:
        return {"parent_path": assets.of(tx, resource_id).parent_path}
    except ApiError as error:
        if error.code is not ErrorCode.NOT_FOUND:
            raise
        return {}


def listed(
    name: str, records: Sequence[Record], asked: ListAlerts, show: Callable[[Record], dict[str, Any]]
) -> dict[str, Any]:
    """Return a page of records.

    Args:
        name: the list's name in the answer.
        records: all, in the order of their creation.
        asked: which page.
        show: how a record is shown.
    """
    found, following = page(
        records, lambda one: f"{one.created_at:015d} {one.id}", asked.page_size or 0, asked.page_token
    )
    body: dict[str, Any] = {name: [show(one) for one in found]}
    return body if following is None else {**body, "next_page_token": following}


def body_of(call: Call) -> dict[str, Any]:
    """Return the JSON object that a client sent, of which a mask says what counts.

    Raises:
        ApiError: INVALID_REQUEST when it is none.
    """
    try:
        sent = json.loads(call.body or b"{}")
    except ValueError:
        sent = None
    if not isinstance(sent, dict):
        raise ApiError(ErrorCode.INVALID_REQUEST, "The body is no JSON object.")
    return sent
