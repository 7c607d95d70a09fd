"""Routes of one-time runs in the jobs API."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import Call, Route
from lakestead.workspace.paging import page
from lakestead.workspace.runs import service
from lakestead.workspace.runs.requests import ListRuns, OneRun, SubmitRun
from lakestead.workspace.runs.service import ACTIVE, Result
from lakestead.workspace.store.base import now_ms
from lakestead.workspace.store.runs import JobRun

_MAX_PAGE = 25
# Ids in the keys of pages go down, as runs are listed: the newest first.
_BEYOND = 10**15


def _status(run: JobRun) -> dict[str, Any]:
    """Return where a run stands, in the words of both versions of the API."""
    state: dict[str, Any] = {"life_cycle_state": run.state, "state_message": run.message}
    if run.result is not None:
        state["result_state"] = run.result
    if run.state in ACTIVE:
        return {"state": state, "status": {"state": run.state}}
    code = {Result.SUCCESS: "SUCCESS", Result.CANCELED: "USER_CANCELED", Result.FAILED: "RUN_EXECUTION_ERROR"}
    failed = "CLIENT_ERROR" if run.result == Result.FAILED else "SUCCESS"
    details = {
        "code": "INTERNAL_ERROR" if run.result is None else code[Result(run.result)],
        "type": "INTERNAL_ERROR" if run.result is None else failed,
        "message": run.message,
    }
    return {"state": state, "status": {"state": "TERMINATED", "termination_details": details}}


def _times(run: JobRun) -> dict[str, int]:
    ended = run.ended_at or now_ms()
    return {
        "start_time": run.created_at,
        "end_time": run.ended_at or 0,
        "setup_duration": 0,
        "execution_duration": 0 if run.started_at is None else ended - run.started_at,
        "cleanup_duration": 0,
        "run_duration": ended - run.created_at,
    }


def show_task(run: JobRun) -> dict[str, Any]:
    """Return a task of a run as the API shows it."""
    return {**(run.task or {}), "run_id": run.id, "attempt_number": 0, **_times(run), **_status(run)}


def show(tx: Session, run: JobRun, *, tasks: bool = True) -> dict[str, Any]:
    """Return a run as the API shows it.

    Args:
        tx: a transaction.
        run: the run, or a task of one, which is shown like a run with that task.
        tasks: whether to show its tasks.
    """
    whole = run.parent_id or run.id
    shown = {
        "job_id": whole,
        "job_run_id": whole,
        "run_id": run.id,
        "run_name": run.name,
        "number_in_job": whole,
        "original_attempt_run_id": run.id,
        "run_type": "SUBMIT_RUN",
        "trigger": "ONE_TIME",
        "format": "MULTI_TASK",
        "creator_user_name": run.creator,
        **_times(run),
        **_status(run),
    }
    if tasks:
        found = service.tasks(tx, run.id) if run.parent_id is None else [run]
        shown["tasks"] = [show_task(one) for one in found]
    return shown


def submit(call: Call) -> dict[str, Any]:
    """POST a run, which starts at once."""
    asked = call.parse(SubmitRun)
    with call.workspace.store.write() as tx:
        run, new = service.submit(tx, call.principal, asked)
        tx.flush()
        tasks = service.tasks(tx, run.id)
    if new:
        call.workspace.runs.start(run, tasks)
    return {"run_id": run.id}


def get(call: Call) -> dict[str, Any]:
    """GET a run with its tasks."""
    with call.workspace.store.read() as tx:
        return show(tx, service.find(tx, call.principal, call.arguments(OneRun).run_id))


def get_output(call: Call) -> dict[str, Any]:
    """GET what a task of a run gave; a run with one task stands for it."""
    run_id = call.arguments(OneRun).run_id
    with call.workspace.store.read() as tx:
        run = service.find(tx, call.principal, run_id)
        if run.parent_id is None:
            tasks = service.tasks(tx, run.id)
            if len(tasks) != 1:
                raise ApiError(
                    ErrorCode.INVALID_REQUEST,
                    "Retrieving the output of runs with multiple tasks is not supported: ask for each task's",
                )
            (run,) = tasks
        output = {"metadata": show(tx, run), **(run.output or {})}
    return {**output, "error": run.message} if run.message else output


def list_all(call: Call) -> dict[str, Any]:
    """GET the runs that the caller may see, the newest first."""
    asked = call.arguments(ListRuns)
    with call.workspace.store.read() as tx:
        runs, following = page(
            service.listed(tx, call.principal, asked),
            lambda run: f"{_BEYOND - run.id:015d}",
            asked.limit or _MAX_PAGE,
            asked.page_token,
        )
        shown = [show(tx, run, tasks=asked.expand_tasks) for run in runs]
    body: dict[str, Any] = {"runs": shown, "has_more": following is not None}
    return body if following is None else {**body, "next_page_token": following}


def cancel(call: Call) -> None:
    """POST that a run is to stop."""
    run_id = call.parse(OneRun).run_id
    with call.workspace.store.read() as tx:
        run = service.find(tx, call.principal, run_id)
    call.workspace.runs.cancel(run.parent_id or run.id)


_PATH = "/api/2.2/jobs/runs"
_CLIENT = "databricks-sdk: jobs"
_TASKS = "tasks that evaluate alerts (alert_task, sql_task.alert) or run saved queries (sql_task.query)"
ROUTES = [
    Route("POST", f"{_PATH}/submit", submit, witness=f"{_CLIENT}.submit", partial=_TASKS),
    Route("GET", f"{_PATH}/get", get, witness=f"{_CLIENT}.get_run"),
    Route("GET", f"{_PATH}/get-output", get_output, witness=f"{_CLIENT}.get_run_output"),
    Route("GET", f"{_PATH}/list", list_all, witness=f"{_CLIENT}.list_runs", partial="no offset"),
    Route("POST", f"{_PATH}/cancel", cancel, witness=f"{_CLIENT}.cancel_run"),
]
