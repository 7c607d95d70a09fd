"""What was spent in a span, and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Spending:
    """What somebody spent.

    Args:
        team: as tags say; None where none does. So are `project` and `cost_center`.
        warehouse: the SQL warehouse's id; None for what no warehouse did.
        workspace: its id.
        currency: of `money`; None where no price is known.
        money: what it cost; 0 where no price is known.
        unpriced: how many usage records, or statements without one, have no price.
    """

    team: str | None
    project: str | None
    cost_center: str | None
    warehouse: str | None
    workspace: str | None
    currency: str | None
    money: Decimal
    unpriced: int

    def concerns(self, scope: dict[str, str]) -> bool:
        """Return whether it agrees with all that is given, by the names of its fields."""
        return all(getattr(self, name) == value for name, value in scope.items())
