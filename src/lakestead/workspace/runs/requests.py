"""What clients send to the runs of the jobs API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from lakestead.workspace.alerts.definition import Subscribers
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.http import Body
from lakestead.workspace.notifications.requests import Address

# What the database can hold.
Number = Annotated[int, Field(ge=0, lt=2**63)]


class Subscriber(Body):
    """Somebody who is told."""

    user_name: Address | None = None
    destination_id: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.user_name is None) == (self.destination_id is None):
            raise ValueError("exactly one of user_name and destination_id is needed")
        return self


def subscribers(given: Sequence[Subscriber]) -> Subscribers:
    """Return who is told."""
    return Subscribers(
        tuple(one.user_name for one in given if one.user_name is not None),
        tuple(one.destination_id for one in given if one.destination_id is not None),
    )


class AlertTask(Body):
    """Evaluates an alert, which is named by its id or its path."""

    alert_id: str | None = None
    workspace_path: str | None = None
    warehouse_id: str | None = None
    subscribers: list[Subscriber] = Field(default_factory=list, max_length=100)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.alert_id is None) == (self.workspace_path is None):
            raise ValueError("exactly one of alert_id and workspace_path is needed")
        return self


class SqlAlert(Body):
    """An alert of a SQL task."""

    alert_id: str
    subscriptions: list[Subscriber] = Field(default_factory=list, max_length=100)
    pause_subscriptions: bool = False


class SqlQuery(Body):
    """A saved query of a SQL task."""

    query_id: str


class SqlTask(Body):
    """Evaluates an alert, or runs a saved query."""

    warehouse_id: str
    alert: SqlAlert | None = None
    query: SqlQuery | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.alert is None) == (self.query is None):
            raise ValueError("exactly one of alert and query is needed")
        return self


class Task(Body):
    """A task of a run."""

    model_config = ConfigDict(extra="allow", frozen=True)

    task_key: str = Field(min_length=1, max_length=100, pattern=r"^[\w-]+$")
    description: str | None = None
    alert_task: AlertTask | None = None
    sql_task: SqlTask | None = None

    def check(self) -> None:
        """Refuse what the workspace does not run.

        Raises:
            ApiError: NOT_IMPLEMENTED naming the kind of task; INVALID_REQUEST for other fields, and for a
                task that is nothing or two things.
        """
        others = sorted(self.model_extra or ())
        kinds = [name for name in others if name.endswith("_task")]
        if kinds:
            raise unsupported(f"A task with {kinds[0]}: only alert_task and sql_task run. It")
        if others:
            raise ApiError(
                ErrorCode.INVALID_REQUEST,
                f"Field 'tasks.{others[0]}' is not known or not supported by the embedded workspace.",
            )
        if (self.alert_task is None) == (self.sql_task is None):
            raise ApiError(
                ErrorCode.INVALID_REQUEST,
                f"Task '{self.task_key}' must have exactly one of alert_task and sql_task.",
            )


class SubmitRun(Body):
    """The body of ``POST /api/2.2/jobs/runs/submit``."""

    tasks: list[Task] = Field(min_length=1, max_length=100)
    run_name: str = Field(default="Untitled", min_length=1, max_length=4096)
    idempotency_token: str | None = Field(default=None, min_length=1, max_length=64)

    @model_validator(mode="after")
    def _unique(self) -> Self:
        if len({task.task_key for task in self.tasks}) != len(self.tasks):
            raise ValueError("two tasks have the same task_key")
        return self


class OneRun(Body):
    """A run. What can be asked for with it is in every answer, or there is none of it."""

    run_id: Number
    include_history: bool = False
    include_resolved_values: bool = False
    page_token: str | None = None


class ListRuns(Body):
    """The query of ``GET /api/2.2/jobs/runs/list``."""

    active_only: bool = False
    completed_only: bool = False
    expand_tasks: bool = False
    job_id: Number | None = None
    limit: int = Field(default=20, ge=0, le=26)
    page_token: str | None = None
    run_type: Literal["JOB_RUN", "SUBMIT_RUN", "WORKFLOW_RUN"] | None = None
    start_time_from: Number | None = None
    start_time_to: Number | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.active_only and self.completed_only:
            raise ValueError("active_only and completed_only cannot both be true")
        return self
