"""Warehouses that wait too long for statements before they stop.

    savings = cost × time that clusters ran idle beyond the shorter auto-stop ÷ time that clusters ran

The time is counted pause by pause: of each, what comes after the minutes of the shorter auto-stop.
"""

from __future__ import annotations

from collections.abc import Iterator

from lakestead.costs.savings.finding import Basis, Recommendation
from lakestead.costs.savings.survey import Use

_HOUR_US = 3_600_000_000


def find(use: Use) -> Iterator[Recommendation]:
    """Yield what a shorter auto-stop would save."""
    shorter = use.auto_stop == 0 or (use.auto_stop is not None and use.auto_stop > use.stop_minutes)
    if not shorter or not use.stoppable:
        return
    now = f"after {use.auto_stop} minutes" if use.auto_stop else "never"
    yield Recommendation(
        "idle",
        use.warehouse,
        f"let the warehouse '{use.name}' stop after {use.stop_minutes} idle minutes; now it stops {now}",
        use.money * use.stoppable / use.running,
        Basis.MEASURED,
        {
            "auto_stop_minutes": use.auto_stop,
            "pauses": use.pauses,
            "running_hours": round(use.running / _HOUR_US, 2),
            "idle_hours": round(use.idle / _HOUR_US, 2),
            "saved_hours": round(use.stoppable / _HOUR_US, 2),
        },
    )
