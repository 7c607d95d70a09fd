"""An explanation of drift, in numbers and in sentences."""

from __future__ import annotations

from dataclasses import dataclass

from lakestead.client import Warehouse
from lakestead.profiling.explain.distributions import Distribution, Numbers, gained
from lakestead.profiling.explain.drifts import Drift
from lakestead.profiling.explain.evidence import read_evidence
from lakestead.profiling.explain.slices import Contribution, contributions
from lakestead.profiling.views import Metrics

_DECILES = tuple(number / 10 for number in range(1, 10))
_MOST = 10


@dataclass(frozen=True)
class Shift:
    """Something before and now.

    Attributes:
        name: a category, or a decile.
        before: its share (0 to 1), or its value.
        now: the same.
    """

    name: str
    before: float
    now: float

    @property
    def change(self) -> float:
        """How much more it is now."""
        return self.now - self.before


@dataclass(frozen=True)
class Explanation:
    """Why a column drifted.

    Attributes:
        drift: the drift.
        before_count: values in the window that it is compared with.
        now_count: values in the window.
        moved: the part of the values that gained the most, with its shares.
        categories: the categories whose shares changed the most; none of numbers.
        deciles: the deciles of numbers.
        slices: which slices carry it, the most important first; only where the drift is one of all rows.
    """

    drift: Drift
    before_count: int
    now_count: int
    moved: Shift
    categories: tuple[Shift, ...] = ()
    deciles: tuple[Shift, ...] = ()
    slices: tuple[Contribution, ...] = ()

    @property
    def sentences(self) -> list[str]:
        """It in words, the most important first."""
        said = []
        if self.categories:
            changes = (f"{one.name} from {one.before:.1%} to {one.now:.1%}" for one in self.categories[:3])
            said.append(f"What changed the most: {'; '.join(changes)}.")
        else:
            name, before, now = self.moved.name.capitalize(), self.moved.before, self.moved.now
            said.append(f"{name} went from {before:.1%} to {now:.1%}.")
            median = self.deciles[len(self.deciles) // 2]
            said.append(f"The median went from {median.before:.6g} to {median.now:.6g}.")
        carriers = [one for one in self.slices if one.share >= 0.1][:3]
        if carriers:
            parts = (f"{one.slice} {one.share:.0%} ({one.rows:.0%} of the rows)" for one in carriers)
            said.append(f"Slices that carry it: {'; '.join(parts)}.")
        return said


def explain(warehouse: Warehouse, metrics: Metrics, drift: Drift) -> Explanation | None:
    """Explain drift by the profiles of the two windows.

    Args:
        warehouse: is asked, once.
        metrics: the table's metric tables.
        drift: what is to be explained.

    Returns:
        None when the profile of one of the windows is no longer there.
    """
    evidence = read_evidence(warehouse, metrics, drift)
    pair = evidence.of(drift.slice)
    if pair is None:
        return None
    now, before = pair
    part = gained(now, before)
    numbers = isinstance(part, Numbers)
    return Explanation(
        drift=drift,
        before_count=before.count,
        now_count=now.count,
        moved=Shift(str(part), part.mass(before), part.mass(now)),
        categories=() if numbers else _categories(now, before),
        deciles=_deciles(now, before) if numbers else (),
        slices=contributions(evidence.slices, part, now, before) if drift.slice is None else (),
    )


def _categories(now: Distribution, before: Distribution) -> tuple[Shift, ...]:
    known = {*(now.items or {}), *(before.items or {})}
    shifts = [Shift(item, before.share(item), now.share(item)) for item in known]
    return tuple(sorted(shifts, key=lambda one: (-abs(one.change), one.name))[:_MOST])


def _deciles(now: Distribution, before: Distribution) -> tuple[Shift, ...]:
    return tuple(Shift(f"{share:.0%}", before.quantile(share), now.quantile(share)) for share in _DECILES)
