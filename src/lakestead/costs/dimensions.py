"""What costs are told apart by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lakestead.costs.declared import Attribution
from lakestead.costs.owners import Columns, Owners


class By(StrEnum):
    """What a report tells apart."""

    TEAM = "team"
    PROJECT = "project"
    COST_CENTER = "cost_center"
    ENVIRONMENT = "environment"
    WORKSPACE = "workspace"
    WAREHOUSE = "warehouse"
    PRODUCT = "product"
    SKU = "sku"
    DAY = "day"
    USER = "user"
    STATEMENT = "statement"

    @property
    def owner(self) -> bool:
        """Whether tags say it."""
        return self in (By.TEAM, By.PROJECT, By.COST_CENTER, By.ENVIRONMENT)


@dataclass(frozen=True)
class Dimension:
    """How a report names a row, as SQL.

    Args:
        usage: of usage records, from the columns of `priced`.
        warehouse: of usage records of SQL warehouses: what their idle time counts for.
        statement: of statements, from the columns of `query.history`; None for what their warehouse's is.
        inherits: whether a statement without a name has its warehouse's.
        parameters: of these texts.
    """

    usage: str
    warehouse: str
    statement: str | None = None
    inherits: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)


TAGGED = "tagged"
_NOBODY = "CAST(NULL AS STRING)"
_OF_USAGE = Columns("custom_tags", "workspace_id", "warehouse_id", "run_as", "product")
_OF_STATEMENTS = Columns("query_tags", "workspace_id", "compute.warehouse_id", "executed_by", "'SQL'")
_PLAIN = {
    By.WORKSPACE: "workspace_id",
    By.WAREHOUSE: "warehouse_id",
    By.PRODUCT: "product",
    By.SKU: "sku_name",
    By.DAY: "CAST(usage_date AS STRING)",
}


def dimension(by: By, attribution: Attribution) -> Dimension:
    """Return how a report names its rows.

    A statement is its own tags', then a fallback's, then its warehouse's: whoever tags a query has said more
    than who tagged the warehouse.

    Args:
        by: what it tells apart.
        attribution: which tags say whose a cost is.
    """
    if by in _PLAIN:
        return Dimension(_PLAIN[by], _PLAIN[by])
    if by is By.USER:
        return Dimension("run_as", _NOBODY, "executed_by")
    if by is By.STATEMENT:
        return Dimension(_NOBODY, _NOBODY, "statement_id")
    return _owned(by, attribution)


def untagged(by: By, attribution: Attribution) -> Dimension:
    """Return names for what is nobody's: its product and resource; all that is somebody's is `TAGGED`.

    Args:
        by: a team, project, cost center or environment.
        attribution: which tags say whose a cost is.
    """
    owned = _owned(by, attribution)
    resource = (
        f"CASE WHEN {owned.usage} IS NULL THEN concat_ws(' ', product, resource_id) ELSE '{TAGGED}' END"
    )
    tagged = f"CASE WHEN {owned.statement} IS NULL THEN {_NOBODY} ELSE '{TAGGED}' END"
    return Dimension(resource, resource, tagged, inherits=True, parameters=owned.parameters)


def _owned(by: By, attribution: Attribution) -> Dimension:
    owners = Owners(attribution, by.value)
    return Dimension(
        owners.of(_OF_USAGE),
        owners.of(_OF_USAGE),
        owners.of(_OF_STATEMENTS),
        inherits=True,
        parameters=owners.parameters,
    )
