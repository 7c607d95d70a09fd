"""The rules and records of runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lakestead.workspace.alerts import service as alerts
from lakestead.workspace.alerts.queries import service as queries
from lakestead.workspace.assets import rights
from lakestead.workspace.assets import service as assets
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.notifications import destinations
from lakestead.workspace.runs.requests import ListRuns, SubmitRun, Task, subscribers
from lakestead.workspace.store.base import now_ms
from lakestead.workspace.store.runs import JobRun
from lakestead.workspace.warehouses import service as warehouses

_DAY_MS = 24 * 3600 * 1000
# Databricks keeps runs for 60 days.
_KEEP_MS = 60 * _DAY_MS


class State(StrEnum):
    """Where a run stands."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    TERMINATED = "TERMINATED"
    INTERNAL_ERROR = "INTERNAL_ERROR"


class Result(StrEnum):
    """How a run ended."""

    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


ACTIVE = (State.PENDING, State.RUNNING)


@dataclass(frozen=True, slots=True)
class End:
    """How a run or a task of one ended.

    Attributes:
        result: how; None when the workspace itself is to blame.
        message: why, when it did not succeed.
        output: what a task gave.
    """

    result: Result | None
    message: str = ""
    output: dict[str, Any] | None = None


def submit(tx: Session, actor: Principal, asked: SubmitRun) -> tuple[JobRun, bool]:
    """Record a run that runs at once, and return it and whether it is new: a token stands for one run.

    Raises:
        ApiError: NOT_IMPLEMENTED for tasks that do not run here; NOT_FOUND or PERMISSION_DENIED of what they
            are about; INVALID_REQUEST.
    """
    token = asked.idempotency_token
    if token is not None:
        query = select(JobRun).where(JobRun.token == token, JobRun.creator == actor.name)
        if (there := tx.scalars(query).first()) is not None:
            return there, False
    tasks = [_resolved(tx, actor, task) for task in asked.tasks]
    run = JobRun(
        name=asked.run_name, creator=actor.name, token=token, state=State.RUNNING, started_at=now_ms()
    )
    tx.add(run)
    tx.flush()
    tx.add_all(
        JobRun(
            parent_id=run.id, name=task.task_key, creator=actor.name, task=task.model_dump(exclude_none=True)
        )
        for task in tasks
    )
    return run, True


def _resolved(tx: Session, actor: Principal, task: Task) -> Task:
    """Check a task, and return it with its alert named by id."""
    task.check()
    if task.sql_task is not None and task.sql_task.query is not None:
        query = queries.find(tx, task.sql_task.query.query_id)
        if query.trashed or not rights.sees(tx, actor, query):
            raise _denied(actor, "CAN_RUN", f"query {query.id}")
    if task.sql_task is not None and task.sql_task.alert is not None:
        _check_alert(tx, actor, task.sql_task.alert.alert_id)
        destinations.check(tx, subscribers(task.sql_task.alert.subscriptions).destinations)
    if task.alert_task is not None:
        asked = task.alert_task
        alert_id = asked.alert_id or assets.find(tx, asked.workspace_path or "").resource_id
        _check_alert(tx, actor, alert_id)
        destinations.check(tx, subscribers(asked.subscribers).destinations)
        task = task.model_copy(update={"alert_task": asked.model_copy(update={"alert_id": alert_id})})
    named = task.sql_task or task.alert_task
    if named is not None and named.warehouse_id:
        warehouses.find(tx, named.warehouse_id)
    return task


def _check_alert(tx: Session, actor: Principal, alert_id: str) -> None:
    alert = alerts.find_active(tx, alert_id)
    if not rights.manages(actor, alert):
        raise _denied(actor, "CAN_RUN", f"alert {alert_id}")


def _denied(actor: Principal, permission: str, what: str) -> ApiError:
    return ApiError(
        ErrorCode.PERMISSION_DENIED, f"{actor.name} does not have {permission} permission on {what}."
    )


def find(tx: Session, actor: Principal, run_id: int) -> JobRun:
    """Return a run or a task of one: its creator and administrators may see it.

    Raises:
        ApiError: NOT_FOUND; PERMISSION_DENIED.
    """
    run = tx.get(JobRun, run_id)
    if run is None:
        raise ApiError(ErrorCode.NOT_FOUND, f"Run {run_id} does not exist.")
    if not actor.is_admin and run.creator != actor.name:
        raise _denied(actor, "View", f"run {run_id}")
    return run


def tasks(tx: Session, run_id: int) -> Sequence[JobRun]:
    """Return the tasks of a run, in their order."""
    return tx.scalars(select(JobRun).where(JobRun.parent_id == run_id).order_by(JobRun.id)).all()


def listed(tx: Session, actor: Principal, asked: ListRuns) -> Sequence[JobRun]:
    """Return the runs that a principal may see, the newest first."""
    query = select(JobRun).where(JobRun.parent_id.is_(None)).order_by(JobRun.id.desc())
    if not actor.is_admin:
        query = query.where(JobRun.creator == actor.name)
    if asked.active_only or asked.completed_only:
        chosen = JobRun.state.in_(ACTIVE)
        query = query.where(chosen if asked.active_only else ~chosen)
    if asked.job_id is not None:
        query = query.where(JobRun.id == asked.job_id)
    if asked.run_type not in (None, "SUBMIT_RUN"):
        return ()
    if asked.start_time_from is not None:
        query = query.where(JobRun.created_at >= asked.start_time_from)
    if asked.start_time_to is not None:
        query = query.where(JobRun.created_at <= asked.start_time_to)
    return tx.scalars(query).all()


def begin(tx: Session, task_id: int) -> None:
    """Note that a task of a run runs."""
    task = tx.get_one(JobRun, task_id)
    task.state, task.started_at = State.RUNNING, now_ms()


def end(tx: Session, run_id: int, how: End) -> None:
    """Note that a run or a task of one is over."""
    run = tx.get_one(JobRun, run_id)
    run.state = State.INTERNAL_ERROR if how.result is None else State.TERMINATED
    run.result, run.message, run.output, run.ended_at = how.result, how.message, how.output, now_ms()


def recover(tx: Session) -> None:
    """Note that what a process before had under way is over, and forget what is old."""
    left = select(JobRun.id).where(JobRun.state.in_(ACTIVE))
    for run_id in tx.scalars(left).all():
        end(tx, run_id, End(None, "The workspace was stopped while the run was under way."))
    tx.execute(delete(JobRun).where(JobRun.created_at < now_ms() - _KEEP_MS, JobRun.parent_id.is_(None)))
