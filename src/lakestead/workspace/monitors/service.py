"""Monitors: what is recorded of them, and the rules of making, changing and deleting them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.monitors import dashboard, privileges, resolve, rules
from lakestead.workspace.monitors.config import Config
from lakestead.workspace.monitors.spec import MonitorStatus, RefreshState, RefreshTrigger
from lakestead.workspace.store.monitors import Monitor, MonitorRefresh
from lakestead.workspace.store.objects import Kind, Securable

# The largest number that the database can hold.
MAX_ID = 2**63 - 1
_READ_AT_ONCE = 100
_OVER = (RefreshState.SUCCESS, RefreshState.FAILED, RefreshState.CANCELED)


def table_by_id(tx: Session, table_id: str) -> Securable:
    """Return a table.

    Raises:
        ApiError: TABLE_NOT_FOUND.
    """
    found = tx.get(Securable, table_id)
    if found is None or found.kind is not Kind.TABLE:
        raise ApiError(ErrorCode.TABLE_NOT_FOUND, f"There is no table with the id '{table_id}'.")
    return found


def get(tx: Session, table: Securable) -> Monitor:
    """Return the monitor of a table.

    Raises:
        ApiError: NOT_FOUND when it has none.
    """
    found = tx.get(Monitor, table.id)
    if found is None:
        raise ApiError(ErrorCode.NOT_FOUND, f"There is no monitor on table '{table.full_name}'.")
    return found


def create(
    tx: Session, actor: Principal, table: Securable, config: Config, warehouse_id: str
) -> MonitorRefresh:
    """Record a monitor, and the first refresh that it shall have.

    Args:
        tx: the transaction.
        actor: who makes it, and with whose privileges it will run.
        table: the table that is monitored.
        config: its definition.
        warehouse_id: where its statements run when the definition names no warehouse.

    Raises:
        ApiError: ALREADY_EXISTS; INVALID_REQUEST naming all that is wrong with the definition;
            PERMISSION_DENIED on the schema of the metric tables, the baseline, or the dashboard's folder.
    """
    if tx.get(Monitor, table.id) is not None:
        raise ApiError(ErrorCode.ALREADY_EXISTS, f"Table '{table.full_name}' already has a monitor.")
    monitor = Monitor(
        table=table,
        owner=actor.name,
        stem=table.name,
        output_schema_id=config.output_schema_id,
        config=config.stored(),
        status=MonitorStatus.PENDING,
    )
    rules.check(tx, table, config, monitor.stem)
    _allowed(tx, actor, config)
    tx.add(monitor)
    tx.flush()
    spec = resolve.spec_of(tx, monitor, warehouse_id)
    rules.check_metrics(table, spec)
    if not config.skip_builtin_dashboard:
        dashboard.put(tx, actor, monitor, spec)
    return add_refresh(tx, monitor, RefreshTrigger.MANUAL)


def update(tx: Session, actor: Principal, monitor: Monitor, config: Config, warehouse_id: str) -> None:
    """Give a monitor another definition; one that gives other metrics is a new version.

    Args:
        tx: the transaction.
        actor: who changes it.
        monitor: the record.
        config: its definition from now on.
        warehouse_id: where its statements run when the definition names no warehouse.

    Raises:
        ApiError: INVALID_REQUEST naming all that is wrong with the definition; PERMISSION_DENIED on the
            schema of the metric tables or the baseline.
    """
    before = resolve.config_of(monitor)
    rules.check(tx, monitor.table, config, monitor.stem)
    _allowed(tx, actor, config)
    monitor.config = config.stored()
    monitor.output_schema_id = config.output_schema_id
    spec = resolve.spec_of(tx, monitor, warehouse_id)
    rules.check_metrics(monitor.table, spec)
    if not config.same_metrics(before):
        monitor.version += 1
        if monitor.dashboard_id is not None:
            dashboard.put(tx, actor, monitor, spec)


def _allowed(tx: Session, actor: Principal, config: Config) -> None:
    privileges.may_write_to(tx, actor, config.output_schema_id)
    if config.baseline_table_name is not None:
        privileges.may_compare(tx, actor, resolve.table_name(config.baseline_table_name))


def all_after(tx: Session, table_id: str) -> Iterator[Monitor]:
    """Give the monitors of tables whose ids come after one, in the order of these."""
    query = select(Monitor).where(Monitor.table_id > table_id).order_by(Monitor.table_id)
    # Read with their tables, and no further than they are wanted.
    together = query.options(joinedload(Monitor.table)).execution_options(yield_per=_READ_AT_ONCE)
    return iter(tx.scalars(together))


def refreshes(
    tx: Session, monitor: Monitor, *, before: int | None = None, limit: int | None = None
) -> list[MonitorRefresh]:
    """Return the refreshes of a monitor, the newest first.

    Args:
        tx: an open transaction.
        monitor: the record.
        before: give those that came before this one; None for all.
        limit: give at most so many.
    """
    query = select(MonitorRefresh).where(MonitorRefresh.table_id == monitor.table_id)
    if before is not None:
        query = query.where(MonitorRefresh.id < before)
    return list(tx.scalars(query.order_by(MonitorRefresh.id.desc()).limit(limit)))


def get_refresh(tx: Session, monitor: Monitor, refresh_id: int) -> MonitorRefresh:
    """Return a refresh of a monitor.

    Raises:
        ApiError: NOT_FOUND.
    """
    found = tx.get(MonitorRefresh, refresh_id) if refresh_id <= MAX_ID else None
    if found is None or found.table_id != monitor.table_id:
        raise ApiError(
            ErrorCode.NOT_FOUND,
            f"The monitor of table '{monitor.table.full_name}' has no refresh {refresh_id}.",
        )
    return found


def add_refresh(tx: Session, monitor: Monitor, trigger: RefreshTrigger) -> MonitorRefresh:
    """Record a refresh that is to be run."""
    made = MonitorRefresh(table_id=monitor.table_id, state=RefreshState.PENDING, trigger=trigger)
    tx.add(made)
    tx.flush()
    return made


def refuse_over(refresh: MonitorRefresh) -> None:
    """Raise when a refresh is over.

    Raises:
        ApiError: INVALID_STATE.
    """
    if refresh.state in _OVER:
        raise ApiError(
            ErrorCode.INVALID_STATE, f"Refresh {refresh.id} is over: its state is {refresh.state} already."
        )
