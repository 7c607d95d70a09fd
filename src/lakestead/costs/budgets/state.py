"""How far budgets are used."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from lakestead.costs.budgets.declaration import Action, Budget, Threshold
from lakestead.costs.budgets.periods import Span


@dataclass(frozen=True, slots=True)
class State:
    """How far a budget is used.

    Args:
        budget: what is declared.
        span: the period that is meant.
        spent: the money of the period so far, in the budget's currency.
        unbilled: how much of it is an estimate, for which usage records are still to come.
        foreign: what was spent in currencies that no declared rate leads from, and is not in `spent`.
        unpriced: how many usage records, or statements without one, have no price and are not in `spent`.
    """

    budget: Budget
    span: Span
    spent: Decimal
    unbilled: Decimal = Decimal(0)
    foreign: dict[str, Decimal] = field(default_factory=dict)
    unpriced: int = 0

    @property
    def share(self) -> Decimal:
        """The share of the amount that is spent; 1 is all of it."""
        return self.spent / self.budget.amount

    @property
    def threshold(self) -> Threshold | None:
        """The strictest threshold that is reached."""
        return self.budget.reached(self.spent)

    @property
    def over(self) -> bool:
        """Whether the amount is spent, or statements are blocked already."""
        blocked = self.threshold is not None and self.threshold.action is Action.BLOCK
        return blocked or self.spent >= self.budget.amount

    def sentence(self) -> str:
        """Return what is spent of what, when, and whom to ask."""
        budget = self.budget
        asked = budget.contact or f"who keeps the budget '{budget.name}' in governance.yaml"
        return (
            f"{self.spent:,.2f} of {budget.amount:,.2f} {budget.currency} are spent"
            f" ({self.share:.1%}) in the {budget.period} from {self.span.start.date()}; the next starts on"
            f" {self.span.end.date()}. For more, ask {asked}"
        )
