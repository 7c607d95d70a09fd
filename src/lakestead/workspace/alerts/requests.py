"""What clients send to the alerts API."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from lakestead.workspace.alerts.condition import Aggregation, Condition, Operand, Operator, Scalar, State
from lakestead.workspace.http import Body
from lakestead.workspace.notifications.requests import Address


def _one_of(body: Body) -> None:
    if len(body.model_dump(exclude_none=True)) != 1:
        raise ValueError(f"exactly one of {', '.join(type(body).model_fields)} is needed")


class OperandColumn(Body):
    """A column of the query's result; ``display`` is kept for who shows it."""

    name: str = Field(min_length=1)
    aggregation: Aggregation | None = None
    display: str | None = None

    def operand(self) -> Operand:
        """Return what it stands for."""
        return Operand(self.name, self.aggregation)


class OperandValue(Body):
    """A value of one of three types."""

    bool_value: bool | None = None
    double_value: float | None = Field(default=None, allow_inf_nan=False)
    string_value: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        _one_of(self)
        return self

    def scalar(self) -> Scalar:
        """Return the value; a number without a fraction as whoever wrote it wrote it."""
        if self.double_value is not None:
            return int(self.double_value) if self.double_value.is_integer() else self.double_value
        found: list[Scalar] = list(self.model_dump(exclude_none=True).values())
        return found[0]


class Threshold(Body):
    """What is compared with: a column or a value."""

    column: OperandColumn | None = None
    value: OperandValue | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        _one_of(self)
        return self

    def operand(self) -> Operand | Scalar | None:
        """Return what it stands for."""
        if self.column is not None:
            return self.column.operand()
        return None if self.value is None else self.value.scalar()


class Subscription(Body):
    """Somebody who is told."""

    user_email: Address | None = None
    destination_id: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        _one_of(self)
        return self


class Notification(Body):
    """Who is told, and when."""

    notify_on_ok: bool | None = None
    retrigger_seconds: int | None = Field(default=None, ge=0)
    subscriptions: list[Subscription] = Field(default_factory=list, max_length=100)


class Evaluation(Body):
    """When the alert is triggered; ``state`` and ``last_evaluated_at`` are given out only."""

    source: OperandColumn
    comparison_operator: Operator
    threshold: Threshold | None = None
    empty_result_state: State | None = None
    notification: Notification | None = None
    state: str | None = Field(default=None, exclude=True)
    last_evaluated_at: str | None = Field(default=None, exclude=True)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.comparison_operator.alone != (self.threshold is None):
            needs = "takes no" if self.comparison_operator.alone else "needs a"
            raise ValueError(f"{self.comparison_operator} {needs} threshold")
        return self

    def condition(self) -> Condition:
        """Return what it stands for."""
        threshold = None if self.threshold is None else self.threshold.operand()
        empty = self.empty_result_state or State.UNKNOWN
        return Condition(self.source.operand(), self.comparison_operator, threshold, empty)


class Schedule(Body):
    """When the alert is evaluated."""

    quartz_cron_schedule: str
    timezone_id: str
    pause_status: Literal["PAUSED", "UNPAUSED"] | None = None


class RunAs(Body):
    """Whose privileges the query has."""

    user_name: str | None = None
    service_principal_name: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        _one_of(self)
        return self


class QueryParameter(Body):
    """A value for a marker ``:name`` of the query."""

    name: str = Field(min_length=1)
    type: str | None = None
    value: str | None = None


def _unique(parameters: list[QueryParameter]) -> list[QueryParameter]:
    if len({one.name for one in parameters}) != len(parameters):
        raise ValueError("two parameters have the same name")
    return parameters


class AlertBody(Body):
    """An alert, as it is created and as it is after an update."""

    display_name: str = Field(min_length=1, max_length=250)
    query_text: str = Field(min_length=1)
    warehouse_id: str
    evaluation: Evaluation
    schedule: Schedule
    custom_summary: str | None = Field(default=None, max_length=10_000)
    custom_description: str | None = Field(default=None, max_length=100_000)
    custom_template_format: Literal["HTML", "MARKDOWN"] | None = None
    parameters: Annotated[list[QueryParameter], AfterValidator(_unique)] = Field(default_factory=list)
    parent_path: str | None = Field(default=None, exclude=True)
    run_as: RunAs | None = None
    run_as_user_name: str | None = None
    # Given out only: clients send back what they got.
    id: str | None = Field(default=None, exclude=True)
    create_time: str | None = Field(default=None, exclude=True)
    update_time: str | None = Field(default=None, exclude=True)
    lifecycle_state: str | None = Field(default=None, exclude=True)
    owner_user_name: str | None = Field(default=None, exclude=True)
    effective_run_as: dict[str, Any] | None = Field(default=None, exclude=True)

    def declared(self) -> dict[str, Any]:
        """Return what is kept of it, as JSON."""
        return self.model_dump(mode="json", exclude_none=True)

    def runs_as(self, owner: str) -> str:
        """Return the name of the principal whose privileges the query has."""
        if self.run_as is not None:
            return self.run_as.user_name or self.run_as.service_principal_name or owner
        return self.run_as_user_name or owner


# What an update may change.
CHANGEABLE = frozenset(name for name, field in AlertBody.model_fields.items() if not field.exclude)


class ListAlerts(Body):
    """The query of lists of alerts and of saved queries."""

    page_size: int | None = Field(default=None, ge=0)
    page_token: str | None = None


class TrashAlert(Body):
    """The query of ``DELETE /api/2.0/alerts/{id}``."""

    purge: bool = False


class UpdateMask(Body):
    """The query of ``PATCH /api/2.0/alerts/{id}``."""

    update_mask: str = Field(min_length=1)
