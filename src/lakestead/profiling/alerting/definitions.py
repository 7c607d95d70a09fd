"""What the alerts of a group are like."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lakestead.profiling.config import Alerting
from lakestead.profiling.findings import Finding, breaches
from lakestead.profiling.views import GroupViews

if TYPE_CHECKING:
    from databricks.sdk.service.sql import AlertV2, AlertV2Evaluation, AlertV2Subscription

MARK = re.compile(r"-- lakestead: (?P<finding>.+?) of monitor group (?P<group>.*), kept by (?P<keeper>.*)")
"""The first line of an alert's query: by it an alert is known again."""

_DESCRIPTION = (
    "<p>{{ALERT_NAME}}: {{ALERT_STATUS}}, {{QUERY_RESULT_VALUE}} findings.</p>"
    "<ul>{{#QUERY_RESULT_ROWS}}<li>{{finding}}</li>{{/QUERY_RESULT_ROWS}}</ul>"
)


def definition(
    finding: Finding,
    views: GroupViews,
    alerting: Alerting,
    keeper: str,
    warehouse_id: str,
    subscriptions: Sequence[AlertV2Subscription],
) -> AlertV2 | None:
    """Return a group's alert on one kind of finding.

    Args:
        finding: the kind.
        views: of the group.
        alerting: limits and schedule.
        keeper: the folder of the alerts; it marks those of one configuration.
        warehouse_id: where the query runs.
        subscriptions: who is told.

    Returns:
        None when there is no such limit, or the group has nothing that it could hold for.
    """
    from databricks.sdk.service.sql import AlertV2, CronSchedule

    query = breaches(finding, views.relations, alerting)
    if query is None:
        return None
    return AlertV2(
        display_name=f"{views.label}: {finding.value}",
        query_text=f"-- lakestead: {finding.value} of monitor group {one_line(views.group)},"
        f" kept by {one_line(keeper)}\n{query}",
        warehouse_id=warehouse_id,
        evaluation=_evaluation(subscriptions),
        schedule=CronSchedule(alerting.quartz_cron_schedule, alerting.timezone_id),
        custom_summary=f"{{{{ALERT_STATUS}}}}: {finding.value} in the monitor group {views.label}",
        custom_description=_DESCRIPTION,
        parent_path=keeper,
    )


def one_line(text: str) -> str:
    """Return a name for a comment, which it must not end: what follows would be SQL."""
    return " ".join(text.split())


def _evaluation(subscriptions: Sequence[AlertV2Subscription]) -> AlertV2Evaluation:
    """Trigger when the query finds anything."""
    from databricks.sdk.service import sql

    return sql.AlertV2Evaluation(
        source=sql.AlertV2OperandColumn(name="finding", aggregation=sql.Aggregation.COUNT),
        comparison_operator=sql.ComparisonOperator.GREATER_THAN,
        threshold=sql.AlertV2Operand(value=sql.AlertV2OperandValue(double_value=0.0)),
        empty_result_state=sql.AlertEvaluationState.OK,
        notification=sql.AlertV2Notification(notify_on_ok=True, subscriptions=list(subscriptions)),
    )
