"""Metrics of operations under Databricks' names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# delta-rs' names, where they differ.
_NAMES = {
    "num_added_files": "numFiles",
    "num_added_rows": "numOutputRows",
    "num_removed_files": "numRemovedFiles",
    "num_deleted_rows": "numDeletedRows",
    "num_updated_rows": "numUpdatedRows",
    "num_copied_rows": "numCopiedRows",
    "num_source_rows": "numSourceRows",
    "num_target_rows_inserted": "numTargetRowsInserted",
    "num_target_rows_updated": "numTargetRowsUpdated",
    "num_target_rows_deleted": "numTargetRowsDeleted",
    "num_target_rows_copied": "numTargetRowsCopied",
    "num_target_files_added": "numTargetFilesAdded",
    "num_target_files_removed": "numTargetFilesRemoved",
    "num_output_rows": "numOutputRows",
    "execution_time_ms": "executionTimeMs",
    "numRemovedFile": "numRemovedFiles",
    "numRestoredFile": "numRestoredFiles",
}


def renamed(metrics: Mapping[str, Any]) -> dict[str, str]:
    """Return the metrics of a log's ``commitInfo`` as text, as DESCRIBE HISTORY shows them."""
    return {_NAMES.get(name, name): plain(value) for name, value in metrics.items()}


def normalised(metrics: Mapping[str, Any]) -> dict[str, int]:
    """Return those metrics of a log's ``commitInfo`` that are whole numbers."""
    return {name: int(text) for name, text in renamed(metrics).items() if text.lstrip("-").isdigit()}


def plain(value: Any) -> str:
    """Return a value of the log as text."""
    return str(value).lower() if isinstance(value, bool) else str(value)
