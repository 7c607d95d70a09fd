"""How far a monitor's metric tables have got, so that the next refresh goes on from there."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from lakestead.workspace.monitors.refreshes.reading import Reading
from lakestead.workspace.monitors.refreshes.tables import MetricTables
from lakestead.workspace.monitors.spec import MonitorSpec
from lakestead.workspace.store.monitors import Refreshed
from lakestead.workspace.store.objects import Securable

if TYPE_CHECKING:
    from lakestead.workspace.app import Workspace


# Of a baseline that has no versions: it may have changed each time.
_UNKNOWN = "unknown"


def progress_of(
    monitor: MonitorSpec, tables: MetricTables, reading: Reading, baseline: Reading | None
) -> Refreshed:
    """Return the record of a refresh that has read these tables in these versions."""
    relation = reading.relation
    # Neither the table's name nor where statements run says anything of the metrics.
    measured = replace(monitor, table=(), warehouse_id="")
    return Refreshed(
        table_id=monitor.table_id,
        definition=sha256(repr(measured).encode()).hexdigest(),
        source=relation.identifier,
        version=relation.version,
        baseline=None if baseline is None else _state(baseline),
        profile=tables.profile.id,
        drift=tables.drift.id,
    )


def _state(baseline: Reading) -> str:
    relation = baseline.relation
    return _UNKNOWN if relation.version is None else f"{relation.identifier} {relation.version}"


def version_before(workspace: Workspace, now: Refreshed) -> int | None:
    """Return the version of the table up to which the metric tables are right; None when they may not be.

    Args:
        workspace: where.
        now: what they are to become.
    """
    with workspace.store.read() as tx:
        before = tx.get(Refreshed, now.table_id)
    if before is None or before.source is None or now.baseline == _UNKNOWN:
        return None
    same = ("definition", "source", "baseline", "profile", "drift")
    return before.version if all(getattr(before, one) == getattr(now, one) for one in same) else None


def save(workspace: Workspace, now: Refreshed) -> None:
    """Record that the metric tables have got so far, unless the monitored table was dropped meanwhile."""
    with workspace.store.write() as tx:
        if tx.get(Securable, now.table_id) is not None:
            tx.merge(now)
