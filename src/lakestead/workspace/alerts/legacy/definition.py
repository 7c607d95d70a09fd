"""A legacy alert as it is evaluated."""

from __future__ import annotations

from sqlalchemy.orm import Session

from lakestead.workspace.alerts.definition import Definition
from lakestead.workspace.alerts.legacy.bodies import LegacyBody
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.store.alerts import Alert, SavedQuery


def definition_of(tx: Session, alert: Alert) -> Definition:
    """Return a legacy alert as it is evaluated: its query runs as the alert's owner.

    Raises:
        ApiError: INVALID_STATE when its query is no more or in the trash.
    """
    body = LegacyBody.model_validate(alert.definition)
    query = tx.get(SavedQuery, body.query_id)
    if query is None or query.trashed:
        raise ApiError(
            ErrorCode.INVALID_STATE,
            f"The query {body.query_id} of alert {alert.id} is no more, or in the trash.",
        )
    return Definition(
        id=alert.id,
        name=alert.display_name,
        run_as=alert.owner,
        text=query.definition.get("query_text", ""),
        condition=body.condition.condition(),
        query_name=query.display_name,
        warehouse_id=query.definition.get("warehouse_id", ""),
        catalog=query.definition.get("catalog"),
        schema=query.definition.get("schema"),
        notify_on_ok=bool(body.notify_on_ok),
        retrigger_seconds=body.seconds_to_retrigger or 0,
        summary=body.custom_subject or "",
        description=body.custom_body or "",
    )
