"""Budgets: how much teams, projects, cost centres, warehouses and workspaces may spend.

guard = budget_guard([warehouse])      # from governance.yaml
guard.judge(attempt)                   # instrumented clients do, before a statement is sent
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from lakestead.core.governance import DEFAULT_PATH, section
from lakestead.core.guards import Attempt
from lakestead.costs.budgets.books import Books
from lakestead.costs.budgets.declaration import Action, Budget, Budgets, Exemptions, OnError, Threshold
from lakestead.costs.budgets.guard import SECONDS, BudgetGuard, Known
from lakestead.costs.budgets.periods import Length
from lakestead.costs.budgets.state import State
from lakestead.costs.declared import read_attribution, read_prices

if TYPE_CHECKING:
    from lakestead.client import Warehouse

__all__ = [
    "Action",
    "Books",
    "Budget",
    "BudgetGuard",
    "Exemptions",
    "Known",
    "Length",
    "OnError",
    "State",
    "Threshold",
    "budget_guard",
    "open_books",
    "read_budgets",
]


def read_budgets(path: Path = DEFAULT_PATH) -> tuple[Budget, ...]:
    """Return the budgets of a governance file; none if there is no file.

    Raises:
        ConfigError: when the file is wrong; says where.
    """
    return section(path, "budgets", Budgets).root if path.exists() else ()


def open_books(warehouses: Sequence[Warehouse], path: Path = DEFAULT_PATH, catalog: str = "system") -> Books:
    """Return where it is written what was spent, read as a governance file says.

    Args:
        warehouses: one of each workspace whose spending counts.
        path: the governance file; it need not be there.
        catalog: of the system tables.

    Raises:
        ConfigError: when the file is wrong; says where.
    """
    return Books(warehouses, catalog, read_attribution(path), read_prices(path))


def budget_guard(
    warehouses: Sequence[Warehouse],
    path: Path = DEFAULT_PATH,
    catalog: str = "system",
    *,
    seconds: float = SECONDS,
    estimate: Callable[[Attempt], Decimal | None] | None = None,
    tell: Callable[[str, Decimal, Decimal], None] | None = None,
) -> BudgetGuard:
    """Return what judges statements by the budgets of a governance file.

    Args:
        warehouses: one of each workspace whose spending counts. They run the look-ups. The user of the first
            is taken for the sender of statements that do not say theirs.
        path: the governance file.
        catalog: of the system tables.
        seconds: how long what was looked up counts.
        estimate: what a statement will cost; None if it cannot say.
        tell: is told of each budget after a look-up: its name, what is spent, and its amount; the adapter's
            `record_budget` makes a metric of it.

    Raises:
        ConfigError: when the file is wrong; says where.
    """
    budgets = read_budgets(path)
    books = open_books(warehouses, path, catalog)
    workspaces = {}
    if any(budget.workspace is not None for budget in budgets):
        workspaces = {one.profile.url: str(one.client.get_workspace_id()) for one in warehouses}

    user = None
    if warehouses and any(budget.exempt.users for budget in budgets):
        user = warehouses[0].client.current_user.me().user_name

    def look_up() -> Known:
        # The newest first: what ends meanwhile may count twice for a moment, but never not at all.
        newest = books.newest()
        return Known(books.states(budgets), newest, books.owners())

    return BudgetGuard(
        budgets, look_up, seconds=seconds, estimate=estimate, workspaces=workspaces, tell=tell, user=user
    )
