"""A refresh of a monitor, from its table to the two metric tables."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from lakestead.engine import profiles
from lakestead.engine.delta.replace import Stale
from lakestead.engine.profiles import BASELINE, INPUT, Cancelled, Distributions, Profile, Window
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.monitors.refreshes import progress, snapshots, tables
from lakestead.workspace.monitors.refreshes.changes import changed_windows
from lakestead.workspace.monitors.refreshes.custom import with_aggregates
from lakestead.workspace.monitors.refreshes.derived import Derivation
from lakestead.workspace.monitors.refreshes.reading import Reading, reading_of
from lakestead.workspace.monitors.refreshes.relation import Relation, owner_of, resolve
from lakestead.workspace.monitors.refreshes.scope import DRIFT_KEYS, PROFILE_KEYS, Scope, Series, Snapshot
from lakestead.workspace.monitors.refreshes.sources import Sources
from lakestead.workspace.monitors.refreshes.tables import MetricTable, MetricTables
from lakestead.workspace.monitors.spec import MonitorSpec, ProfileType

if TYPE_CHECKING:
    from lakestead.workspace.app import Workspace

logger = logging.getLogger(__name__)
# Seconds that a refresh waits for another of the same monitor.
_PATIENCE = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a refresh did.

    Attributes:
        version: of the table that was read; None when it has none.
        windows: how many were computed, those among them that others were only compared with.
        profile_rows: how many the profile metrics got.
        drift_rows: how many the drift metrics got.
    """

    version: int | None
    windows: int
    profile_rows: int = 0
    drift_rows: int = 0


def run(
    workspace: Workspace, monitor: MonitorSpec, refresh_id: int, cancelled: Callable[[], bool]
) -> Outcome:
    """Bring the metric tables of a monitor up to date with its table.

    What was written by a refresh that was killed half-way is completed by the next one. Two of one monitor
    run one after the other.

    Args:
        workspace: where.
        monitor: its definition.
        refresh_id: of the refresh, for the log.
        cancelled: asked now and then; when it says yes, nothing more is written.

    Raises:
        ApiError: CANCELLED; or why the refresh failed, in words for the user.
    """
    with tempfile.TemporaryDirectory(prefix="refresh-", dir=workspace.storage.scratch) as folder:
        sources = Sources(workspace, monitor, Path(folder), cancelled)
        kept = str(snapshots.folder(workspace, monitor))
        with workspace.router.locks.hold(kept, timeout=_PATIENCE, check=sources.check):
            owner = owner_of(workspace, monitor.owner)
            targets = tables.create(workspace, monitor, owner)
            outcome = _Refresh(sources, owner, targets).run()
    logger.info("refresh %s of %s: %s", refresh_id, ".".join(monitor.table), outcome)
    return outcome


@dataclass(frozen=True, slots=True)
class _Refresh:
    """One refresh of a monitor.

    Args:
        sources: opens what is read.
        owner: with whose privileges.
        targets: the metric tables.
    """

    sources: Sources
    owner: Principal
    targets: MetricTables

    @property
    def _monitor(self) -> MonitorSpec:
        return self.sources.monitor

    def run(self) -> Outcome:
        """Read the table, compute what has changed, and write it."""
        reading = reading_of(self._monitor, self._resolved(self._monitor.table))
        base = self._baseline()
        if self._monitor.profile_type is ProfileType.SNAPSHOT:
            return self._snapshot(reading, base)
        workspace = self.sources.workspace
        now = progress.progress_of(self._monitor, self.targets, reading, base)
        since = progress.version_before(workspace, now)
        scope = Series(None if since is None else changed_windows(reading, since))
        if scope.read is not None and not scope.read:
            return Outcome(reading.relation.version, 0)
        _, outcome = self._refreshed(reading, base, scope)
        progress.save(workspace, now)
        return outcome

    def _snapshot(self, reading: Reading, base: Reading | None) -> Outcome:
        workspace, profile = self.sources.workspace, self.targets.profile
        at = datetime.now(UTC)
        scope = Snapshot(Window(at, at), snapshots.starts(profile))
        previous = snapshots.load(workspace, self._monitor, profile)
        found, outcome = self._refreshed(reading, base, scope, previous)
        snapshots.save(workspace, self._monitor, profile, found)
        return outcome

    def _refreshed(
        self, reading: Reading, base: Reading | None, scope: Scope, previous: Distributions | None = None
    ) -> tuple[Distributions, Outcome]:
        """Compute and write what is in a scope; ``previous`` is the snapshot before."""
        found = self._profiled(reading, scope.read, INPUT)
        baseline = None if base is None else self._profiled(base, None, BASELINE)
        metrics = found.metrics
        if baseline is not None:
            metrics = pa.concat_tables([metrics, baseline.metrics])
        drift = profiles.drift(
            found.distributions,
            None if baseline is None else baseline.distributions,
            reading.definition,
            previous=previous,
            windows=scope.compared,
        )
        drift = self._derivation.drift(
            drift.filter(scope.drift(drift)), metrics, reading, self.targets.profile
        )
        metrics = metrics.filter(scope.metrics(metrics))
        # The drift first: a refresh counts as done with its metrics.
        self.sources.check()
        read = [one.relation.path for one in (reading, base) if one is not None]
        self._write(self.targets.drift, drift, DRIFT_KEYS, scope.old_drift, read)
        self._write(self.targets.profile, metrics, PROFILE_KEYS, scope.old_metrics, read)
        windows = {(group.granularity, group.window) for group in found.distributions}
        return found.distributions, Outcome(
            reading.relation.version, len(windows), metrics.num_rows, drift.num_rows
        )

    def _baseline(self) -> Reading | None:
        """Return how the baseline is read, None if there is none."""
        if self._monitor.baseline_table is None:
            return None
        try:
            return reading_of(self._monitor, self._resolved(self._monitor.baseline_table), baseline=True)
        except ApiError as error:
            raise ApiError(error.code, f"baseline_table_name: {error.message}") from None

    def _resolved(self, path: tuple[str, ...]) -> Relation:
        return resolve(self.sources.workspace, self.owner, path)

    @property
    def _derivation(self) -> Derivation:
        return Derivation(self.sources.workspace, self._monitor, self.sources.folder)

    def _profiled(self, reading: Reading, windows: Collection[Window] | None, log_type: str) -> Profile:
        """Return the profile of a table, custom metrics among the others."""
        self.sources.check()
        source = self.sources.open(reading, windows)
        try:
            found = profiles.profile(
                source,
                reading.definition,
                windows=windows,
                log_type=log_type,
                cancelled=self.sources.cancelled,
            )
        except Cancelled:
            raise ApiError(ErrorCode.CANCELLED, "The refresh was cancelled.") from None
        except FileNotFoundError:
            raise ApiError(
                ErrorCode.FAILED_READ_FILE,
                f"A file of {'.'.join(reading.relation.path)} was removed while it was read; refresh again.",
            ) from None
        metrics = with_aggregates(self.sources, reading, found.metrics, windows)
        metrics = self._derivation.derived(metrics)
        version = pa.scalar(reading.relation.version, pa.int32())
        metrics = metrics.append_column("logging_table_commit_version", pa.repeat(version, metrics.num_rows))
        return Profile(metrics, found.distributions)

    def _write(
        self,
        table: MetricTable,
        rows: pa.Table,
        columns: tuple[str, ...],
        stale: Stale,
        read: Sequence[tuple[str, ...]],
    ) -> None:
        version = pa.scalar(self._monitor.monitor_version, pa.int64())
        rows = rows.append_column("monitor_version", pa.repeat(version, rows.num_rows))
        workspace = self.sources.workspace
        tables.write(workspace, table, rows, columns, stale, self.owner, self.sources.check)
        tables.record_lineage(workspace, self.owner, read, table)
