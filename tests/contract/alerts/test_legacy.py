"""Legacy alerts and saved queries by the SDK."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from databricks.sdk.errors import (
    DatabricksError,
    InvalidParameterValue,
    NotFound,
    PermissionDenied,
    ResourceAlreadyExists,
)
from databricks.sdk.service.jobs import SqlTask, SqlTaskAlert, SqlTaskQuery, SqlTaskSubscription, SubmitTask
from databricks.sdk.service.sql import (
    AlertCondition,
    AlertConditionOperand,
    AlertConditionThreshold,
    AlertOperandColumn,
    AlertOperandValue,
    AlertOperator,
    AlertState,
    CreateAlertRequestAlert,
    CreateQueryRequestQuery,
    LifecycleState,
    QueryParameter,
    UpdateAlertRequestAlert,
    UpdateQueryRequestQuery,
)

from tests.contract.alerts.conftest import Alerting, ended
from tests.contract.conftest import Reader
from tests.servers.inbox import Webhooks


def above(limit: float) -> AlertCondition:
    return AlertCondition(
        op=AlertOperator.GREATER_THAN,
        operand=AlertConditionOperand(column=AlertOperandColumn(name="c")),
        threshold=AlertConditionThreshold(value=AlertOperandValue(double_value=limit)),
    )


def test_a_query_is_made_changed_and_trashed(alerting: Alerting, schema: str, reader: Reader) -> None:
    api = alerting.client.queries
    name = f"query {uuid.uuid4().hex[:8]}"
    catalog, _, inner = schema.partition(".")
    asked = CreateQueryRequestQuery(
        display_name=name,
        query_text="SELECT 1",
        catalog=catalog,
        schema=inner,
        tags=["a"],
        parent_path="/Shared",
    )
    made = api.create(query=asked)
    assert made.id
    assert (made.catalog, made.schema, made.parent_path) == (catalog, inner, "/Shared")
    with pytest.raises(ResourceAlreadyExists):
        api.create(query=asked)
    second = api.create(query=asked, auto_resolve_display_name=True)
    assert second.display_name == f"{name} (1)"
    changed = api.update(made.id, "query_text,tags", query=UpdateQueryRequestQuery(query_text="SELECT 2"))
    assert (changed.query_text, changed.tags, changed.display_name) == ("SELECT 2", None, name)
    assert {made.id, second.id} <= {one.id for one in api.list(page_size=1)}
    assert reader.client.queries.get(made.id).query_text == "SELECT 2"
    with pytest.raises(PermissionDenied):
        reader.client.queries.delete(made.id)
    with pytest.raises(InvalidParameterValue, match="parameters"):
        api.create(query=CreateQueryRequestQuery(display_name="p", parameters=[QueryParameter(name="p")]))
    with pytest.raises(NotFound, match="does not exist"):
        api.update(made.id, "warehouse_id", query=UpdateQueryRequestQuery(warehouse_id="0123456789abcdef"))
    for one in (made, second):
        api.delete(one.id or "")
    assert api.get(made.id).lifecycle_state is LifecycleState.TRASHED
    assert not {made.id, second.id} & {one.id for one in api.list()}


def test_an_alert_on_a_query_is_evaluated_by_a_task(
    alerting: Alerting, webhooks: Webhooks, schema: str, cell: Callable[[str], None]
) -> None:
    client = alerting.client
    name = uuid.uuid4().hex[:8]
    catalog, _, inner = schema.partition(".")
    query = client.queries.create(
        query=CreateQueryRequestQuery(
            display_name=f"query {name}", query_text="SELECT c FROM cell", catalog=catalog, schema=inner
        )
    ).id
    assert query
    asked = CreateAlertRequestAlert(
        display_name=name,
        query_id=query,
        condition=above(10),
        custom_body="{{QUERY_NAME}} {{QUERY_RESULT_VALUE}}",
    )
    alert = client.alerts.create(alert=asked)
    assert alert.id
    assert alert.state is AlertState.UNKNOWN
    assert alert.id in {one.id for one in client.alerts.list()}

    (subscription,) = alerting.webhook(webhooks).subscriptions or ()
    told = SqlTaskAlert(alert.id, subscriptions=[SqlTaskSubscription(subscription.destination_id)])
    tasks = [
        SubmitTask("alert", sql_task=SqlTask(alerting.workspace.warehouse_id, alert=told)),
        SubmitTask("query", sql_task=SqlTask(alerting.workspace.warehouse_id, query=SqlTaskQuery(query))),
    ]

    def evaluate() -> str:
        run = ended(client, client.jobs.submit(tasks=tasks).run_id)
        first, second = run.tasks or ()
        ran = client.jobs.get_run_output(second.run_id or 0).sql_output
        assert ran
        assert ran.query_output
        assert ran.query_output.query_text == "SELECT c FROM cell"
        found = client.jobs.get_run_output(first.run_id or 0).sql_output
        assert found
        assert found.alert_output
        assert found.alert_output.alert_state
        return found.alert_output.alert_state.value

    assert evaluate() == "OK"
    cell("12")
    assert evaluate() == "TRIGGERED"
    assert webhooks.wait(1)[0].body["body"] == f"query {name} 12"
    assert client.alerts.get(alert.id).trigger_time
    changed = client.alerts.update(alert.id, "condition", alert=UpdateAlertRequestAlert(condition=above(20)))
    assert changed.custom_body == asked.custom_body
    assert evaluate() == "OK"

    client.queries.delete(query)
    with pytest.raises(DatabricksError):
        evaluate()
    client.alerts.delete(alert.id)
    assert client.alerts.get(alert.id).lifecycle_state is LifecycleState.TRASHED
    with pytest.raises(NotFound, match="does not exist"):
        client.alerts_v2.get_alert(alert.id)
