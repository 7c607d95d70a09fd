"""The newest end of a table's log, read without opening it: what writers ask before and after each commit."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlparse

from lakestead.engine.delta.history import commit_metrics
from lakestead.engine.delta.metrics import normalised
from lakestead.engine.delta.table import latest_version


def version(location: str) -> int:
    """Return the number of a table's newest version.

    Raises:
        DeltaError: NOT_FOUND when there is no table.
    """
    log = _local_log(location)
    if log is None or not log.is_dir():
        return latest_version(location)
    names = [name for name in os.listdir(log) if name[:20].isdigit() and name[20:] == ".json"]
    return int(max(names)[:20]) if names else latest_version(location)


def local_version(location: str) -> int | None:
    """Return a local table's newest version, -1 when there is no table; None for one that lies elsewhere."""
    log = _local_log(location)
    if log is None:
        return None
    if not log.is_dir():
        return -1
    return max((int(name[:20]) for name in os.listdir(log) if name[:20].isdigit()), default=-1)


@dataclass(frozen=True, slots=True)
class Added:
    """What commits added to a table: data files, their bytes, and their rows."""

    files: int = 0
    size: int = 0
    rows: int = 0


def added(location: str, before: int, until: int) -> Added:
    """Return what a local table's commits after one version, up to another, added.

    Args:
        location: the table's folder.
        before: the version before the first commit.
        until: the version that the last one made.
    """
    log = _local_log(location)
    files = size = rows = 0
    for number in range(before + 1, until + 1):
        file = log and log / f"{number:020}.json"
        if file is None or not file.exists():
            continue
        for line in file.read_text().splitlines():
            add = json.loads(line).get("add")
            if add is not None and add.get("dataChange"):
                files, size = files + 1, size + add["size"]
                rows += json.loads(add.get("stats") or "{}").get("numRecords", 0)
    return Added(files, size, rows)


def metrics(location: str, before: int) -> dict[str, int]:
    """Return the metrics of the one commit made after a version, under Databricks' names; {} without one.

    Args:
        location: the table.
        before: its newest version before the commit.

    Raises:
        DeltaError: NOT_FOUND, VERSION.
    """
    newest = version(location)
    if newest == before:
        return {}
    log = _local_log(location)
    if log is None:
        return commit_metrics(location, newest)
    with (log / f"{newest:020}.json").open() as file:
        for line in file:
            action = json.loads(line)
            if "commitInfo" in action:
                return normalised(action["commitInfo"].get("operationMetrics") or {})
    return {}


def forget_checkpoint(location: str) -> None:
    """Drop the hint where a local table's newest checkpoint is; the next checkpoint gives it again.

    The hint is optional to readers of Delta. The engine looks for every version behind it, and so does not
    find those from before the newest checkpoint.
    """
    log = _local_log(location)
    if log is not None:
        # Where nothing may be written, there is no help.
        with suppress(OSError):
            (log / "_last_checkpoint").unlink()


def _local_log(location: str) -> Path | None:
    parsed = urlparse(location)
    if parsed.scheme not in ("", "file"):
        return None
    return Path(unquote(parsed.path) if parsed.scheme else location) / "_delta_log"
