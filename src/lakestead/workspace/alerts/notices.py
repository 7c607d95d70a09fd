"""When and what an alert tells its subscribers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lakestead.workspace.alerts import templates
from lakestead.workspace.alerts.condition import SIGNS, State, Verdict
from lakestead.workspace.alerts.definition import Definition
from lakestead.workspace.notifications.message import Message
from lakestead.workspace.notifications.plain import plain


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
    subject = f"Alert '{definition.name}' is {verdict.state}"
    body, html = f"{definition.condition}: the value is {verdict.value}.", ""
    values = _values(definition, verdict, rows, url)
    if definition.summary:
        subject, _ = _rendered(definition.summary, values, definition)
    if definition.description:
        body, html = _rendered(definition.description, values, definition)
    about = {
        "id": definition.id,
        "name": definition.name,
        "state": verdict.state.value,
        "condition": str(definition.condition),
        "value": as_json(verdict.value),
        "threshold": as_json(verdict.threshold),
    }
    return Message(
        kind=f"alert.{verdict.state.lower()}",
        subject=subject,
        body=body,
        html=html,
        link=url,
        recipients=definition.subscribers.addresses,
        destinations=definition.subscribers.destinations,
        payload={"alert": about},
        key=f"alert/{definition.id}",
    )


def _values(
    definition: Definition, verdict: Verdict, rows: Sequence[Mapping[str, Any]], url: str
) -> dict[str, Any]:
    """Return the variables of templates."""
    columns = list(rows[0]) if rows else []
    condition = definition.condition
    table = templates.markdown_table if definition.markdown else templates.html_table
    return {
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
        "QUERY_RESULT_TABLE": table(columns, rows),
    }


def _rendered(template: str, values: Mapping[str, Any], definition: Definition) -> tuple[str, str]:
    """Return a template as text and as HTML; there is no HTML of Markdown."""
    if definition.markdown:
        return templates.markdown(template, values), ""
    html = templates.html(template, values)
    return plain(html), html


def as_json(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    number = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    return value if value is None or number or isinstance(value, str) else str(value)
