"""What a refresh of a monitor may cost, before there is one.

Databricks does not publish what profiling uses; this is an order of magnitude to compare tables by. A refresh
is taken to cost

    DBU = 0.05 + 0.02 · GB · windows · (1 + slices)

0.05 for starting, and 0.02 for each gigabyte (compressed, as it is stored) that is read once: windows are the
granularities (1 for a snapshot), twice as many with a baseline; slices are the slicing expressions. Refreshes
after the first read only what is new where the change data feed of the table is on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakestead.core.names import quote_name
from lakestead.profiling.pacing import Requests
from lakestead.profiling.settings import ProfileSettings, ProfileType
from lakestead.profiling.targets import Target

if TYPE_CHECKING:
    from lakestead.client import Warehouse

_START_DBU = 0.05
_DBU_PER_GB = 0.02


@dataclass(frozen=True)
class Estimate:
    """What a refresh may cost.

    Args:
        size_bytes: how large the table is, as it is stored.
        dbu: what its first refresh may use, in DBU.
    """

    size_bytes: int
    dbu: float


def estimate(settings: ProfileSettings, size_bytes: int) -> Estimate:
    """Return what a refresh of a table may cost, by the formula above.

    Args:
        settings: of its monitor.
        size_bytes: how large it is.
    """
    windows = 1 if settings.profile_type is ProfileType.SNAPSHOT else len(settings.granularity)
    if settings.baseline_table_name:
        windows *= 2
    passes = windows * (1 + len(settings.slicing_exprs))
    return Estimate(size_bytes, _START_DBU + _DBU_PER_GB * size_bytes / 1e9 * passes)


def estimates(requests: Requests, warehouse: Warehouse, targets: Sequence[Target]) -> dict[str, Estimate]:
    """Return estimates by full names; views have no size of their own, and none.

    Args:
        requests: how many tables are asked for at once.
        warehouse: the workspace.
        targets: the tables.
    """
    by_name = {target.full_name: target for target in targets}
    sizes = requests.gather(by_name, lambda name: _size(warehouse, name))
    return {name: estimate(by_name[name].settings, size) for name, size in sizes.items() if size is not None}


def _size(warehouse: Warehouse, name: str) -> int | None:
    from databricks.sql import Error

    try:
        details = warehouse.rows(f"DESCRIBE DETAIL {quote_name(*name.split('.'))}")
    except Error:
        return None
    size = details[0].get("sizeInBytes") if details else None
    return int(size) if size is not None else None
