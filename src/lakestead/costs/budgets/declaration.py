"""`budgets:` of `governance.yaml`: who may spend how much, and what happens on the way there."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field, RootModel, model_validator

from lakestead.core.config import Declaration
from lakestead.costs.budgets.periods import Length


class Action(StrEnum):
    """What happens when a threshold is reached."""

    REPORT = "report"  # it is shown, and statements pass
    WARN = "warn"  # statements pass with a warning
    BLOCK = "block"  # statements are refused before they are sent


_STRICTNESS = {Action.REPORT: 0, Action.WARN: 1, Action.BLOCK: 2}


class OnError(StrEnum):
    """What happens to statements while nobody can say how much is spent."""

    ALLOW = "allow"
    BLOCK = "block"


class Threshold(Declaration):
    """A share of a budget and what happens when it is reached.

    Args:
        at: the share: 0.8 is 80 % of the amount.
        action: what happens.
    """

    at: Annotated[Decimal, Field(gt=0)]
    action: Action


class Exemptions(Declaration):
    """Whose statements a budget never stops. What they cost counts all the same.

    Args:
        users: their names.
        projects: what statements are done for.
        environments: where they run: `production`, say.
    """

    users: frozenset[str] = frozenset()
    projects: frozenset[str] = frozenset()
    environments: frozenset[str] = frozenset()


class Budget(Declaration):
    """How much somebody may spend in a period.

    It is for what agrees with all of `team`, `project`, `cost_center`, `warehouse` and `workspace` that are
    given; at least one is. Nothing is carried over from one period to the next.

    Args:
        name: its name, shown in messages.
        team: who is responsible.
        project: what it is done for.
        cost_center: where it is booked.
        warehouse: a SQL warehouse's id.
        workspace: a workspace's id.
        period: when it starts anew.
        amount: the money of one period.
        currency: its currency, a code as in `USD`.
        thresholds: what happens at which share.
        contact: whom to ask for more; shown in messages.
        exempt: whom it never stops.
        on_error: what happens to statements while a look-up fails.
    """

    name: Annotated[str, Field(min_length=1)]
    team: str | None = None
    project: str | None = None
    cost_center: str | None = None
    warehouse: str | None = None
    workspace: str | None = None
    period: Length = Length.MONTH
    amount: Annotated[Decimal, Field(gt=0)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "USD"
    thresholds: tuple[Threshold, ...] = (
        Threshold(at=Decimal("0.5"), action=Action.REPORT),
        Threshold(at=Decimal("0.8"), action=Action.WARN),
        Threshold(at=Decimal(1), action=Action.BLOCK),
    )
    contact: str | None = None
    exempt: Exemptions = Exemptions()
    on_error: OnError = OnError.ALLOW

    @model_validator(mode="after")
    def _is_for_somebody(self) -> Budget:
        if not self.scope:
            raise ValueError(f"say what the budget is for: one of {', '.join(SCOPES)}")
        shares = [threshold.at for threshold in self.thresholds]
        if len(set(shares)) < len(shares):
            raise ValueError("two thresholds are at the same share")
        return self

    @property
    def scope(self) -> dict[str, str]:
        """What it is for, by the names of `SCOPES`."""
        values = {name: getattr(self, name) for name in SCOPES}
        return {name: value for name, value in values.items() if value is not None}

    def reached(self, spent: Decimal, estimate: Decimal = Decimal(0)) -> Threshold | None:
        """Return the strictest threshold that is reached; None if none is.

        Args:
            spent: in the budget's currency.
            estimate: what is about to be spent, which may fill a threshold but not exceed it.
        """
        limits = [(threshold, threshold.at * self.amount) for threshold in self.thresholds]
        reached = [one for one, limit in limits if spent >= limit or spent + estimate > limit]
        return max(reached, key=lambda threshold: (_STRICTNESS[threshold.action], threshold.at), default=None)


SCOPES = ("team", "project", "cost_center", "warehouse", "workspace")


class Budgets(RootModel[tuple[Budget, ...]]):
    """All budgets."""

    model_config = ConfigDict(frozen=True)
    root: tuple[Budget, ...] = ()

    @model_validator(mode="after")
    def _names_differ(self) -> Budgets:
        names = [budget.name for budget in self.root]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two budgets are named '{name}'")
        return self
