"""What could be saved, and what shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from lakestead.costs.usage import Period


class Basis(StrEnum):
    """What a saving rests on."""

    MEASURED = "measured"  # it was paid for, and would not have been
    MODELLED = "modelled"  # a model that fits the period's own statements says so
    AT_MOST = "at most"  # more than this cannot be saved; how much less is not known


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Something that could be done, and the money that it would have saved in a period.

    Args:
        kind: what it is about: `idle`, `oversized`, `failed`, …
        resource: which warehouse, job or table.
        advice: what to do.
        savings: the money, which no other recommendation counts; 0 for what costs time.
        basis: what that rests on.
        evidence: figures of it, and ids of what to look at.
    """

    kind: str
    resource: str
    advice: str
    savings: Decimal
    basis: Basis
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Recommendations:
    """What could be saved of the costs of a period.

    Args:
        period: the days.
        currency: of all money; None if nothing has a price.
        cost: what SQL warehouses cost.
        found: the largest savings first.
        unknown: what could not be looked at, and why.
    """

    period: Period
    currency: str | None
    cost: Decimal
    found: Sequence[Recommendation]
    unknown: Sequence[str]

    def savings(self, *bases: Basis) -> Decimal:
        """Return what could be saved on some bases; on all that are no upper limits if none is given."""
        wanted = bases or (Basis.MEASURED, Basis.MODELLED)
        return sum((one.savings for one in self.found if one.basis in wanted), Decimal(0))
