"""Monitors at work: their metric tables are made, their refreshes run when asked for and when due."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lakestead.workspace.errors import ApiError
from lakestead.workspace.monitors import resolve, service
from lakestead.workspace.monitors.config import Schedule
from lakestead.workspace.monitors.runner import Runner
from lakestead.workspace.monitors.spec import MonitorSpec, MonitorStatus, RefreshState, RefreshTrigger
from lakestead.workspace.notifications.message import Message
from lakestead.workspace.store.base import now_ms
from lakestead.workspace.store.monitors import Monitor, MonitorRefresh, Refreshed

if TYPE_CHECKING:
    from lakestead.workspace.app import Workspace

logger = logging.getLogger(__name__)
_STOPPED = "The workspace was stopped while the refresh ran."


class Monitors:
    """The monitors of a workspace at work.

    What waits to be refreshed is in the database, and waits on when the workspace is started again. What ran
    when its process was killed has failed.

    Args:
        workspace: whose monitors they are.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._store = workspace.store
        self._runner = Runner(self._run)
        # Metric tables are quick to make: no monitor waits for the refreshes of others to be ACTIVE.
        self._makers = ThreadPoolExecutor(1, thread_name_prefix="monitor-tables")

    def start(self) -> None:
        """Take up what the process before left, and set all schedules."""
        with self._store.write() as tx:
            for refresh in _in_state(tx, RefreshState.RUNNING):
                _end(tx, refresh, RefreshState.FAILED, _STOPPED)
            waiting = _in_state(tx, RefreshState.PENDING)
            monitors = list(tx.scalars(select(Monitor)))
        for monitor in monitors:
            self.schedule(monitor.table_id, resolve.config_of(monitor).schedule)
        for refresh in waiting:
            self.make(refresh)

    def schedule(self, table_id: str, schedule: Schedule | None) -> None:
        """Refresh a monitor at these times from now on.

        Args:
            table_id: of its table.
            schedule: None for never, as with one that is paused.
        """
        if schedule is None or schedule.paused:
            self._workspace.schedules.remove(_key(table_id))
        else:
            times = (schedule.quartz_cron_expression, schedule.timezone_id)
            self._workspace.schedules.set(_key(table_id), *times, partial(self._due, table_id))

    def make(self, first: MonitorRefresh) -> None:
        """Make the metric tables of a monitor, and run its first refresh then; returns at once."""
        self._makers.submit(self._make, first.table_id, first.id)

    def submit(self, refresh: MonitorRefresh) -> None:
        """Run a refresh when it is its turn; it is recorded as PENDING."""
        self._runner.submit(refresh.table_id, refresh.id)

    def cancel(self, tx: Session, refresh: MonitorRefresh) -> None:
        """End a refresh: at once if it waits, else as soon as it hears of it.

        Raises:
            ApiError: INVALID_STATE when it is over.
        """
        service.refuse_over(refresh)
        if refresh.state == RefreshState.PENDING:
            _end(tx, refresh, RefreshState.CANCELED, None)
        else:
            self._runner.stop(refresh.id)

    def delete(self, tx: Session, monitor: Monitor) -> None:
        """Delete a monitor and its refreshes; its metric tables and its dashboard stay."""
        for refresh in service.refreshes(tx, monitor):
            self._runner.stop(refresh.id)
        self._workspace.schedules.remove(_key(monitor.table_id))
        tx.execute(delete(Refreshed).where(Refreshed.table_id == monitor.table_id))
        tx.delete(monitor)

    def stop(self) -> None:
        """Begin no refresh any more, and tell those that run to end."""
        self._runner.stop_all()

    def close(self) -> None:
        """Wait for what was told to end."""
        self.stop()
        self._makers.shutdown(cancel_futures=True)
        self._runner.close()

    def _due(self, table_id: str) -> None:
        with self._store.write() as tx:
            monitor = tx.get(Monitor, table_id)
            if monitor is None:
                # It went with its table.
                self._workspace.schedules.remove(_key(table_id))
                return
            if any(one.table_id == table_id for one in _in_state(tx, RefreshState.PENDING)):
                return
            refresh = service.add_refresh(tx, monitor, RefreshTrigger.SCHEDULE)
        self.submit(refresh)

    def _make(self, table_id: str, refresh_id: int) -> None:
        if self._runner.closing.is_set():
            return
        try:
            spec = self._spec(table_id)
            if spec is None:
                return
            # Here, as most workspaces start without monitors and what computes them is slow to load.
            from lakestead.workspace.monitors.refreshes.relation import owner_of
            from lakestead.workspace.monitors.refreshes.tables import create

            create(self._workspace, spec, owner_of(self._workspace, spec.owner))
        except Exception as error:
            self._failed(refresh_id, error)
            return
        with self._store.write() as tx:
            monitor = tx.get(Monitor, table_id)
            if monitor is not None and monitor.status == MonitorStatus.PENDING:
                monitor.status = MonitorStatus.ACTIVE
        self._runner.submit(table_id, refresh_id)

    def _run(self, refresh_id: int, cancelled: Callable[[], bool]) -> None:
        try:
            spec = self._begin(refresh_id)
            if spec is not None:
                # Here, for the same reason as above.
                from lakestead.workspace.monitors import refreshes

                refreshes.run(self._workspace, spec, refresh_id, cancelled)
                self._finish(refresh_id, RefreshState.SUCCESS, None)
        except Exception as error:
            if cancelled() and isinstance(error, ApiError):
                why = _STOPPED if self._runner.closing.is_set() else None
                self._finish(refresh_id, RefreshState.CANCELED, why)
            else:
                self._failed(refresh_id, error)

    def _begin(self, refresh_id: int) -> MonitorSpec | None:
        """Return what is to be run; None when it was cancelled or deleted before its turn."""
        with self._store.write() as tx:
            refresh = tx.get(MonitorRefresh, refresh_id)
            if refresh is None or refresh.state != RefreshState.PENDING or self._runner.closing.is_set():
                return None
            refresh.state, refresh.started_at = RefreshState.RUNNING, now_ms()
        return self._spec(refresh.table_id)

    def _spec(self, table_id: str) -> MonitorSpec | None:
        with self._store.read() as tx:
            monitor = tx.get(Monitor, table_id)
            if monitor is None:
                return None
            return resolve.spec_of(tx, monitor, self._workspace.default_warehouse_id)

    def _failed(self, refresh_id: int, error: Exception) -> None:
        """Record that a refresh failed, and tell those who want to know.

        The edge of a thread: whatever it was, its user must see that it failed.
        """
        why = "The refresh failed inside the workspace; see its log."
        if isinstance(error, ApiError):
            why = error.message
        else:
            logger.error("refresh %s failed", refresh_id, exc_info=error)
        self._finish(refresh_id, RefreshState.FAILED, why)
        with self._store.read() as tx:
            refresh = tx.get(MonitorRefresh, refresh_id)
            if refresh is not None:
                self._tell(tx.get_one(Monitor, refresh.table_id), refresh_id, why)

    def _tell(self, monitor: Monitor, refresh_id: int, why: str) -> None:
        recipients = resolve.config_of(monitor).email_addresses
        if not recipients:
            return
        name = monitor.table.full_name
        page = monitor.dashboard_id and f"{self._workspace.url}/dashboards/{monitor.dashboard_id}/published"
        payload = {"table_name": name, "object_id": monitor.table_id, "refresh_id": refresh_id}
        message = Message(
            kind="monitor.failed",
            subject=f"The monitor of {name} could not be refreshed",
            body=why,
            link=page or "",
            recipients=tuple(recipients),
            payload=payload,
            key=_key(monitor.table_id),
        )
        self._workspace.notifications.send(message)

    def _finish(self, refresh_id: int, state: RefreshState, message: str | None) -> None:
        with self._store.write() as tx:
            refresh = tx.get(MonitorRefresh, refresh_id)
            # None when it was deleted meanwhile, with its monitor or its table.
            if refresh is not None:
                _end(tx, refresh, state, message)


def _end(tx: Session, refresh: MonitorRefresh, state: RefreshState, message: str | None) -> None:
    refresh.state, refresh.message, refresh.ended_at = state, message, now_ms()
    monitor = tx.get_one(Monitor, refresh.table_id)
    if state is RefreshState.SUCCESS:
        monitor.status, monitor.failure = MonitorStatus.ACTIVE, None
    elif state is RefreshState.FAILED:
        stands = monitor.status in (MonitorStatus.ACTIVE, MonitorStatus.ERROR)
        monitor.status = MonitorStatus.ERROR if stands else MonitorStatus.FAILED
        monitor.failure = message


def _in_state(tx: Session, state: RefreshState) -> list[MonitorRefresh]:
    found: Iterable[MonitorRefresh] = tx.scalars(
        select(MonitorRefresh).where(MonitorRefresh.state == state).order_by(MonitorRefresh.id)
    )
    return list(found)


def _key(table_id: str) -> str:
    return f"monitor:{table_id}"
