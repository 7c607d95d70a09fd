"""When and what an alert tells its subscribers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lakestead.workspace.alerts.condition import SIGNS, State, Verdict
from lakestead.workspace.alerts.definition import Definition
from lakestead.workspace.alerts.templates import render, result_table
from lakestead.workspace.notifications.message import Message


def is_due(definition: Definition, state: State, now: int, notified_at: int | None) -> bool:
    """Return whether subscribers are told.

    When an alert is triggered, again every so often while it is if it says so, and when it is over.

    Args:
        definition: the alert.
        state: how it stands now.
        now: the time in milliseconds since the epoch.
        notified_at: when they were last told of the present trouble; None when there was none.
    """
    if state is State.TRIGGERED:
        if notified_at is None:
            return True
        again = definition.retrigger_seconds * 1000
        return 0 < again <= now - notified_at
    return state is State.OK and definition.notify_on_ok and notified_at is not None


def message(
    definition: Definition,
    verdict: Verdict,
    rows: Sequence[Mapping[str, Any]],
    url: str,
) -> Message:
    """Return what subscribers are told.

    Args:
        definition: the alert.
        verdict: how it stands.
        rows: the first rows of its query's result.
        url: what the alert can be had from.
    """
    columns = list(rows[0]) if rows else []
    condition = definition.condition
    values: dict[str, Any] = {
        "ALERT_NAME": definition.name,
        "ALERT_STATUS": verdict.state.value,
        "ALERT_CONDITION": SIGNS[condition.operator],
        "ALERT_COLUMN": condition.source,
        "ALERT_THRESHOLD": verdict.threshold if verdict.threshold is not None else condition.threshold,
        "ALERT_URL": url,
        "QUERY_NAME": definition.query_name or definition.name,
        "QUERY_RESULT_VALUE": verdict.value,
        "QUERY_RESULT_ROWS": rows,
        "QUERY_RESULT_COLS": ", ".join(columns),
        "QUERY_RESULT_TABLE": result_table(columns, rows),
    }
    subject = f"Alert '{definition.name}' is {verdict.state}"
    body = f"{condition}: the value is {verdict.value}."
    if definition.summary:
        subject = render(definition.summary, values, markdown=definition.markdown)
    if definition.description:
        body = render(definition.description, values, markdown=definition.markdown)
    about = {
        "id": definition.id,
        "name": definition.name,
        "state": verdict.state.value,
        "condition": str(condition),
        "value": plain(verdict.value),
        "threshold": plain(verdict.threshold),
    }
    return Message(
        kind=f"alert.{verdict.state.lower()}",
        subject=subject,
        body=body,
        link=url,
        recipients=definition.subscribers.addresses,
        destinations=definition.subscribers.destinations,
        payload={"alert": about},
        key=f"alert/{definition.id}",
    )


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    number = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    return value if value is None or number or isinstance(value, str) else str(value)
