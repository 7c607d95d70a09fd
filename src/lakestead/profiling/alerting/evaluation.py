"""Alerts evaluated on demand, by a one-time run of the Jobs service."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakestead.profiling.findings import Finding

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

_TASKS_OF_A_RUN = 100  # the Jobs service takes no more


@dataclass(frozen=True)
class AlertState:
    """Where an alert stands.

    Args:
        group: the monitor group.
        finding: what it looks for.
        name: its name.
        alert_id: its id.
        state: UNKNOWN, TRIGGERED, OK or ERROR.
        evaluated_at: when it was last evaluated, in ISO 8601; None if it never was.
    """

    group: str
    finding: Finding
    name: str
    alert_id: str
    state: str
    evaluated_at: str | None


def alert_states(client: WorkspaceClient, ids: Mapping[str, Mapping[Finding, str]]) -> list[AlertState]:
    """Return where alerts stand since they were last evaluated.

    Args:
        client: asks.
        ids: the alerts' ids, by group and kind of finding.
    """
    found = []
    for group, alerts in ids.items():
        for finding, alert_id in alerts.items():
            alert = client.alerts_v2.get_alert(alert_id)
            seen = alert.evaluation
            state = seen.state.value if seen and seen.state else "UNKNOWN"
            at = seen.last_evaluated_at if seen else None
            found.append(AlertState(group, finding, alert.display_name, alert_id, state, at))
    return found


def evaluate_alerts(
    client: WorkspaceClient,
    ids: Mapping[str, Mapping[Finding, str]],
    warehouse_id: str,
    timeout: dt.timedelta = dt.timedelta(minutes=20),
) -> list[AlertState]:
    """Evaluate alerts now, and return where they stand; who is to be told of them is.

    Args:
        client: acts.
        ids: the alerts' ids, by group and kind of finding.
        warehouse_id: where their queries run.
        timeout: how long is waited for them.

    Raises:
        databricks.sdk.errors.OperationFailed: a run fails; the message says of which alert and why.
        TimeoutError: it takes longer.
    """
    from databricks.sdk.service.jobs import AlertTask, SubmitTask

    tasks = [
        SubmitTask(
            task_key=f"alert_{alert_id}",
            alert_task=AlertTask(alert_id=alert_id, warehouse_id=warehouse_id),
        )
        for alerts in ids.values()
        for alert_id in alerts.values()
    ]
    for start in range(0, len(tasks), _TASKS_OF_A_RUN):
        some = tasks[start : start + _TASKS_OF_A_RUN]
        client.jobs.submit(run_name="lakestead profile alerts", tasks=some).result(timeout)
    return alert_states(client, ids)
