"""Runs at work: their tasks side by side, as far as there are threads."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
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


class _UnderWay:
    """A run whose tasks are not all over.

    Args:
        run_id: the run.
        tasks: ids of its tasks.
    """

    def __init__(self, run_id: int, tasks: Sequence[int]) -> None:
        self.run_id = run_id
        self.cancelled = threading.Event()
        self._tasks = tasks
        self._ends: dict[int, End] = {}
        self._statements: list[Statement] = []
        self._lock = threading.Lock()

    def began(self, statement: Statement) -> None:
        """Know a statement of a task, to cancel it if need be."""
        with self._lock:
            self._statements.append(statement)
        if self.cancelled.is_set():
            statement.cancel()

    def cancel(self) -> None:
        """Cancel the tasks that run, and those that are still to run."""
        self.cancelled.set()
        with self._lock:
            statements = list(self._statements)
        for statement in statements:
            statement.cancel()

    def ended(self, task_id: int, how: End) -> End | None:
        """Note how a task ended, and return how the run did if it was the last: as the first that failed."""
        with self._lock:
            self._ends[task_id] = how
            if len(self._ends) < len(self._tasks):
                return None
        ends = [self._ends[task] for task in self._tasks]
        return next(
            (End(one.result, one.message) for one in ends if one.result != Result.SUCCESS),
            End(Result.SUCCESS),
        )


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

    def start(self, run: JobRun, tasks: Sequence[JobRun]) -> None:
        """Run the tasks of a run that was recorded; returns at once."""
        under_way = _UnderWay(run.id, [task.id for task in tasks])
        self._under_way[run.id] = under_way
        for task in tasks:
            self._pool.submit(self._run, task, under_way)

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

    def _run(self, task: JobRun, under_way: _UnderWay) -> None:
        with self._store.write() as tx:
            service.begin(tx, task.id)
        how = self._outcome(task, under_way)
        with self._store.write() as tx:
            service.end(tx, task.id, how)
        # The run is over when all of its tasks are seen to be.
        whole = under_way.ended(task.id, how)
        if whole is not None:
            with self._store.write() as tx:
                service.end(tx, under_way.run_id, whole)
            del self._under_way[under_way.run_id]

    def _outcome(self, task: JobRun, under_way: _UnderWay) -> End:
        if under_way.cancelled.is_set():
            return _CANCELLED
        try:
            return self._carry_out(task, under_way)
        except ApiError as error:
            return _CANCELLED if error.code is ErrorCode.CANCELLED else End(Result.FAILED, error.message)
        except Exception:
            # The edge of a background thread: whoever waits for the run must not wait for ever.
            logger.exception("run %s failed", task.id)
            return End(None, "The run failed inside the workspace; see its log.")

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
