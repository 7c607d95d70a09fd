"""What `governance.yaml` says of costs: `attribution:` and `prices:`.

attribution:
  team: [team, Team]          # tags that name the team, the first that is there counts
  cost_center: [CostCenter]
  fallbacks:                  # for what has no such tag, the first that fits counts
    - {warehouse: 0123abcd, team: analytics}
    - {user: etl@example.com, team: platform, project: loading}
prices:
  currency: USD               # what reports are in
  list:                       # for what the price lists do not have
    - {sku: PREMIUM_X_COMPUTE, unit: DBU, price: "0.42", since: 2026-01-01}
  rates:                      # 1 EUR is 1.08 USD from that day on
    - {currency: EUR, rate: "1.08", since: 2026-01-01}
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from lakestead.core.config import Declaration
from lakestead.core.governance import DEFAULT_PATH, section

OWNERS = ("team", "project", "cost_center", "environment")
"""What a cost can be attributed to by tags."""

Money = Annotated[Decimal, Field(ge=0)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Fallback(Declaration):
    """Whose it is when no tag says so.

    Args:
        workspace: only of this workspace, by its id.
        warehouse: only of this SQL warehouse, by its id.
        user: only what this user or service principal ran.
        product: only this `billing_origin_product`.
        team: and the others: whose it is.
    """

    workspace: str | None = None
    warehouse: str | None = None
    user: str | None = None
    product: str | None = None
    team: str | None = None
    project: str | None = None
    cost_center: str | None = None
    environment: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any(getattr(self, owner) for owner in OWNERS):
            raise ValueError(f"a fallback says one of {', '.join(OWNERS)}")
        return self


class Attribution(Declaration):
    """Which tags say whose a cost is: tags of queries, and of warehouses, clusters and jobs."""

    team: tuple[str, ...] = ("team",)
    project: tuple[str, ...] = ("project",)
    cost_center: tuple[str, ...] = ("cost_center",)
    environment: tuple[str, ...] = ("environment",)
    fallbacks: tuple[Fallback, ...] = ()

    def keys(self, owner: str) -> tuple[str, ...]:
        """Return the tags that name one of `OWNERS`."""
        found: tuple[str, ...] = getattr(self, owner)
        return found


class Price(Declaration):
    """A price that no list of Databricks has; a listed price goes before it.

    Args:
        sku: the `sku_name` of usage.
        unit: the `usage_unit` of usage.
        price: of one unit.
        currency: of the price.
        cloud: only there; everywhere if not given.
        since: the first day, UTC.
        until: the first day that it does not hold any more.
    """

    sku: str
    unit: str = "DBU"
    price: Money
    currency: Currency = "USD"
    cloud: str | None = None
    since: dt.date = dt.date.min
    until: dt.date = dt.date.max


class Rate(Declaration):
    """What one unit of a currency is worth in the reports' currency, from a day on."""

    currency: Currency
    rate: Annotated[Decimal, Field(gt=0)]
    since: dt.date = dt.date.min


class Prices(Declaration):
    """What price lists do not say.

    Args:
        currency: what reports are in; that of the prices, if there is but one.
        list: further prices.
        rates: exchange rates into `currency`. None is ever fetched.
        nodes: DBUs of one hour of a node, by its type.
        storage_gb_month: the price of a gigabyte in cloud storage for 30 days, in `currency`.
    """

    currency: Currency | None = None
    list: tuple[Price, ...] = ()
    rates: tuple[Rate, ...] = ()
    nodes: dict[str, Decimal] = Field(default_factory=dict)
    storage_gb_month: Money | None = None

    @model_validator(mode="after")
    def _rates_have_a_target(self) -> Self:
        if self.rates and self.currency is None:
            raise ValueError("rates lead into a currency: say which by `currency`")
        return self

    @model_validator(mode="after")
    def _one_price_at_a_time(self) -> Self:
        for one, other in combinations(self.list, 2):
            same = (one.sku, one.unit) == (other.sku, other.unit)
            somewhere = one.cloud is None or other.cloud is None or one.cloud == other.cloud
            if same and somewhere and one.since < other.until and other.since < one.until:
                raise ValueError(f"two prices of {one.sku} hold at the same time")
        return self


def read_attribution(path: Path = DEFAULT_PATH) -> Attribution:
    """Return the section `attribution` of a governance file; what holds without one if there is no file.

    Raises:
        ConfigError: when the file is wrong; says where.
    """
    return section(path, "attribution", Attribution) if path.exists() else Attribution()


def read_prices(path: Path = DEFAULT_PATH) -> Prices:
    """Return the section `prices` of a governance file; nothing if there is no file.

    Raises:
        ConfigError: when the file is wrong; says where.
    """
    return section(path, "prices", Prices) if path.exists() else Prices()
