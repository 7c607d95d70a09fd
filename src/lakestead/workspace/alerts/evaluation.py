"""Evaluates alerts: runs their queries, says how they stand, and tells their subscribers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pyarrow as pa

from lakestead.workspace.alerts.condition import Condition, State, Verdict, column_of
from lakestead.workspace.alerts.definition import Definition, Subscribers
from lakestead.workspace.alerts.notices import is_due, message
from lakestead.workspace.alerts.service import active, definition_of, find_active
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.notifications.service import Notifications
from lakestead.workspace.schedules.service import Schedules
from lakestead.workspace.sql.statement import Client, Statement
from lakestead.workspace.statements.asking import Answer, Asking
from lakestead.workspace.store.alerts import Alert
from lakestead.workspace.store.base import Store, now_ms
from lakestead.workspace.store.notifications import WaitingNotification
from lakestead.workspace.system.log import Log, Row

EVALUATIONS = "lakestead.alert_evaluations"
"""The system table that has a row for every evaluation."""

_APPLICATION = "lakestead-alerts"
# Rows of a result that templates can show.
_SHOWN_ROWS = 100
_NOBODY = Subscribers()


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What an evaluation found.

    Attributes:
        state: how the alert stands.
        text: its query.
        error: why it could not be evaluated, when it stands at ERROR.
        statement_id: of the query, when it could be run.
    """

    state: State
    text: str
    error: str | None = None
    statement_id: str | None = None


class Alerts:
    """The alerts of a workspace, on their schedules and on demand.

    Args:
        store: keeps them.
        log: every evaluation is recorded there.
        asking: runs their queries.
        notifications: tells their subscribers.
        schedules: knows when they are due.
        url: where the workspace is served.
    """

    def __init__(
        self,
        store: Store,
        log: Log,
        asking: Asking,
        notifications: Notifications,
        schedules: Schedules,
        url: str,
    ) -> None:
        self._store = store
        self._log = log
        self._asking = asking
        self._notifications = notifications
        self._schedules = schedules
        self._url = url

    def start(self) -> None:
        """Put all alerts on their schedules."""
        with self._store.read() as tx:
            for alert in active(tx, legacy=False):
                self.schedule(alert)

    def schedule(self, alert: Alert) -> None:
        """Put an alert on its schedule, or take it off when it has none that runs."""
        key = f"alert/{alert.id}"
        declared = alert.definition.get("schedule")
        if declared is None or alert.trashed or declared.get("pause_status") == "PAUSED":
            self._schedules.remove(key)
            return
        self._schedules.set(
            key,
            declared["quartz_cron_schedule"],
            declared["timezone_id"],
            partial(self._due, alert.id),
        )

    def evaluate(
        self,
        alert_id: str,
        *,
        warehouse_id: str | None = None,
        others: Subscribers = _NOBODY,
        muted: bool = False,
        submitted: Callable[[Statement], None] = lambda _: None,
    ) -> Evaluated:
        """Say how an alert stands, and tell its subscribers if they are to know.

        Args:
            alert_id: the alert.
            warehouse_id: where its query runs, instead of its own warehouse.
            others: who is told besides its own subscribers.
            muted: whether nobody is told.
            submitted: gets the query's statement at once, for who may have to cancel it.

        Raises:
            ApiError: NOT_FOUND of an alert that is not there or in the trash; CANCELLED.
        """
        with self._store.read() as tx:
            declared = definition_of(tx, find_active(tx, alert_id))
        definition = replace(
            declared,
            warehouse_id=warehouse_id or declared.warehouse_id,
            subscribers=declared.subscribers + others,
        )
        rows: list[dict[str, Any]] = []
        statements: list[Statement] = []

        def under_way(statement: Statement) -> None:
            statements.append(statement)
            submitted(statement)

        error = None
        try:
            verdict, rows = self._verdict(definition, under_way)
        except ApiError as failed:
            if failed.code is ErrorCode.CANCELLED:
                raise
            verdict, error = Verdict(State.ERROR, None, None), failed.message
        statement_id = statements[0].id if statements else None
        found = Evaluated(verdict.state, definition.text, error, statement_id)
        self._settle(definition, verdict, rows, muted)
        self._log.append(EVALUATIONS, _row(definition, verdict, found))
        return found

    def _due(self, alert_id: str) -> None:
        try:
            self.evaluate(alert_id)
        except ApiError as error:
            # It went to the trash meanwhile, or the workspace stops.
            if error.code not in (ErrorCode.NOT_FOUND, ErrorCode.CANCELLED):
                raise

    def _verdict(
        self, definition: Definition, submitted: Callable[[Statement], None]
    ) -> tuple[Verdict, list[dict[str, Any]]]:
        """Run an alert's query, and return how it stands and the first rows of the result."""
        condition = definition.condition
        aggregated = any(column.aggregation for column in condition.columns)
        with self._asking.answer(
            definition.run_as,
            definition.text,
            definition.parameters,
            client=Client(application=_APPLICATION, warehouse_id=definition.warehouse_id),
            catalog=definition.catalog,
            schema=definition.schema,
            row_limit=None if aggregated else _SHOWN_ROWS,
            submitted=submitted,
        ) as answer:
            needed, rows = _read(condition, answer)
        return condition.evaluate(needed), rows

    def _settle(
        self, definition: Definition, verdict: Verdict, rows: list[dict[str, Any]], muted: bool
    ) -> None:
        """Keep how an alert stands, and tell its subscribers if they are to know."""
        state = verdict.state
        waiting: list[WaitingNotification] = []
        with self._store.write() as tx:
            alert = find_active(tx, definition.id)
            now = now_ms()
            due = not muted and is_due(definition, state, now, alert.notified_at)
            if due:
                url = f"{self._url}/alerts/{alert.id}"
                waiting = self._notifications.put(tx, message(definition, verdict, rows, url))
            if state is State.TRIGGERED and alert.state != State.TRIGGERED:
                alert.triggered_at = now
            if state is State.TRIGGERED and due:
                alert.notified_at = now
            elif state in (State.OK, State.UNKNOWN):
                alert.notified_at = None
            alert.state, alert.evaluated_at = state, now
        self._notifications.deliver(waiting)


def _row(definition: Definition, verdict: Verdict, found: Evaluated) -> Row:
    """Return an evaluation as the system table has it."""
    return {
        "evaluation_time": now_ms(),
        "alert_id": definition.id,
        "alert_name": definition.name,
        "run_as": definition.run_as,
        "warehouse_id": definition.warehouse_id,
        "statement_id": found.statement_id,
        "state": found.state,
        "condition": str(definition.condition),
        "value": _text(verdict.value),
        "threshold": _text(verdict.threshold),
        "error": found.error,
    }


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _read(condition: Condition, answer: Answer) -> tuple[pa.Table, list[dict[str, Any]]]:
    """Return the columns of an answer that a condition looks at, and all of its first rows."""
    places = sorted({column_of(answer.schema, one.name) for one in condition.columns})
    schema = pa.schema([answer.schema.field(place) for place in places])
    kept: list[pa.RecordBatch] = []
    rows: list[dict[str, Any]] = []
    for batch in answer.batches:
        rows += batch.slice(0, max(_SHOWN_ROWS - len(rows), 0)).to_pylist()
        kept.append(batch.select(places))
    return pa.Table.from_batches(kept, schema), rows
