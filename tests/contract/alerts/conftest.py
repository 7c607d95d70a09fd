"""What tests of alerts share: making them, and running them on demand."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.jobs import AlertTask, Run, RunLifeCycleState, RunOutput, SubmitTask
from databricks.sdk.service.settings import Config, GenericWebhookConfig
from databricks.sdk.service.sql import (
    Aggregation,
    AlertV2,
    AlertV2Evaluation,
    AlertV2Notification,
    AlertV2Operand,
    AlertV2OperandColumn,
    AlertV2OperandValue,
    AlertV2Subscription,
    ComparisonOperator,
    CronSchedule,
    SchedulePauseStatus,
)

from lakestead.testing import Workspace
from tests.servers.inbox import Webhooks

PAUSED = CronSchedule("0 0 0 1 1 ?", "UTC", SchedulePauseStatus.PAUSED)
ABOVE = ComparisonOperator.GREATER_THAN
_OVER = (RunLifeCycleState.TERMINATED, RunLifeCycleState.INTERNAL_ERROR)


def column(name: str, aggregation: str | None = None) -> AlertV2OperandColumn:
    return AlertV2OperandColumn(name, Aggregation(aggregation) if aggregation else None)


def value(of: float | str | bool) -> AlertV2Operand:
    kind = "bool_value" if isinstance(of, bool) else "string_value" if isinstance(of, str) else "double_value"
    return AlertV2Operand(value=AlertV2OperandValue(**{kind: of}))


def ended(client: WorkspaceClient, run_id: int) -> Run:
    """Return a run once it is over."""
    deadline = time.monotonic() + 60
    while True:
        run = client.jobs.get_run(run_id)
        if run.state and run.state.life_cycle_state in _OVER:
            return run
        assert time.monotonic() < deadline, run
        time.sleep(0.02)


class Alerting:
    """Makes alerts in a folder that only this test uses, and evaluates them."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.client = workspace.client()
        self.made: list[str] = []

    def alert(self, query: str = "SELECT 1 AS c", **fields: Any) -> AlertV2:
        """Return an alert that is not made yet, triggered when c is above 10."""
        evaluation: dict[str, Any] = {"source": column("c"), "comparison_operator": ABOVE}
        for name in ("source", "comparison_operator", "threshold", "empty_result_state", "notification"):
            if name in fields:
                evaluation[name] = fields.pop(name)
        if not evaluation["comparison_operator"].value.startswith("IS_"):
            evaluation.setdefault("threshold", value(10))
        declared: dict[str, Any] = {
            "display_name": f"alert {uuid.uuid4().hex[:8]}",
            "query_text": query,
            "warehouse_id": self.workspace.warehouse_id,
            "evaluation": AlertV2Evaluation(**evaluation),
            "schedule": PAUSED,
            "parent_path": "/Shared",
        }
        return AlertV2(**declared | fields)

    def create(self, query: str = "SELECT 1 AS c", **fields: Any) -> str:
        """Make an alert, and return its id."""
        made = self.client.alerts_v2.create_alert(self.alert(query, **fields)).id or ""
        self.made.append(made)
        return made

    def evaluate(self, alert_id: str) -> RunOutput:
        """Evaluate an alert, and return what its run gave."""
        tasks = [SubmitTask("one", alert_task=AlertTask(alert_id=alert_id))]
        run = ended(self.client, self.client.jobs.submit(tasks=tasks).run_id)
        return self.client.jobs.get_run_output(run.run_id or 0)

    def state(self, alert_id: str) -> str:
        """Evaluate an alert, and return how it stands."""
        output = self.evaluate(alert_id).alert_output
        found = self.client.alerts_v2.get_alert(alert_id).evaluation.state
        assert found
        if output:  # there is none of an error
            assert output.alert_state
            assert output.alert_state.value == found.value
        return found.value

    def webhook(self, inbox: Webhooks, **options: Any) -> AlertV2Notification:
        """Return what subscribes a webhook."""
        config = Config(generic_webhook=GenericWebhookConfig(url=inbox.url))
        made = self.client.notification_destinations.create(config=config, display_name="webhook").id
        return AlertV2Notification(subscriptions=[AlertV2Subscription(destination_id=made)], **options)


@pytest.fixture
def alerting(workspace_session: Workspace) -> Iterator[Alerting]:
    """Alerts in the workspace that tests share."""
    made = Alerting(workspace_session)
    yield made
    for alert_id in made.made:
        made.client.alerts_v2.trash_alert(alert_id, purge=True)


@pytest.fixture
def cell(sql: Callable[[str], object], schema: str) -> Callable[[str], None]:
    """A table with one cell, `c`, that a test can change."""
    sql(f"CREATE TABLE {schema}.cell AS SELECT 5 AS c")

    def put(content: str) -> None:
        sql(f"UPDATE {schema}.cell SET c = {content}")

    return put
