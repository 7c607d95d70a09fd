"""Where it is written what was spent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from lakestead.client import Warehouse
from lakestead.core.names import quote_name
from lakestead.costs.budgets.billed import read_billed
from lakestead.costs.budgets.declaration import Budget
from lakestead.costs.budgets.owners import OwnerColumns, warehouse_columns
from lakestead.costs.budgets.periods import Span, span
from lakestead.costs.budgets.spending import Spending
from lakestead.costs.budgets.state import State
from lakestead.costs.budgets.unbilled import read_unbilled
from lakestead.costs.declared import Attribution, Prices
from lakestead.costs.exchange import exchange_rate
from lakestead.costs.usage import ledgers


@dataclass(frozen=True)
class Books:
    """What the system tables of some workspaces say was spent, for budgets.

    Args:
        warehouses: one of each workspace whose spending counts.
        catalog: of the system tables.
        attribution: which tags say whose a cost is.
        prices: exchange rates.
    """

    warehouses: Sequence[Warehouse]
    catalog: str = "system"
    attribution: Attribution = field(default_factory=Attribution)
    prices: Prices = field(default_factory=Prices)

    def states(self, budgets: Iterable[Budget], now: dt.datetime | None = None) -> list[State]:
        """Return how far budgets are used.

        Args:
            budgets: those that are asked for.
            now: what counts as now; has a zone.

        Raises:
            databricks.sql.Error: when a table cannot be read.
        """
        moment = now or dt.datetime.now(dt.UTC)
        wanted = list(budgets)
        spans = {budget.period: span(budget.period, moment) for budget in wanted}
        read = {period: self._read(one) for period, one in spans.items()}
        return [self._state(one, spans[one.period], *read[one.period], moment.date()) for one in wanted]

    def newest(self) -> dt.datetime | None:
        """Return up to when query history knows all statements; None if it knows none.

        Raises:
            databricks.sql.Error: when it cannot be read.
        """
        query = f"SELECT max(end_time) AS newest FROM {quote_name(self.catalog, 'query', 'history')}"
        moments: list[dt.datetime | None] = [one.rows(query)[0]["newest"] for one in self.warehouses]
        known = [moment for moment in moments if moment is not None]
        return min(known) if known and len(known) == len(moments) else None

    def owners(self) -> dict[str, dict[str, str]]:
        """Return whose each SQL warehouse is, as its tags say, by its id.

        Raises:
            databricks.sql.Error: when the table of warehouses cannot be read.
        """
        columns = OwnerColumns(self.attribution)
        query = f"""
            SELECT warehouse_id, {columns.of(warehouse_columns("tags", "workspace_id", "warehouse_id"))}
            FROM (SELECT warehouse_id, max_by(workspace_id, change_time) AS workspace_id,
                    max_by(tags, change_time) AS tags
                FROM {quote_name(self.catalog, "compute", "warehouses")} GROUP BY warehouse_id)"""
        rows = [row for one in self.warehouses for row in one.rows(query, **columns.parameters)]
        return {row.pop("warehouse_id"): {key: one for key, one in row.items() if one} for row in rows}

    def _read(self, when: Span) -> tuple[list[Spending], list[Spending]]:
        billed: list[Spending] = []
        unbilled: list[Spending] = []
        for ledger in ledgers(self.warehouses, when.days, self.catalog, self.prices):
            billed += read_billed(ledger, when, self.attribution)
            unbilled += read_unbilled(ledger, when, self.attribution)
        return billed, unbilled

    def _state(
        self, budget: Budget, when: Span, billed: list[Spending], unbilled: list[Spending], day: dt.date
    ) -> State:
        concerned = [row for row in billed if row.concerns(budget.scope)]
        estimated = [row for row in unbilled if row.concerns(budget.scope)]
        foreign: dict[str, Decimal] = {}
        estimate = self._sum(estimated, budget.currency, day, foreign)
        spent = estimate + self._sum(concerned, budget.currency, day, foreign)
        unpriced = sum(row.unpriced for row in [*concerned, *estimated])
        return State(budget, when, spent, estimate, foreign, unpriced)

    def _sum(self, rows: list[Spending], currency: str, day: dt.date, foreign: dict[str, Decimal]) -> Decimal:
        """Return money in a currency; what cannot be changed into it is added to `foreign`."""
        total = Decimal(0)
        for row in rows:
            if row.currency is None:
                continue
            rate = exchange_rate(self.prices, row.currency, currency, day)
            if rate is None:
                foreign[row.currency] = foreign.get(row.currency, Decimal(0)) + row.money
            else:
                total += row.money * rate
        return total
