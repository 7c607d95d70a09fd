"""What one operation cost, as a program reports it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lakestead.core.attribution import Attribution, current

SQL_WAREHOUSE = "sql_warehouse"
COMPUTE_CLUSTER = "compute_cluster"
STORAGE = "storage"


@dataclass(frozen=True, slots=True)
class WorkspaceCost:
    """The cost of one operation.

    Args:
        workspace_id: where it ran.
        resource_type: `sql_warehouse`, `compute_cluster` or `storage`.
        operation: what was done.
        cost: in `currency`; None when there is no price for it.
        currency: of the cost; None when there is no price.
        sku: what it is billed as.
        units: how much of the SKU's unit: DBUs, or gigabyte-months.
        duration_ms: for how long.
        team: and `project`, `cost_center`, `environment`: who it is for.
        failed: whether the operation failed: its cost was for nothing.
        key: what it did, a hash of its statement say; the same key again is repeated work.
        at: when it was reported, UTC.
    """

    workspace_id: str
    resource_type: str
    operation: str
    cost: Decimal | None
    currency: str | None
    sku: str
    units: Decimal
    duration_ms: int = 0
    team: str | None = None
    project: str | None = None
    cost_center: str | None = None
    environment: str | None = None
    failed: bool = False
    key: str | None = None
    at: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))


@dataclass(frozen=True, slots=True)
class Operation:
    """What a program tells of an operation beside its size.

    Args:
        operation: what was done, e.g. `query`.
        team: and `project`, `cost_center`, `environment`: who it is for; else what `attribution` and
            GENOPS_* variables say.
        region: where prices are looked up.
        tier: of the account, `PREMIUM` or `ENTERPRISE`.
        sku: what it is billed as, if that is known.
        cost: what it cost, if that is known; then nothing is looked up.
        currency: of `cost`.
        failed: whether it failed.
        key: what it did.
    """

    operation: str = "query"
    team: str | None = None
    project: str | None = None
    cost_center: str | None = None
    environment: str | None = None
    region: str | None = None
    tier: str | None = None
    sku: str | None = None
    cost: Decimal | None = None
    currency: str | None = None
    failed: bool = False
    key: str | None = None

    @classmethod
    def told(cls, attributes: dict[str, Any]) -> Operation:
        """Return what keyword arguments tell; floats of money are read as they are written.

        Raises:
            TypeError: for a name that is none of its fields.
        """
        if attributes.get("cost") is not None:
            attributes = {**attributes, "cost": Decimal(str(attributes["cost"]))}
        return cls(**attributes)

    def owners(self) -> Attribution:
        """Return who the operation is for: what is given, else the context, else the environment."""
        return current(
            team=self.team,
            project=self.project,
            cost_center=self.cost_center,
            environment=self.environment,
        )
