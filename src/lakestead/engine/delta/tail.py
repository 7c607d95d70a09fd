"""The newest end of a table's log, read without opening it: what writers ask before and after each commit."""

from __future__ import annotations

import json
import os
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


def _local_log(location: str) -> Path | None:
    parsed = urlparse(location)
    if parsed.scheme not in ("", "file"):
        return None
    return Path(unquote(parsed.path) if parsed.scheme else location) / "_delta_log"
