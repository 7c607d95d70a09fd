"""How much of the money did useful work: a score from 0 to 100 that more work cannot raise by itself.

    score = 100 × Σ useful ÷ (Σ paid + idle)

- Work that failed is not useful, nor is work that neither read nor wrote anything.
- Work with the same key is one piece of work: of its runs the one that used least counts, the others are
  repeated. So a costlier repetition does not count, and adding one never raises the score.
- Of what was paid for a piece of work, the share that was used is useful.

Whatever is added that is not useful makes what was paid larger and what was useful at most as large. What no
figure shows is whether somebody needed a new result that was read from real data: that counts as useful.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

_NOTHING = Decimal(0)
_ALL = Decimal(1)


@dataclass(frozen=True, slots=True)
class Work:
    """Something that was paid for.

    Args:
        paid: its cost, not negative; all work in one currency.
        key: what it did: a statement's text, say. The same key again is repeated work; None is never that.
        useful: whether it ended well and had something to do.
        used: the share of what was paid for that it used, from 0 to 1.

    Raises:
        ValueError: when `paid` or `used` is out of its range.
    """

    paid: Decimal
    key: str | None = None
    useful: bool = True
    used: Decimal = _ALL

    def __post_init__(self) -> None:
        if self.paid < 0 or not 0 <= self.used <= 1:
            raise ValueError(f"paid {self.paid} must not be negative, and used {self.used} be from 0 to 1")


def score(work: Iterable[Work], idle: Decimal = _NOTHING) -> Decimal:
    """Return the efficiency of work, from 0 (nothing was useful) to 100 (everything was); 100 of nothing.

    Args:
        work: what was paid for.
        idle: what was paid while nothing ran, in the same currency.
    """
    paid, useful = idle, _NOTHING
    least: dict[str, Decimal] = {}
    for one in work:
        paid += one.paid
        if not one.useful:
            continue
        value = one.paid * one.used
        if one.key is None:
            useful += value
        else:
            least[one.key] = min(value, least.get(one.key, value))
    useful += sum(least.values(), _NOTHING)
    return 100 * useful / paid if paid else Decimal(100)
