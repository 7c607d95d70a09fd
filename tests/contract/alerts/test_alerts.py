"""Alerts by the SDK: what they are, who may see and change them, and what is refused."""

from __future__ import annotations

import pytest
from databricks.sdk.errors import DatabricksError, InvalidParameterValue, NotFound, PermissionDenied
from databricks.sdk.service.sql import (
    AlertEvaluationState,
    AlertLifecycleState,
    AlertV2,
    AlertV2Evaluation,
    AlertV2Notification,
    AlertV2RunAs,
    AlertV2Subscription,
    ComparisonOperator,
    CronSchedule,
    SchedulePauseStatus,
)

from tests.contract.alerts.conftest import ABOVE, Alerting, column, value
from tests.contract.conftest import Reader, Sql


def test_an_alert_is_made_changed_and_trashed(alerting: Alerting, sql: Sql) -> None:
    api = alerting.client.alerts_v2
    alert_id = alerting.create(custom_summary="{{ALERT_NAME}}")
    made = api.get_alert(alert_id)
    assert made.evaluation.state is AlertEvaluationState.UNKNOWN
    assert made.owner_user_name == made.run_as_user_name == "admin@lakestead.local"
    assert (made.parent_path, made.lifecycle_state) == ("/Shared", AlertLifecycleState.ACTIVE)
    assert alert_id in {one.id for one in api.list_alerts(page_size=1)}

    made.display_name = f"new {alert_id}"
    made.query_text = "not looked at"
    made.evaluation.threshold = value("x")
    made.schedule = CronSchedule("0 0 0 1 1 ?", "UTC", SchedulePauseStatus.UNPAUSED)
    mask = "display_name,evaluation.threshold,schedule.pause_status,custom_summary"
    made.custom_summary = None
    changed = api.update_alert(alert_id, made, mask)
    assert changed.as_dict() == api.get_alert(alert_id).as_dict()
    assert changed.display_name == f"new {alert_id}"
    assert changed.query_text == "SELECT 1 AS c"
    assert changed.evaluation.as_dict()["threshold"] == {"value": {"string_value": "x"}}
    assert changed.schedule.pause_status is SchedulePauseStatus.UNPAUSED
    assert changed.custom_summary is None
    # Clients send back what they got.
    assert api.update_alert(alert_id, changed, "*").query_text == "SELECT 1 AS c"
    with pytest.raises(InvalidParameterValue, match="update_mask: parent_path, nonsense"):
        api.update_alert(alert_id, changed, "parent_path,nonsense.a,display_name")
    with pytest.raises(DatabricksError, match="already exists"):
        api.create_alert(changed)

    api.trash_alert(alert_id)
    assert api.get_alert(alert_id).lifecycle_state is AlertLifecycleState.DELETED
    assert alert_id not in {one.id for one in api.list_alerts()}
    with pytest.raises(NotFound, match="trash"):
        api.update_alert(alert_id, changed, "display_name")
    actions = {
        row[0]
        for row in sql("SELECT action_name FROM system.access.audit WHERE service_name='databrickssql'")
    }
    assert {"createAlert", "updateAlert", "moveAlertToTrash"} <= actions


def test_all_that_is_wrong_is_said_at_once(alerting: Alerting) -> None:
    wrong = alerting.alert(
        "SELEKT 1",
        warehouse_id="0123456789abcdef",
        schedule=CronSchedule("0 0 25 * * ?", "UTC"),
        notification=AlertV2Notification(subscriptions=[AlertV2Subscription(destination_id="nowhere")]),
        run_as=AlertV2RunAs(service_principal_name="ghost"),
    )
    with pytest.raises(InvalidParameterValue) as refused:
        alerting.client.alerts_v2.create_alert(wrong)
    said = str(refused.value)
    for part in (
        "Field 'query_text': Syntax error at or near 'SELEKT'",
        "Field 'warehouse_id': SQL warehouse 0123456789abcdef does not exist.",
        "'25' is no hour",
        "no notification destination with id nowhere",
        "ghost is no active user or service principal",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"query_text": "DROP TABLE t"}, "no query"),
        ({"query_text": "SELECT FROM WHERE"}, "Syntax error"),
        ({"display_name": ""}, "display_name"),
        ({"evaluation": AlertV2Evaluation(column("c"), ABOVE)}, "needs a threshold"),
        (
            {"evaluation": AlertV2Evaluation(column("c"), ComparisonOperator.IS_NULL, threshold=value(1))},
            "takes no threshold",
        ),
        ({"parent_path": "/nowhere"}, "/nowhere"),
    ],
)
def test_what_can_be_no_alert_is_refused(alerting: Alerting, fields: dict[str, object], said: str) -> None:
    with pytest.raises(DatabricksError, match=said):
        alerting.client.alerts_v2.create_alert(AlertV2(**vars(alerting.alert()) | fields))


def test_who_sees_and_who_changes(alerting: Alerting, reader: Reader) -> None:
    theirs = reader.client.alerts_v2
    shared = alerting.create()
    hidden = alerting.create(parent_path="/Users/admin@lakestead.local")
    assert theirs.get_alert(shared).id == shared
    assert {shared, hidden} & {one.id for one in theirs.list_alerts()} == {shared}
    with pytest.raises(PermissionDenied):
        theirs.get_alert(hidden)
    with pytest.raises(PermissionDenied):
        theirs.trash_alert(shared)
    alert = alerting.alert(run_as=AlertV2RunAs(user_name="admin@lakestead.local"))
    with pytest.raises(PermissionDenied, match="run as admin"):
        theirs.create_alert(alert)
    with pytest.raises(PermissionDenied):
        theirs.create_alert(alerting.alert(parent_path="/Users/admin@lakestead.local"))
    own = theirs.create_alert(alerting.alert(parent_path=None))
    assert own.id
    assert own.effective_run_as == AlertV2RunAs(service_principal_name=reader.name)
    assert own.parent_path == f"/Users/{reader.name}"
    theirs.trash_alert(own.id, purge=True)
    with pytest.raises(NotFound):
        theirs.get_alert(own.id)
