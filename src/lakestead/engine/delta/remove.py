"""Taking data files out of a table."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable

from lakestead.engine.delta.errors import DeltaError, DeltaErrorKind
from lakestead.engine.delta.log import Action


def removals(table: DeltaTable) -> list[Action]:
    """Return the log's entries that take all files out of a table.

    Raises:
        DeltaError: UNSUPPORTED when the table only takes additions.
    """
    files = pa.table(table.get_add_actions()).to_pylist()
    if files and table.metadata().configuration.get("delta.appendOnly", "").lower() == "true":
        raise DeltaError(
            DeltaErrorKind.APPEND_ONLY, "The table has delta.appendOnly=true: its rows cannot be changed."
        )
    now = time.time_ns() // 1_000_000
    return [
        {
            "remove": {
                "path": file["path"],
                "deletionTimestamp": now,
                "dataChange": True,
                "extendedFileMetadata": True,
                "partitionValues": partition_values(file.get("partition") or {}),
                "size": file["size_bytes"],
            }
        }
        for file in files
    ]


def partition_values(values: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the values of a file's partition columns as the log writes them."""
    return {name: _text(value) for name, value in values.items()}


def _text(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case datetime():
            return value.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
        case date():
            return value.isoformat()
        case bytes():
            return value.decode("utf-8", "surrogateescape")
        case Decimal():
            return format(value, "f")
        case _:
            return str(value)
