"""What has happened to a table, from its log, under Databricks' names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lakestead.engine.delta.errors import DeltaError, DeltaErrorKind, mapped
from lakestead.engine.delta.log import OPERATION
from lakestead.engine.delta.metrics import normalised, plain, renamed
from lakestead.engine.delta.table import open_table


@dataclass(frozen=True, slots=True)
class Version:
    """One commit.

    Attributes:
        version: its number.
        timestamp: when it was made.
        operation: e.g. ``MERGE``.
        parameters: of the operation.
        metrics: of the operation; numbers in text.
        user: who made it, if the log says so.
        read_version: the version it was built on, if the log says so.
        is_blind_append: whether it only added rows and depended on none, if the log says so.
        engine: what wrote it.
    """

    version: int
    timestamp: datetime
    operation: str
    parameters: dict[str, str]
    metrics: dict[str, str]
    user: str | None = None
    read_version: int | None = None
    is_blind_append: bool | None = None
    engine: str | None = None


def history(location: str, limit: int | None = None) -> list[Version]:
    """Return a table's commits, newest first.

    Args:
        location: the table.
        limit: so many at the most.

    Raises:
        DeltaError: NOT_FOUND.
    """
    table = open_table(location)
    with mapped():
        # Commits that are made meanwhile come on top.
        return [_version(entry) for entry in table.history(limit)[:limit]]


def commit_metrics(location: str, version: int) -> dict[str, int]:
    """Return the operation's metrics of one commit, read from the log.

    Args:
        location: the table.
        version: the commit.

    Raises:
        DeltaError: NOT_FOUND; VERSION when the log no longer has it.
    """
    table = open_table(location)
    with mapped():
        entries = table.history(max(table.version() - version + 1, 0))
    for entry in entries:
        if entry.get("version") == version:
            return normalised(entry.get("operationMetrics") or {})
    raise DeltaError(DeltaErrorKind.VERSION, f"The log has no version {version}.")


def _version(entry: Mapping[str, Any]) -> Version:
    return Version(
        version=entry["version"],
        timestamp=datetime.fromtimestamp(entry["timestamp"] / 1000, UTC),
        operation=entry.get(OPERATION) or entry.get("operation") or "UNKNOWN",
        parameters={key: plain(value) for key, value in (entry.get("operationParameters") or {}).items()},
        metrics=renamed(entry.get("operationMetrics") or {}),
        user=entry.get("userName"),
        read_version=entry.get("readVersion"),
        is_blind_append=entry.get("isBlindAppend"),
        engine=entry.get("engineInfo"),
    )
