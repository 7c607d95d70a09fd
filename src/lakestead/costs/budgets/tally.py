"""What is spent since the last look-up, as far as programs say."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from lakestead.core.guards import Attempt

_NOTHING = Decimal(0)


class Tally:
    """Adds up what statements are estimated to cost, until it is known, and then what they cost.

    Not for many threads at once.
    """

    def __init__(self) -> None:
        self._reserved: dict[Attempt, list[tuple[frozenset[str], Decimal]]] = {}
        # By second, so that it does not grow with the number of statements.
        self._settled: defaultdict[int, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))

    def reserve(self, attempt: Attempt, budgets: Iterable[str], estimate: Decimal) -> None:
        """Count an estimate for budgets, by their names, until the attempt is settled or forgotten."""
        self._reserved.setdefault(attempt, []).append((frozenset(budgets), estimate))

    def settle(self, attempt: Attempt, budgets: Iterable[str], money: Decimal, moment: dt.datetime) -> None:
        """Count what an attempt has cost, instead of its estimate."""
        reserved = self._reserved.get(attempt)
        if reserved:
            reserved.pop()
            if not reserved:
                del self._reserved[attempt]
        sums = self._settled[int(moment.timestamp())]
        for name in budgets:
            sums[name] += money

    def sum(self, budget: str) -> Decimal:
        """Return what counts for a budget."""
        reserved = sum(
            (money for all_ in self._reserved.values() for names, money in all_ if budget in names), _NOTHING
        )
        return reserved + sum((sums[budget] for sums in self._settled.values() if budget in sums), _NOTHING)

    def forget(self, newest: dt.datetime | None) -> None:
        """Forget estimates, and what ended before the newest statement that a look-up knows.

        Args:
            newest: when that ended; None if it knows none.
        """
        self._reserved.clear()
        if newest is not None:
            for second in [one for one in self._settled if one < newest.timestamp()]:
                del self._settled[second]
