"""Runs at work: a thread for each, its tasks one after the other."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from lakestead.workspace.alerts.condition import State as AlertState
from lakestead.workspace.alerts.definition import Subscribers
from lakestead.workspace.alerts.evaluation import Alerts, Evaluated
from lakestead.workspace.alerts.queries import service as queries
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.runs import service
from lakestead.workspace.runs.requests import AlertTask, SqlTask, Task, subscribers
from lakestead.workspace.runs.service import End, Result
from lakestead.workspace.sql.statement import Client, Statement
from lakestead.workspace.statements.asking import Asking
from lakestead.workspace.store.base import Store
from lakestead.workspace.store.runs import JobRun

logger = logging.getLogger(__name__)

_APPLICATION = "lakestead-jobs"
_AT_ONCE = 8
_CANCELLED = End(Result.CANCELED, "Run cancelled.")


@dataclass(slots=True)
class _UnderWay:
    """What cancelling a run takes."""

    cancelled: threading.Event = field(default_factory=threading.Event)
    statement: Statement | None = None

    def began(self, statement: Statement) -> None:
        self.statement = statement
        if self.cancelled.is_set():
            statement.cancel()

    def cancel(self) -> None:
        self.cancelled.set()
        if self.statement is not None:
            self.statement.cancel()


class Runs:
    """The runs of a workspace at work.

    Args:
        store: keeps them.
        asking: runs saved queries.
        alerts: evaluates alerts.
    """

    def __init__(self, store: Store, asking: Asking, alerts: Alerts) -> None:
        self._store = store
        self._asking = asking
        self._alerts = alerts
        self._under_way: dict[int, _UnderWay] = {}
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="runs")
        with store.write() as tx:
            service.recover(tx)

    def start(self, run: JobRun) -> None:
        """Run a run that was recorded; returns at once."""
        self._under_way[run.id] = _UnderWay()
        self._pool.submit(self._run, run.id)

    def cancel(self, run_id: int) -> None:
        """Cancel a run; one that is over stays as it is."""
        under_way = self._under_way.get(run_id)
        if under_way is not None:
            under_way.cancel()

    def stop(self) -> None:
        """Cancel all runs."""
        for under_way in list(self._under_way.values()):
            under_way.cancel()

    def close(self) -> None:
        """Wait until no run is under way."""
        self.stop()
        self._pool.shutdown()

    def _run(self, run_id: int) -> None:
        under_way = self._under_way[run_id]
        ends: list[End] = []
        with self._store.write() as tx:
            service.begin(tx, run_id)
            tasks = service.tasks(tx, run_id)
        for task in tasks:
            ends.append(self._run_task(task, under_way))
        with self._store.write() as tx:
            service.end(tx, run_id, _together(ends))
        del self._under_way[run_id]

    def _run_task(self, run: JobRun, under_way: _UnderWay) -> End:
        with self._store.write() as tx:
            service.begin(tx, run.id)
        try:
            how = _CANCELLED if under_way.cancelled.is_set() else self._carry_out(run, under_way)
        except ApiError as error:
            cancelled = error.code is ErrorCode.CANCELLED
            how = _CANCELLED if cancelled else End(Result.FAILED, error.message)
        except Exception:
            # The edge of a background thread: whoever waits for the run must not wait for ever.
            logger.exception("run %s failed", run.id)
            how = End(None, "The run failed inside the workspace; see its log.")
        with self._store.write() as tx:
            service.end(tx, run.id, how)
        return how

    def _carry_out(self, run: JobRun, under_way: _UnderWay) -> End:
        task = Task.model_validate(run.task)
        if task.alert_task is not None:
            return self._alert(task.alert_task, under_way)
        assert task.sql_task is not None
        if task.sql_task.alert is not None:
            return self._sql_alert(task.sql_task, under_way)
        return self._query(run.creator, task.sql_task, under_way)

    def _alert(self, task: AlertTask, under_way: _UnderWay) -> End:
        found = self._alerts.evaluate(
            task.alert_id or "",
            warehouse_id=task.warehouse_id,
            others=subscribers(task.subscribers),
            submitted=under_way.began,
        )
        return _ended(found, {"alert_output": {"alert_state": found.state}})

    def _sql_alert(self, task: SqlTask, under_way: _UnderWay) -> End:
        assert task.alert is not None
        muted = task.alert.pause_subscriptions
        found = self._alerts.evaluate(
            task.alert.alert_id,
            warehouse_id=task.warehouse_id,
            others=Subscribers() if muted else subscribers(task.alert.subscriptions),
            muted=muted,
            submitted=under_way.began,
        )
        known = AlertState.UNKNOWN if found.state is AlertState.ERROR else found.state
        about = _sql_output(found.text, task.warehouse_id, found.statement_id)
        return _ended(found, {"sql_output": {"alert_output": {"alert_state": known, **about}}})

    def _query(self, creator: str, task: SqlTask, under_way: _UnderWay) -> End:
        assert task.query is not None
        with self._store.read() as tx:
            declared = queries.find(tx, task.query.query_id).definition
        text = declared.get("query_text", "")
        with self._asking.answer(
            creator,
            text,
            client=Client(application=_APPLICATION, warehouse_id=task.warehouse_id),
            catalog=declared.get("catalog"),
            schema=declared.get("schema"),
            submitted=under_way.began,
        ) as answer:
            for _ in answer.batches:
                pass
            about = _sql_output(text, task.warehouse_id, answer.statement_id)
        return End(Result.SUCCESS, output={"sql_output": {"query_output": about}})


def _sql_output(text: str, warehouse_id: str, statement_id: str | None) -> dict[str, Any]:
    statements = [] if statement_id is None else [{"lookup_key": statement_id}]
    return {"query_text": text, "warehouse_id": warehouse_id, "sql_statements": statements}


def _ended(found: Evaluated, output: dict[str, Any]) -> End:
    if found.state is AlertState.ERROR:
        return End(Result.FAILED, found.error or "", output)
    return End(Result.SUCCESS, output=output)


def _together(ends: list[End]) -> End:
    """Return how a run ended whose tasks ended so: as the first that did not succeed."""
    return next(
        (End(one.result, one.message) for one in ends if one.result != Result.SUCCESS), End(Result.SUCCESS)
    )
