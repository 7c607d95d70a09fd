"""`lakestead profile coverage`: what of a catalog is monitored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from lakestead.cli.output import give, give_json
from lakestead.cli.profile.opened import opened
from lakestead.profiling.coverage import Coverage, StaleMonitor
from lakestead.profiling.coverage import coverage as read_coverage


def coverage(path: Path, workspace: str | None, stale_hours: float, *, as_json: bool) -> None:
    """Print the coverage.

    Args:
        path: the configuration.
        workspace: a profile of ~/.databrickscfg.
        stale_hours: how long after its last good refresh a monitor is stale.
        as_json: print it as JSON.
    """
    with opened(path, workspace) as (config, warehouse):
        found = read_coverage(config, stale_after=dt.timedelta(hours=stale_hours), warehouse=warehouse)
    if as_json:
        give_json(_values(found))
        return
    give(f"tables of {config.catalog_name} with a monitor: {len(found.monitored)} ({found.share:.0%})")
    _print("without a monitor", found.unmonitored)
    _print("stale", [f"{one.table}: {_when(one) or 'never refreshed well'}" for one in found.stale])
    _print("monitors that the configuration does not ask for any more", found.orphaned_monitors)
    _print("metric tables that no monitor writes", found.orphaned_metric_tables)


def _print(title: str, lines: Sequence[str]) -> None:
    if lines:
        give("\n".join([f"\n{title} ({len(lines)}):", *(f"  {line}" for line in lines)]))


def _when(one: StaleMonitor) -> str | None:
    return one.refreshed_at.isoformat(timespec="seconds") if one.refreshed_at is not None else None


def _values(found: Coverage) -> dict[str, object]:
    return {
        "share": found.share,
        "monitored": list(found.monitored),
        "unmonitored": list(found.unmonitored),
        "stale": [{"table": one.table, "refreshed_at": _when(one)} for one in found.stale],
        "orphaned_monitors": list(found.orphaned_monitors),
        "orphaned_metric_tables": list(found.orphaned_metric_tables),
    }
