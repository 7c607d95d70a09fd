"""The snapshot before: what it was like, and its metrics."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from lakestead.engine import delta
from lakestead.engine.profiles import Distributions, stored
from lakestead.workspace.monitors.refreshes.tables import MetricTable
from lakestead.workspace.monitors.spec import MonitorSpec
from lakestead.workspace.sql.dml.write import refusals

if TYPE_CHECKING:
    from lakestead.workspace.app import Workspace


def folder(workspace: Workspace, monitor: MonitorSpec) -> Path:
    """Return where a monitor keeps what its next refresh needs; it goes with the monitored table."""
    return workspace.storage.monitors / monitor.table_id


def load(workspace: Workspace, monitor: MonitorSpec, profile: MetricTable) -> Distributions | None:
    """Return the distributions of the last snapshot in a profile table, None if there is none."""
    try:
        return stored.load(_file(workspace, monitor, profile))
    except FileNotFoundError:
        return None


def save(
    workspace: Workspace, monitor: MonitorSpec, profile: MetricTable, distributions: Distributions
) -> None:
    """Keep the distributions of a snapshot for the next one."""
    path = _file(workspace, monitor, profile)
    path.parent.mkdir(parents=True, exist_ok=True)
    stored.save(distributions, path)


def _file(workspace: Workspace, monitor: MonitorSpec, profile: MetricTable) -> Path:
    return folder(workspace, monitor) / f"{profile.id}.arrow"


def starts(profile: MetricTable) -> frozenset[datetime]:
    """Return when the snapshots in a profile table were taken."""
    found = _rows(profile, ["window"], None).column("window")
    return frozenset(pc.unique(pc.struct_field(found, "start")).drop_null().to_pylist())


def metrics(profile: MetricTable, at: datetime, schema: pa.Schema) -> pa.Table:
    """Return the metrics of one snapshot.

    Args:
        profile: the profile table.
        at: when it was taken.
        schema: the columns that are wanted; those that the table has not are null.
    """
    condition = pc.field("window", "start") == pa.scalar(at, pa.timestamp("us", "UTC"))
    rows = _rows(profile, None, condition)
    columns = [
        rows.column(field.name).cast(field.type)
        if field.name in rows.column_names
        else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _rows(profile: MetricTable, columns: list[str] | None, condition: pc.Expression | None) -> pa.Table:
    with refusals():
        table = delta.open_table(profile.location)
        return table.to_pyarrow_dataset().to_table(columns=columns, filter=condition)
