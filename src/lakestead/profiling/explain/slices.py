"""Which slices carry a drift."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lakestead.profiling.explain.distributions import Distribution, Part


@dataclass(frozen=True)
class Contribution:
    """What a slice brings to a drift.

    Attributes:
        slice: the slice.
        share: of the drift. Those of all values of a slicing column come to 1; some may be negative.
        rows: which share of the rows the slice is now, 0 to 1.
        own: by how much the part of the values that gained has grown within the slice, -1 to 1.
    """

    slice: str
    share: float
    rows: float
    own: float


def contributions(
    slices: Mapping[str, tuple[Distribution, Distribution]],
    part: Part,
    now: Distribution,
    before: Distribution,
) -> tuple[Contribution, ...]:
    """Return what each slice brings to the gain of a part of the values, the most first.

    All rows' share of the part is the sum, over slices, of the slice's weight times its own share of it. A
    slice brings what its term has grown, less what it would have grown had the slice only changed its weight
    and been like all rows: then a slice that is merely larger, but like the rest, brings nothing.

    Args:
        slices: the distributions of each, now and before.
        part: of the values.
        now: the distribution of all rows in the window.
        before: that of all rows in what it is compared with.
    """
    usual = part.mass(before)
    gain = part.mass(now) - usual
    if gain <= 0 or not now.count or not before.count:
        return ()
    found = []
    for name, (ours, theirs) in slices.items():
        weight, former = ours.count / now.count, theirs.count / before.count
        mass, previous = part.mass(ours), part.mass(theirs)
        brought = weight * mass - former * previous - (weight - former) * usual
        found.append(Contribution(name, brought / gain, weight, mass - previous))
    return tuple(sorted(found, key=lambda one: (-one.share, one.slice)))
