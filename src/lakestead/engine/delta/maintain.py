"""Upkeep: OPTIMIZE, VACUUM, RESTORE, TRUNCATE."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import pyarrow as pa
from deltalake import DeltaTable

from lakestead.engine.delta.errors import DeltaError, DeltaErrorKind, mapped
from lakestead.engine.delta.history import history
from lakestead.engine.delta.log import Commit, append_log, writable
from lakestead.engine.delta.remove import removals
from lakestead.engine.delta.table import open_table

Filter: TypeAlias = tuple[str, str, str | list[str]]
"""A partition column, one of = != < <= > >= in 'not in', and a value or values as the log writes them."""

DEFAULT_RETENTION_HOURS = 168


@dataclass(frozen=True, slots=True)
class Optimized:
    """What OPTIMIZE did.

    Attributes:
        added: bytes of each file it made.
        removed: bytes of each file it took out.
        partitions: in how many partitions.
        considered: how many files it looked at.
        skipped: how many of them it left alone.
        batches: how many batches of work it made.
        keeps_order: whether rows stayed in the order in which they came.
        started_at: milliseconds since the epoch.
        ended_at: milliseconds since the epoch.
    """

    added: tuple[int, ...]
    removed: tuple[int, ...]
    partitions: int
    considered: int
    skipped: int
    batches: int
    keeps_order: bool
    started_at: int
    ended_at: int


def optimize(
    location: str,
    commit: Commit,
    *,
    where: Sequence[Filter] = (),
    zorder_by: Sequence[str] = (),
    target_size: int | None = None,
) -> Optimized:
    """Write small files together, or order the rows along several columns at once.

    Args:
        location: the table.
        commit: what the history says.
        where: which partitions, all conditions together; empty is all.
        zorder_by: columns to order by; without them files are only joined.
        target_size: bytes of a file; by default the table's ``delta.targetFileSize`` or 100 MB.

    Raises:
        DeltaError: NOT_FOUND, SCHEMA, UNSUPPORTED, CONFLICT.
    """
    table = open_table(location)
    writable(table)
    before = _sizes(table)
    started = _now()
    with mapped():
        filters = list(where) or None
        properties = commit.properties()
        metrics: dict[str, Any] = (
            table.optimize.z_order(zorder_by, filters, target_size, commit_properties=properties)
            if zorder_by
            else table.optimize.compact(filters, target_size, commit_properties=properties)
        )
    after = _sizes(table)
    return Optimized(
        added=tuple(size for path, size in after.items() if path not in before),
        removed=tuple(size for path, size in before.items() if path not in after),
        partitions=metrics["partitionsOptimized"],
        considered=metrics["totalConsideredFiles"],
        skipped=metrics["totalFilesSkipped"],
        batches=metrics["numBatches"],
        keeps_order=metrics["preserveInsertionOrder"],
        started_at=started,
        ended_at=_now(),
    )


def _sizes(table: DeltaTable) -> dict[str, int]:
    files = pa.table(table.get_add_actions())
    return dict(zip(files.column("path").to_pylist(), files.column("size_bytes").to_pylist(), strict=True))


def _now() -> int:
    return time.time_ns() // 1_000_000


def vacuum(
    location: str, commit: Commit, *, hours: float | None = None, dry_run: bool = False, lite: bool = False
) -> list[str]:
    """Delete data files that no version within the retention needs.

    Args:
        location: the table.
        commit: what the history says.
        hours: keep what was part of the table within so many hours; None is the table's own retention.
        dry_run: only say what would be deleted.
        lite: look at the log only, and not for files that it does not know.

    Returns:
        The files, relative to the table's folder.

    Raises:
        DeltaError: NOT_FOUND, UNSUPPORTED, OTHER.
    """
    table = open_table(location)
    writable(table)
    with mapped():
        return list(
            table.vacuum(
                retention_hours=None if hours is None else math.ceil(hours),
                dry_run=dry_run,
                enforce_retention_duration=False,
                full=not lite,
                commit_properties=commit.properties(),
            )
        )


@dataclass(frozen=True, slots=True)
class Restored:
    """What RESTORE did.

    Attributes:
        size: bytes of the table after it.
        files: number of its files after it.
        removed: bytes of each file that it took out.
        restored: bytes of each file that it put back.
    """

    size: int
    files: int
    removed: tuple[int, ...]
    restored: tuple[int, ...]


def restore(location: str, target: int | datetime, commit: Commit) -> Restored:
    """Make an earlier version the newest again.

    Args:
        location: the table.
        target: the version, or a time at which it was the newest.
        commit: what the history says.

    Raises:
        DeltaError: VERSION when there was none; FILES when its files were deleted.
    """
    table = open_table(location)
    writable(table)
    version = target if isinstance(target, int) else version_at(location, target)
    if not 0 <= version <= table.version():
        raise DeltaError(
            DeltaErrorKind.VERSION,
            f"Cannot restore the table to version {version}. Available versions: [0, {table.version()}].",
        )
    before = _sizes(table)
    with mapped():
        table.restore(version, commit_properties=commit.properties())
    after = _sizes(open_table(location))
    return Restored(
        size=sum(after.values()),
        files=len(after),
        removed=tuple(size for path, size in before.items() if path not in after),
        restored=tuple(size for path, size in after.items() if path not in before),
    )


def version_at(location: str, time: datetime) -> int:
    """Return the version that was the newest at a time.

    Args:
        location: the table.
        time: with its zone.

    Raises:
        DeltaError: VERSION when it is before the first version or after the last.
    """
    commits = history(location)
    newest, oldest = commits[0], commits[-1]
    if not oldest.timestamp <= time <= newest.timestamp:
        side = "before the earliest" if time < oldest.timestamp else "after the latest"
        bound = oldest.timestamp if time < oldest.timestamp else newest.timestamp
        raise DeltaError(
            DeltaErrorKind.VERSION,
            f"The provided timestamp ({time:%Y-%m-%d %H:%M:%S.%f}) is {side} version available to this table "
            f"({bound:%Y-%m-%d %H:%M:%S.%f}).",
        )
    return next(commit.version for commit in commits if commit.timestamp <= time)


def truncate(location: str, commit: Commit) -> int:
    """Take all rows out of a table; return the new version.

    Raises:
        DeltaError: APPEND_ONLY, UNSUPPORTED, CONFLICT.
    """
    table = open_table(location)
    writable(table)
    removed = removals(table)
    size = sum(one["remove"]["size"] for one in removed)
    metrics = {"numRemovedFiles": len(removed), "numRemovedBytes": size, "numAddedFiles": 0}
    version = table.version()
    append_log(location, version + 1, [*commit.actions(version, metrics, append=False), *removed])
    return version + 1
