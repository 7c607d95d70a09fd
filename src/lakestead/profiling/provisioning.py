"""Applies changes: monitors are created, updated, recreated, and removed when that is asked.

What was done is in the workspace itself: a run that was killed is resumed by planning and applying again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakestead.client import Profile
from lakestead.profiling.changes import CHANGING, Action, Change, Changes
from lakestead.profiling.definitions import differences, must_recreate, update_mask, wanted
from lakestead.profiling.monitors import TABLE, read_monitor
from lakestead.profiling.opening import opened, warehouse_id
from lakestead.profiling.pacing import Requests
from lakestead.profiling.targets import Target

if TYPE_CHECKING:
    from databricks.sdk.service.dataquality import DataProfilingConfig

    from lakestead.client import Warehouse


@dataclass(frozen=True)
class Applied:
    """What came of a change.

    Args:
        table: the table's full name.
        action: what was to be done.
        seconds: how long it took.
        error: why it was not done; None if it was.
    """

    table: str
    action: Action
    seconds: float
    error: str | None = None


def apply(
    changes: Changes,
    *,
    profile: Profile | None = None,
    warehouse: Warehouse | None = None,
    remove_orphans: bool = False,
    progress: Callable[[Applied], None] | None = None,
) -> list[Applied]:
    """Apply changes, many at once; one that fails does not keep the others from being done.

    Args:
        changes: what to do.
        profile: the workspace; else the one that DATABRICKS_* names, or the embedded one.
        warehouse: the same, when there is already one to use.
        remove_orphans: whether monitors that no table asks for any more are deleted; their metric tables
            stay, as Databricks leaves them.
        progress: is told of each change when it is done.

    Returns:
        What came of each change, in the order in which they were done.

    Raises:
        DatabricksError: a schema for the metric tables cannot be created.
    """
    doing = changes.of(*CHANGING) + (changes.of(Action.ORPHANED) if remove_orphans else [])
    if not doing:
        return []
    applied = []
    with opened(changes.config, profile, warehouse) as used:
        requests = Requests(changes.config.provisioning)
        provisioner = _Provisioner(changes, used, requests)
        for _, future in requests.each(doing, provisioner.do):
            applied.append(future.result())
            if progress is not None:
                progress(applied[-1])
    return applied


class _Provisioner:
    """Does changes, one for each call. Many threads may call."""

    def __init__(self, changes: Changes, warehouse: Warehouse, requests: Requests) -> None:
        self._client = warehouse.client
        self._requests = requests
        self._folder = changes.config.dashboards.folder
        self._warehouse_id = warehouse_id(warehouse)
        self._schemas = {
            name: schema_id if schema_id is not None else self._schema(name)
            for name, schema_id in changes.output_schemas.items()
        }

    def do(self, change: Change) -> Applied:
        from databricks.sdk.errors.base import DatabricksError

        began = time.monotonic()
        error = None
        try:
            if change.target is None:
                self._delete(change.table_id)
            else:
                self._provide(change.action, change.target)
        except (DatabricksError, TimeoutError) as raised:  # the SDK's own patience ends with a TimeoutError
            error = str(raised) or type(raised).__name__
        return Applied(change.table, change.action, time.monotonic() - began, error)

    def _provide(self, action: Action, target: Target) -> None:
        from databricks.sdk.errors import AlreadyExists, ResourceConflict

        want = wanted(target, self._folder, self._schemas[target.output_schema], self._warehouse_id)
        if action is Action.UPDATE:
            self._update(target, want)
            return
        if action is Action.RECREATE:
            self._delete(target.table_id)
        try:
            self._create(target, want)
        except (AlreadyExists, ResourceConflict):
            # Somebody was faster; or we were, and the answer got lost.
            self._update(target, want)

    def _create(self, target: Target, want: DataProfilingConfig) -> None:
        from databricks.sdk.service.dataquality import Monitor

        monitor = Monitor(TABLE, target.table_id, data_profiling_config=want)
        self._requests.make(lambda: self._client.data_quality.create_monitor(monitor))

    def _update(self, target: Target, want: DataProfilingConfig) -> None:
        """Make a monitor that stands agree with what is wanted, as it is found now."""
        from databricks.sdk.service.dataquality import Monitor

        found = read_monitor(self._requests, self._client, target.table_id)
        if found is None:
            self._create(target, want)
            return
        differing = differences(target, found, want)
        if must_recreate(differing):
            self._delete(target.table_id)
            self._create(target, want)
        elif differing:
            monitor = Monitor(TABLE, target.table_id, data_profiling_config=want)
            mask = update_mask(target, differing)
            self._requests.make(
                lambda: self._client.data_quality.update_monitor(TABLE, target.table_id, monitor, mask)
            )

    def _delete(self, table_id: str) -> None:
        from databricks.sdk.errors import NotFound

        try:
            self._requests.make(lambda: self._client.data_quality.delete_monitor(TABLE, table_id))
        except NotFound:
            return  # it is gone, which is what was wanted

    def _schema(self, full_name: str) -> str:
        """Create a schema for metric tables, and return its id."""
        from databricks.sdk.errors import AlreadyExists

        catalog, _, name = full_name.partition(".")
        try:
            made = self._requests.make(lambda: self._client.schemas.create(name, catalog))
        except AlreadyExists:
            made = self._requests.make(lambda: self._client.schemas.get(full_name))
        return made.schema_id or ""
