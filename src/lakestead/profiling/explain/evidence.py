"""The profiles of the two windows that drift is between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakestead.client import Warehouse
from lakestead.core.names import quote
from lakestead.profiling.explain.distributions import Distribution
from lakestead.profiling.explain.drifts import Drift
from lakestead.profiling.views import Metrics

Pair = tuple[Distribution, Distribution]
_NOTHING = Distribution(0)


@dataclass(frozen=True)
class Evidence:
    """A column's distributions, by slice: in words, None for all rows.

    Attributes:
        now: in the window.
        before: in what it is compared with.
    """

    now: Mapping[str | None, Distribution]
    before: Mapping[str | None, Distribution]

    def of(self, slice_name: str | None) -> Pair | None:
        """Return a slice's distributions now and before, if both are there."""
        if slice_name in self.now and slice_name in self.before:
            return self.now[slice_name], self.before[slice_name]
        return None

    @property
    def slices(self) -> dict[str, Pair]:
        """The distributions of all slices; one that was not there, or is no more, has no values."""
        names = [name for name in {**self.now, **self.before} if name is not None]
        return {name: (self.now.get(name, _NOTHING), self.before.get(name, _NOTHING)) for name in names}


def read_evidence(warehouse: Warehouse, metrics: Metrics, drift: Drift) -> Evidence:
    """Read the profiles of a column in the two windows, of all slices.

    Args:
        warehouse: is asked, once.
        metrics: the table's metric tables.
        drift: says column and windows.
    """
    in_window = "log_type = 'INPUT' AND granularity <=> :granularity AND `window`.start = "
    compared = "log_type = 'BASELINE'" if drift.compared_start is None else f"{in_window} :compared"
    conditions = [
        "column_name = :column",
        f"monitor_version = (SELECT max(monitor_version) FROM {metrics.profile_table})",
        f"(({in_window} :start) OR ({compared}))",
    ]
    if metrics.model_id_column in metrics.profile:
        conditions.append(f"coalesce({quote(str(metrics.model_id_column))}, '*') = '*'")
    parameters = {"column": drift.column, "granularity": drift.granularity, "start": drift.start}
    if drift.compared_start is not None:
        parameters["compared"] = drift.compared_start
    rows = warehouse.rows(
        f"""SELECT log_type = 'INPUT' AND `window`.start = :start AS now,
  slice_key || ' = ' || slice_value AS slice, count, quantiles, frequent_items
FROM {metrics.profile_table} WHERE {" AND ".join(conditions)}""",
        **parameters,
    )
    return Evidence(
        {row["slice"]: _distribution(row) for row in rows if row["now"]},
        {row["slice"]: _distribution(row) for row in rows if not row["now"]},
    )


def _distribution(row: Mapping[str, Any]) -> Distribution:
    items = {one["item"]: one["count"] for one in row["frequent_items"] or ()}
    return Distribution(row["count"] or 0, row["quantiles"] or (), items)
