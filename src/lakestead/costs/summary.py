"""The sums of operations' costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lakestead.core.errors import ConfigError
from lakestead.costs.efficiency import Work, score
from lakestead.costs.records import WorkspaceCost

UNATTRIBUTED = "unattributed"


@dataclass(frozen=True)
class DatabricksCostSummary:
    """What operations cost. What has no price is in `unpriced`, and in no sum.

    Args:
        costs: of each operation.

    Raises:
        ConfigError: when the costs are in more than one currency.
    """

    costs: tuple[WorkspaceCost, ...] = ()

    def __post_init__(self) -> None:
        currencies = sorted({cost.currency for cost in self.costs if cost.currency is not None})
        if len(currencies) > 1:
            raise ConfigError(f"costs in {' and '.join(currencies)} have no sum: report them in one currency")

    @property
    def currency(self) -> str | None:
        """The currency of all sums; None if nothing has a price."""
        return next((cost.currency for cost in self.costs if cost.currency is not None), None)

    @property
    def total_cost(self) -> Decimal:
        """What everything with a price cost."""
        return sum((cost.cost for cost in self.costs if cost.cost is not None), Decimal(0))

    @property
    def unpriced(self) -> Sequence[WorkspaceCost]:
        """The operations for which there is no price."""
        return [cost for cost in self.costs if cost.cost is None]

    @property
    def operation_count(self) -> int:
        """How many operations there are, with a price or without."""
        return len(self.costs)

    @property
    def total_duration_ms(self) -> int:
        """For how long all operations ran."""
        return sum(cost.duration_ms for cost in self.costs)

    @property
    def cost_by_workspace(self) -> dict[str, Decimal]:
        """Costs by workspace."""
        return self._by(lambda cost: cost.workspace_id)

    @property
    def cost_by_team(self) -> dict[str, Decimal]:
        """Costs by team; of nobody's as `unattributed`."""
        return self._by(lambda cost: cost.team or UNATTRIBUTED)

    @property
    def cost_by_project(self) -> dict[str, Decimal]:
        """Costs by project; of none's as `unattributed`."""
        return self._by(lambda cost: cost.project or UNATTRIBUTED)

    @property
    def cost_by_resource_type(self) -> dict[str, Decimal]:
        """Costs by `sql_warehouse`, `compute_cluster`, `storage`."""
        return self._by(lambda cost: cost.resource_type)

    @property
    def cost_by_operation(self) -> dict[str, Decimal]:
        """Costs by what was done."""
        return self._by(lambda cost: cost.operation)

    def get_cost_efficiency_score(self) -> Decimal:
        """Return from 0 to 100 how much of the money did useful work; see `lakestead.costs.efficiency`.

        Of what programs report, failed operations and repetitions (the same `key` again) are not useful.
        """
        return score(
            Work(
                cost.cost,
                key=None if cost.key is None else f"{cost.workspace_id} {cost.key}",
                useful=not cost.failed,
            )
            for cost in self.costs
            if cost.cost is not None
        )

    def _by(self, name: Callable[[WorkspaceCost], str]) -> dict[str, Decimal]:
        sums: dict[str, Decimal] = {}
        for cost in self.costs:
            if cost.cost is not None:
                sums[name(cost)] = sums.get(name(cost), Decimal(0)) + cost.cost
        return sums
