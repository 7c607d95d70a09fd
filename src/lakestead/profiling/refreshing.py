"""Refreshes of monitors on demand: of those whose tables have changed, or of all."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakestead.client import Profile
from lakestead.core.names import quote_name
from lakestead.profiling.config import OrchestratorConfig, Provisioning
from lakestead.profiling.discovery import resolve
from lakestead.profiling.monitors import TABLE
from lakestead.profiling.opening import opened
from lakestead.profiling.pacing import Requests
from lakestead.profiling.targets import Target

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.service.dataquality import Refresh

    from lakestead.client import Warehouse

CURRENT = "CURRENT"
NOT_MONITORED = "NOT_MONITORED"
_PREFIX = "MONITOR_REFRESH_STATE_"
_UNDER_WAY = ("PENDING", "RUNNING")
_FIRST_WAIT_SECONDS = 0.05
_LONGEST_WAIT_SECONDS = 5.0


@dataclass(frozen=True)
class Refreshed:
    """What came of the refresh of a table's monitor.

    Args:
        table_name: the table's full name.
        state: SUCCESS, FAILED, CANCELED; PENDING or RUNNING if it took longer than was waited for; CURRENT if
            nothing has changed since the last one; NOT_MONITORED.
        message: why it failed.
        seconds: how long it took.
    """

    table_name: str
    state: str
    message: str | None = None
    seconds: float | None = None


def refresh_monitors(
    tables: OrchestratorConfig | Sequence[Target],
    *,
    only_changed: bool = True,
    profile: Profile | None = None,
    warehouse: Warehouse | None = None,
    timeout_seconds: float | None = None,
    progress: Callable[[Refreshed], None] | None = None,
) -> list[Refreshed]:
    """Refresh monitors and wait for them, in the order of the tables.

    A refresh that is under way is waited for; none is begun beside it.

    Args:
        tables: a configuration, whose tables are meant; or the tables.
        only_changed: leave out tables without a commit since their last good refresh began.
        profile: the workspace; else the one that DATABRICKS_* names, or the embedded one.
        warehouse: the same, when there is already one to use.
        timeout_seconds: for which is waited; else the configuration's `provisioning.patience_seconds`.
        progress: is told of each refresh when it is done.
    """
    config = tables if isinstance(tables, OrchestratorConfig) else None
    provisioning = config.provisioning if config else Provisioning()
    patience = provisioning.patience_seconds if timeout_seconds is None else timeout_seconds
    with opened(config, profile, warehouse) as used:
        requests = Requests(provisioning)
        targets = (
            resolve(tables, used, requests).targets if isinstance(tables, OrchestratorConfig) else tables
        )
        work = _Refreshing(used, requests, only_changed, time.monotonic() + patience)
        done: dict[str, Refreshed] = {}
        for target, future in requests.each(targets, work.refresh):
            done[target.full_name] = future.result()
            if progress is not None:
                progress(done[target.full_name])
    return [done[target.full_name] for target in targets]


@dataclass(frozen=True)
class _Refreshing:
    """Refreshes one monitor after the other; many threads may."""

    warehouse: Warehouse
    requests: Requests
    only_changed: bool
    deadline: float

    @property
    def client(self) -> WorkspaceClient:
        return self.warehouse.client

    def refresh(self, target: Target) -> Refreshed:
        """Refresh the monitor of a table, if that is due, and wait for it."""
        from databricks.sdk.errors import NotFound

        try:
            known = self.requests.make(
                lambda: list(self.client.data_quality.list_refresh(TABLE, target.table_id))
            )
        except NotFound:
            return Refreshed(target.full_name, NOT_MONITORED)
        running = [one for one in known if _state(one) in _UNDER_WAY]
        if not running and self.only_changed and not self._has_changed(target, known):
            return Refreshed(target.full_name, CURRENT)
        return self._wait(target, running[0] if running else self._begin(target))

    def _has_changed(self, target: Target, known: Sequence[Refresh]) -> bool:
        begun = [one.start_time_ms for one in known if _state(one) == "SUCCESS" and one.start_time_ms]
        committed = self._committed_at(target)
        return not begun or committed is None or committed.timestamp() * 1000 >= max(begun)

    def _committed_at(self, target: Target) -> dt.datetime | None:
        """Return when a table was last written; None of what has no history of its own, as views."""
        from databricks.sql.exc import ServerOperationError

        name = quote_name(target.catalog, target.schema, target.name)
        try:
            rows = self.warehouse.rows(f"DESCRIBE HISTORY {name} LIMIT 1")
        except ServerOperationError:
            return None
        found: dt.datetime | None = rows[0]["timestamp"] if rows else None
        return found

    def _begin(self, target: Target) -> Refresh:
        from databricks.sdk.service.dataquality import Refresh

        wanted = Refresh(object_type=TABLE, object_id=target.table_id)
        return self.client.data_quality.create_refresh(TABLE, target.table_id, wanted)

    def _wait(self, target: Target, refresh: Refresh) -> Refreshed:
        wait = _FIRST_WAIT_SECONDS
        number = refresh.refresh_id
        while _state(refresh) in _UNDER_WAY and number is not None and time.monotonic() < self.deadline:
            time.sleep(wait)
            wait = min(wait * 1.5, _LONGEST_WAIT_SECONDS)
            refresh = self._look(target, number)
        begun, ended = refresh.start_time_ms, refresh.end_time_ms
        seconds = (ended - begun) / 1000 if begun and ended else None
        return Refreshed(target.full_name, _state(refresh), refresh.message or None, seconds)

    def _look(self, target: Target, refresh_id: int) -> Refresh:
        return self.requests.make(
            lambda: self.client.data_quality.get_refresh(TABLE, target.table_id, refresh_id)
        )


def _state(refresh: Refresh) -> str:
    return refresh.state.value.removeprefix(_PREFIX) if refresh.state else "PENDING"
