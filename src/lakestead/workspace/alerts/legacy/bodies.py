"""What clients send to the legacy alerts API."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from lakestead.workspace.alerts.condition import Condition, Operand, Operator, State
from lakestead.workspace.alerts.requests import OperandValue
from lakestead.workspace.http import Body


class ColumnName(Body):
    """A column of the query's result."""

    name: str = Field(min_length=1)


class ConditionOperand(Body):
    """What is looked at."""

    column: ColumnName


class ConditionThreshold(Body):
    """What it is compared with."""

    value: OperandValue


class AlertCondition(Body):
    """When the alert is triggered."""

    op: Operator
    operand: ConditionOperand
    threshold: ConditionThreshold | None = None
    empty_result_state: Literal["UNKNOWN", "OK", "TRIGGERED"] | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.op is Operator.IS_NOT_NULL:
            raise ValueError("IS_NOT_NULL is no operator of legacy alerts")
        if not self.op.alone and self.threshold is None:
            raise ValueError(f"{self.op} needs a threshold")
        return self

    def condition(self) -> Condition:
        """Return what it stands for."""
        threshold = None if self.threshold is None else self.threshold.value.scalar()
        empty = State(self.empty_result_state or "UNKNOWN")
        return Condition(Operand(self.operand.column.name), self.op, threshold, empty)


class LegacyBody(Body):
    """A legacy alert, as it is created and as it is after an update."""

    display_name: str = Field(min_length=1, max_length=250)
    query_id: str
    condition: AlertCondition
    custom_subject: str | None = Field(default=None, max_length=10_000)
    custom_body: str | None = Field(default=None, max_length=100_000)
    notify_on_ok: bool | None = None
    seconds_to_retrigger: int | None = Field(default=None, ge=0)
    parent_path: str | None = Field(default=None, exclude=True)
    owner_user_name: str | None = Field(default=None, exclude=True)

    def declared(self) -> dict[str, Any]:
        """Return what is kept of it, as JSON."""
        return self.model_dump(mode="json", exclude_none=True)


CHANGEABLE = frozenset(set(LegacyBody.model_fields) - {"parent_path"})
"""What an update may change."""


class CreateLegacy(Body):
    """The body of ``POST /api/2.0/sql/alerts``."""

    alert: LegacyBody
    auto_resolve_display_name: bool = False


class UpdateLegacy(Body):
    """The body of ``PATCH /api/2.0/sql/alerts/{id}``."""

    id: str | None = None
    update_mask: str = Field(min_length=1)
    alert: dict[str, Any] = Field(default_factory=dict)
    auto_resolve_display_name: bool = False
