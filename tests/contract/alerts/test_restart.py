"""A workspace with alerts is killed: schedules go on, mail arrives, runs that were under way have failed."""

from __future__ import annotations

from pathlib import Path

from databricks.sdk import WorkspaceClient
from databricks.sdk.service.jobs import AlertTask, RunLifeCycleState, SubmitTask
from databricks.sdk.service.sql import (
    AlertV2,
    AlertV2Evaluation,
    AlertV2Notification,
    AlertV2Subscription,
    CronSchedule,
)

from tests.contract.alerts.conftest import ABOVE, PAUSED, column, ended, value
from tests.contract.alerts.test_runs import SLOW
from tests.contract.test_kill import Server
from tests.servers.inbox import Mails


def client_of(server: Server) -> WorkspaceClient:
    known = server.environment
    return WorkspaceClient(host=known["DATABRICKS_HOST"], token=known["DATABRICKS_TOKEN"], auth_type="pat")


def alert(server: Server, name: str, query: str, schedule: CronSchedule) -> AlertV2:
    told = AlertV2Notification(
        retrigger_seconds=1, subscriptions=[AlertV2Subscription(user_email="me@example.com")]
    )
    evaluation = AlertV2Evaluation(column("c"), ABOVE, threshold=value(10), notification=told)
    return AlertV2(name, query, server.environment["DATABRICKS_WAREHOUSE_ID"], evaluation, schedule)


def test_a_killed_workspace_goes_on(tmp_path: Path, mails: Mails) -> None:
    environment = {"LAKESTEAD_SMTP_URL": mails.url}
    server = Server(tmp_path, environment)
    api = client_of(server)
    every_second = CronSchedule("* * * * * ?", "UTC")
    due = api.alerts_v2.create_alert(alert(server, "due", "SELECT 11 AS c", every_second))
    slow = api.alerts_v2.create_alert(alert(server, "slow", SLOW, PAUSED))
    run_id = api.jobs.submit(tasks=[SubmitTask("slow", alert_task=AlertTask(slow.id))]).run_id
    mails.came(1)
    server.kill()
    before = len(mails.came(1))

    server = Server(tmp_path, environment)
    api = client_of(server)
    run = ended(api, run_id)
    assert run.state
    assert run.state.life_cycle_state is RunLifeCycleState.INTERNAL_ERROR
    assert "was stopped" in (run.state.state_message or "")
    assert mails.came(before + 1)[-1]["Subject"] == "Alert 'due' is TRIGGERED"
    api.alerts_v2.trash_alert(due.id or "")
    server.stop()
