"""The metric tables: made, given new columns, and written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy.orm import Session

from lakestead.engine import delta
from lakestead.engine.delta.conform import columns_of
from lakestead.engine.delta.replace import Stale, replace
from lakestead.engine.profiles import drift_schema, profile_schema
from lakestead.workspace.access import Access, authorise, create_access
from lakestead.workspace.catalog import tables
from lakestead.workspace.catalog.lookup import find, get
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.monitors.refreshes.reading import inference_of
from lakestead.workspace.monitors.spec import CustomMetric, MetricType, MonitorSpec
from lakestead.workspace.sql.dml.write import refusals
from lakestead.workspace.sql.sync import follow
from lakestead.workspace.store.base import new_id
from lakestead.workspace.store.objects import Intent, Kind, Securable
from lakestead.workspace.system.lineage.model import Lineage
from lakestead.workspace.system.lineage.trace import Relations

if TYPE_CHECKING:
    from lakestead.workspace.app import Workspace


@dataclass(frozen=True, slots=True)
class MetricTable:
    """A metric table of a monitor.

    Attributes:
        id: of its record.
        path: its full name in parts.
        location: the folder of its files.
    """

    id: str
    path: tuple[str, ...]
    location: str


@dataclass(frozen=True, slots=True)
class MetricTables:
    """Both metric tables of a monitor."""

    profile: MetricTable
    drift: MetricTable


def create(workspace: Workspace, monitor: MonitorSpec, owner: Principal) -> MetricTables:
    """Make the metric tables of a monitor that are not there yet, as its owner's.

    Args:
        workspace: where.
        monitor: its definition.
        owner: the principal that owns it.

    Raises:
        ApiError: the owner may not make them, or not change those that are there; what has the name is not a
            table that could hold metrics.
    """
    return MetricTables(
        _table(workspace, owner, monitor.profile_table, profile_columns(monitor)),
        _table(workspace, owner, monitor.drift_table, drift_columns(monitor)),
    )


def profile_columns(monitor: MonitorSpec) -> pa.Schema:
    """Return the columns of a monitor's profile metrics, custom ones last."""
    built_in = profile_schema(monitor.model_id_column, inference_of(monitor))
    return _with(built_in, monitor, MetricType.AGGREGATE, MetricType.DERIVED)


def drift_columns(monitor: MonitorSpec) -> pa.Schema:
    """Return the columns of a monitor's drift metrics, custom ones last."""
    return _with(drift_schema(monitor.model_id_column), monitor, MetricType.DRIFT)


def _with(built_in: pa.Schema, monitor: MonitorSpec, *types: MetricType) -> pa.Schema:
    custom = [metric_field(one) for one in monitor.custom_metrics if one.type in types]
    return pa.schema([*built_in, *custom])


def metric_field(metric: CustomMetric) -> pa.Field:
    """Return the column of a custom metric."""
    return pa.field(metric.name, metric.output_type.to_arrow())


def _table(workspace: Workspace, owner: Principal, path: tuple[str, ...], schema: pa.Schema) -> MetricTable:
    with workspace.store.read() as tx:
        found = _found(tx, owner, path)
        if found is not None:
            return found
        authorise(tx, owner, [create_access(Kind.TABLE, path[:2])])
    table_id = new_id()
    folder = workspace.storage.managed(Kind.TABLE, table_id)
    try:
        return _made(workspace, owner, path, schema, table_id)
    except ApiError as error:
        workspace.storage.remove(folder)
        if error.code is not ErrorCode.TABLE_EXISTS:
            raise
    # Another was faster.
    with workspace.store.read() as tx:
        found = _found(tx, owner, path)
    assert found is not None
    return found


def _found(tx: Session, owner: Principal, path: tuple[str, ...]) -> MetricTable | None:
    table = find(tx, Kind.TABLE, path)
    if table is None:
        return None
    if table.is_view or table.location is None:
        raise ApiError(
            ErrorCode.INVALID_STATE, f"{table.full_name} is a view: the metric table cannot have this name."
        )
    authorise(tx, owner, [Access(one, Kind.TABLE, path) for one in ("SELECT", "MODIFY")])
    return MetricTable(table.id, path, table.location)


def _made(
    workspace: Workspace, owner: Principal, path: tuple[str, ...], schema: pa.Schema, table_id: str
) -> MetricTable:
    location = str(workspace.storage.managed(Kind.TABLE, table_id))
    columns = columns_of(schema)
    spec = {"table_type": "MANAGED", "format": "DELTA", "partition_columns": [], "clustering_columns": []}
    record = tables.TableRecord([tables.ColumnRecord.of(one) for one in columns], spec, location)
    with refusals():
        delta.create(location, delta.Definition(columns), delta.Commit("CREATE TABLE", user=owner.name))
    catalog, schema_name, name = path
    with workspace.store.write() as tx:
        tables.create(tx, owner, (catalog, schema_name, name), record, table_id)
    return MetricTable(table_id, path, location)


def write(
    workspace: Workspace,
    table: MetricTable,
    rows: pa.Table,
    columns: tuple[str, ...],
    stale: Stale,
    owner: Principal,
    check: Callable[[], None],
) -> None:
    """Put rows in the place of others in one commit; columns that the table has not are added to it.

    Args:
        workspace: where.
        table: one of the metric tables.
        rows: what it gets.
        columns: what ``stale`` looks at.
        stale: says which of its rows go.
        owner: who does it, for the history.
        check: raises when nothing is to be written any more.

    Raises:
        ApiError: the table was changed so that it cannot hold the rows.
    """
    rows = _in_order(rows)
    commit = delta.Commit("WRITE", {"mode": "Overwrite"}, user=owner.name)
    with refusals(), workspace.router.locks.hold(table.location, check=check):
        grows = _lacks_columns(workspace, table, rows)
        if grows:
            with workspace.store.write() as tx:
                tx.merge(Intent(table_id=table.id))
        delta.retry(lambda: replace(table.location, rows, columns, stale, commit), check=check)
        if grows:
            follow(workspace.store, owner, table.id)


def _in_order(rows: pa.Table) -> pa.Table:
    """Return rows window by window: then the next refresh finds those that it replaces in few files."""
    names = ["granularity", "slice_key", "slice_value", "column_name"]
    keys = rows.select(names).append_column("start", pc.struct_field(rows.column("window"), "start"))
    by = [("granularity", "ascending"), ("start", "ascending"), *((name, "ascending") for name in names[1:])]
    return rows.take(pc.sort_indices(keys, sort_keys=by))


def _lacks_columns(workspace: Workspace, table: MetricTable, rows: pa.Table) -> bool:
    with workspace.store.read() as tx:
        record = tx.get(Securable, table.id)
        if record is None:
            raise ApiError(
                ErrorCode.TABLE_NOT_FOUND, f"The metric table {'.'.join(table.path)} was dropped meanwhile."
            )
        known = {column.name.lower() for column in record.columns}
    return any(name.lower() not in known for name in rows.column_names)


def record_lineage(
    workspace: Workspace, owner: Principal, sources: Sequence[tuple[str, ...]], table: MetricTable
) -> None:
    """Record that what is in some tables went into a metric table."""
    relations = Relations()
    with workspace.store.read() as tx:
        known = [relations.of(get(tx, Kind.TABLE, path)).dataset for path in (*sources, table.path)]
    workspace.lineage.moved(owner.name, Lineage(tuple(known[:-1]), known[-1]))
