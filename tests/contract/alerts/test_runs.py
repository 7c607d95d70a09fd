"""One-time runs by the SDK."""

from __future__ import annotations

import pytest
from databricks.sdk.errors import DatabricksError, InvalidParameterValue, NotFound, PermissionDenied
from databricks.sdk.service.jobs import (
    AlertTask,
    AlertTaskSubscriber,
    NotebookTask,
    RunLifeCycleState,
    RunResultState,
    RunType,
    SparkPythonTask,
    SubmitTask,
)

from tests.contract.alerts.conftest import Alerting, ended, value
from tests.contract.conftest import Reader
from tests.servers.inbox import Webhooks

SLOW = "SELECT count(*) AS c FROM range(100000) a CROSS JOIN range(100000) b WHERE a.id * b.id % 7 = 3"


def task(alert_id: str, key: str = "one", **fields: object) -> SubmitTask:
    return SubmitTask(key, alert_task=AlertTask(alert_id=alert_id, **fields))  # type: ignore[arg-type]


def test_a_run_is_waited_for_listed_and_shown(alerting: Alerting, webhooks: Webhooks, reader: Reader) -> None:
    jobs = alerting.client.jobs
    well, triggered = alerting.create("SELECT 1 AS c"), alerting.create("SELECT 11 AS c")
    (subscription,) = alerting.webhook(webhooks).subscriptions or ()
    tasks = [
        task(well, "well"),
        task(triggered, "bad", subscribers=[AlertTaskSubscriber(destination_id=subscription.destination_id)]),
    ]
    run = jobs.submit(run_name="both", tasks=tasks, idempotency_token=well).result()
    assert jobs.submit(run_name="both", tasks=tasks, idempotency_token=well).run_id == run.run_id
    assert run.state
    assert run.state.result_state is RunResultState.SUCCESS
    assert (run.run_name, run.creator_user_name) == ("both", "admin@lakestead.local")
    assert run.run_type is RunType.SUBMIT_RUN
    outputs = [jobs.get_run_output(one.run_id or 0).alert_output for one in run.tasks or ()]
    assert [one.alert_state.value for one in outputs if one and one.alert_state] == ["OK", "TRIGGERED"]
    assert webhooks.wait(1)[0].body["alert"]["id"] == triggered
    with pytest.raises(InvalidParameterValue, match="multiple tasks"):
        jobs.get_run_output(run.run_id or 0)

    listed = list(jobs.list_runs(limit=1, expand_tasks=True, start_time_from=run.start_time))
    assert [one.run_id for one in listed] == sorted(
        (one.run_id for one in listed if one.run_id), reverse=True
    )
    (found,) = (one for one in listed if one.run_id == run.run_id)
    assert [one.task_key for one in found.tasks or ()] == ["well", "bad"]
    assert run.run_id not in {one.run_id for one in jobs.list_runs(active_only=True)}
    with pytest.raises(PermissionDenied):
        reader.client.jobs.get_run(run.run_id or 0)
    assert list(reader.client.jobs.list_runs()) == []


def test_a_run_is_cancelled(alerting: Alerting) -> None:
    jobs = alerting.client.jobs
    alert_id = alerting.create(SLOW)
    run_id = jobs.submit(tasks=[task(alert_id), task(alert_id, "two")]).run_id
    assert run_id in {one.run_id for one in jobs.list_runs(active_only=True)}
    jobs.cancel_run(run_id)
    run = ended(alerting.client, run_id)
    assert run.state
    assert run.state.life_cycle_state is RunLifeCycleState.TERMINATED
    assert run.state.result_state is RunResultState.CANCELED
    assert [one.state.result_state for one in run.tasks or () if one.state] == [RunResultState.CANCELED] * 2
    # What was cancelled says nothing of how the alert stands.
    state = alerting.client.alerts_v2.get_alert(alert_id).evaluation.state
    assert state
    assert state.value == "UNKNOWN"


def test_a_path_names_an_alert(alerting: Alerting) -> None:
    alert_id = alerting.create("SELECT 11 AS c", threshold=value(12))
    name = alerting.client.alerts_v2.get_alert(alert_id).display_name
    by_path = AlertTask(workspace_path=f"/Workspace/Shared/{name}.dbalert.json")
    run_id = alerting.client.jobs.submit(tasks=[SubmitTask("one", alert_task=by_path)]).run_id
    run = ended(alerting.client, run_id)
    assert run.tasks
    assert run.tasks[0].alert_task
    assert run.tasks[0].alert_task.alert_id == alert_id


def test_what_does_not_run_is_refused(alerting: Alerting, reader: Reader) -> None:
    jobs = alerting.client.jobs
    alert_id = alerting.create()
    for other in (
        SubmitTask("one", notebook_task=NotebookTask("/n")),
        SubmitTask("one", spark_python_task=SparkPythonTask("f.py")),
    ):
        with pytest.raises(DatabricksError, match="only alert_task and sql_task run") as refused:
            jobs.submit(tasks=[other])
        assert refused.value.error_code == "NOT_IMPLEMENTED"
    for tasks, said in (
        ([], "tasks"),
        ([SubmitTask("one")], "exactly one of alert_task"),
        ([task(alert_id), task(alert_id)], "same task_key"),
        (
            [SubmitTask("one", alert_task=AlertTask(alert_id=alert_id), existing_cluster_id="c")],
            "existing_cluster_id",
        ),
    ):
        with pytest.raises(InvalidParameterValue, match=said):
            jobs.submit(tasks=tasks)
    for nothing in (task("nothing"), task(alert_id, warehouse_id="0123456789abcdef")):
        with pytest.raises(NotFound, match="does not exist"):
            jobs.submit(tasks=[nothing])
    with pytest.raises(PermissionDenied, match="CAN_RUN"):
        reader.client.jobs.submit(tasks=[task(alert_id)])
    with pytest.raises(NotFound):
        jobs.get_run(10**9)
    with pytest.raises(InvalidParameterValue, match="run_id"):
        jobs.get_run(10**30)
