"""Warehouses that are larger than their statements ever needed, or too small for them.

Oversized: at no moment were more cores busy than four fifths of what the next smaller size has, no statement
waited for room, and none spilled. So the same statements would have taken as long there:

    savings = what other recommendations leave of the cost × (1 − DBUs of the smaller ÷ DBUs)

Too small: statements waited for room for more than a tenth of all their time. More clusters cost more; what
they save is time.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from lakestead.costs.rates import WAREHOUSE_DBUS, WAREHOUSE_WORKERS, warehouse_size
from lakestead.costs.savings.finding import Basis, Recommendation
from lakestead.costs.savings.survey import Use

_CORES_PER_WORKER = 8  # of the machines that classic warehouses are made of, on each of the clouds
_ROOM = 0.8
_WAITING_SHARE = 0.1
_SIZES = list(WAREHOUSE_DBUS)


def find(use: Use, left: Decimal) -> Iterator[Recommendation]:
    """Yield another size, or more clusters.

    Args:
        use: of a warehouse.
        left: of its cost, what no other recommendation saves.
    """
    if use.waiting_ms and use.total_ms and use.waiting_ms > _WAITING_SHARE * use.total_ms:
        yield _too_small(use, use.waiting_ms, use.total_ms)
    elif smaller := _smaller(use):
        size = warehouse_size(use.size or "")
        yield Recommendation(
            "oversized",
            use.warehouse,
            f"make the warehouse '{use.name}' {smaller} instead of {size}",
            left * (1 - WAREHOUSE_DBUS[smaller] / WAREHOUSE_DBUS[size]),
            Basis.MODELLED,
            {
                "size": size,
                "smaller": smaller,
                "busiest_cores": round(use.cores, 1),
                "cores_of_smaller": WAREHOUSE_WORKERS[smaller] * _CORES_PER_WORKER,
                "statements": use.statements,
            },
        )


def _smaller(use: Use) -> str | None:
    """Return the next smaller size if it would do; None if not, or if that is not known."""
    known = use.size and use.statements and not use.untimed and use.most_clusters == 1
    if not known or use.waiting_ms != 0 or use.spilled != 0:
        return None
    place = _SIZES.index(warehouse_size(use.size or ""))
    if not place or use.cores > _ROOM * WAREHOUSE_WORKERS[_SIZES[place - 1]] * _CORES_PER_WORKER:
        return None
    return _SIZES[place - 1]


def _too_small(use: Use, waiting_ms: int, total_ms: int) -> Recommendation:
    return Recommendation(
        "undersized",
        use.warehouse,
        f"let the warehouse '{use.name}' have more clusters: statements wait for room",
        Decimal(0),
        Basis.MEASURED,
        {
            "waiting_hours": round(waiting_ms / 3_600_000, 2),
            "share_of_time": round(waiting_ms / total_ms, 3),
            "most_clusters": use.most_clusters,
            "statements": use.statements,
        },
    )
