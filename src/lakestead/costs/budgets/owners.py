"""Whose a cost is, by team, project and cost centre at once."""

from __future__ import annotations

from lakestead.costs.declared import Attribution
from lakestead.costs.owners import Columns, Owners

USAGE = Columns("custom_tags", "workspace_id", "warehouse_id", "run_as", "product")
"""Where a usage record says whose it is."""

_NOBODY = "CAST(NULL AS STRING)"


class OwnerColumns:
    """The columns `team`, `project` and `cost_center` of a query.

    Args:
        attribution: which tags count, and whose it is where there are none.
    """

    def __init__(self, attribution: Attribution) -> None:
        self._owners = {name: Owners(attribution, name) for name in ("team", "project", "cost_center")}

    @property
    def parameters(self) -> dict[str, str]:
        """What queries with these columns bind."""
        return {name: value for one in self._owners.values() for name, value in one.parameters.items()}

    def of(self, columns: Columns, known: str | None = None) -> str:
        """Return the columns, as SQL.

        Args:
            columns: where tags and the rest are.
            known: the alias of a row that has these columns already, if there is one: they go before.
        """
        found = {name: one.of(columns) for name, one in self._owners.items()}
        if known is not None:
            found = {name: f"coalesce({known}.{name}, {value})" for name, value in found.items()}
        return ", ".join(f"{value} AS {name}" for name, value in found.items())


def warehouse_columns(tags: str, workspace: str, warehouse: str) -> Columns:
    """Return where a SQL warehouse says whose it is, as SQL."""
    return Columns(tags, workspace, warehouse, _NOBODY, "'SQL'")
