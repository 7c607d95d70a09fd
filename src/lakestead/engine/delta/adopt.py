"""Parquet files that become data files of a table as they are: nothing is decoded and encoded again.

That is right only for files whose columns are the table's own, in name and type, and where what the table
demands of its rows can be told from the files' footers.
"""

from __future__ import annotations

import json
import shutil
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable

from lakestead.engine.delta.log import Action, Commit, Metadata, local_path
from lakestead.engine.delta.table import CHECK_PREFIX, GENERATION, DeltaColumn
from lakestead.engine.delta.write import Written, commit_rows

# A table of many tiny files is slow to read: such files are better written anew, together.
_FEW_FILES = 8
_SMALL_FILE = 1 << 20
# Longer texts say little about which files to read. What is longer has no maximum here, as a prefix is none.
_LONGEST_TEXT = 64
# More digits than this, and a number of JSON is no longer exact.
_MOST_DIGITS = 15
_STATISTICS_COLUMNS = 32
_MAPPING = "delta.columnMapping.mode"


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    rows: int
    statistics: str


def adopt(table: DeltaTable, files: Sequence[Path], commit: Commit) -> Written | None:
    """Add copies of Parquet files to a table, in one commit, if they can be its data files as they are.

    Args:
        table: the open table.
        files: the Parquet files; they stay where they are.
        commit: what the history says.

    Returns:
        What was added, or None if the rows have to be written anew.

    Raises:
        DeltaError: CONFLICT.
    """
    metadata = Metadata.of(table)
    if not _plain(metadata) or not _large(files):
        return None
    described = [_described(path, metadata) for path in files]
    fitting = [one for one in described if one is not None]
    if len(fitting) < len(described):
        return None
    folder = local_path(table.table_uri)
    names = [f"part-{uuid.uuid4()}.parquet" for _ in fitting]
    try:
        adds = [_copied(file, folder / name) for file, name in zip(fitting, names, strict=True)]
        rows, size = sum(file.rows for file in fitting), sum(one["add"]["size"] for one in adds)
        metrics = {"numFiles": len(adds), "numOutputRows": rows, "numOutputBytes": size}
        version = commit_rows(str(folder), table.version(), metadata, commit, adds, metrics, append=True)
    except BaseException:
        for name in names:
            (folder / name).unlink(missing_ok=True)
        raise
    return Written(version, rows, len(adds), size)


def _plain(metadata: Metadata) -> bool:
    """Return whether a table's rows need not be looked at, and lie in no folders of their own."""
    return (
        not metadata.partition_columns
        and metadata.configuration.get(_MAPPING, "none") == "none"
        and not any(key.startswith(CHECK_PREFIX) for key in metadata.configuration)
        and not any(GENERATION in one["metadata"] for one in metadata.fields)
    )


def _large(files: Sequence[Path]) -> bool:
    sizes = [path.stat().st_size for path in files]
    return len(sizes) <= _FEW_FILES or sum(sizes) >= len(sizes) * _SMALL_FILE


def _described(path: Path, metadata: Metadata) -> _File | None:
    """Return what the log says of a file; None if it cannot be a data file of the table."""
    footer = pq.read_metadata(path)
    schema = footer.schema.to_arrow_schema()
    columns = [DeltaColumn.of_field(one) for one in metadata.fields]
    wanted = {column.name: column.arrow.type for column in columns}
    if len(schema) != len(wanted) or {field.name: field.type for field in schema} != wanted:
        return None
    statistics = _Statistics.of(footer, schema)
    for column in columns:
        if not column.nullable and footer.num_rows and statistics.nulls.get(column.name) != 0:
            return None
    return _File(path, footer.num_rows, statistics.text(footer.num_rows))


def _copied(file: _File, target: Path) -> Action:
    shutil.copyfile(file.path, target)
    return {
        "add": {
            "path": target.name,
            "partitionValues": {},
            "size": target.stat().st_size,
            "modificationTime": time.time_ns() // 1_000_000,
            "dataChange": True,
            "stats": file.statistics,
        }
    }


@dataclass(frozen=True, slots=True)
class _Statistics:
    """The bounds and nulls of a file's columns, as far as its footer tells them for all row groups."""

    lowest: dict[str, Any]
    highest: dict[str, Any]
    nulls: dict[str, int]

    @classmethod
    def of(cls, footer: pq.FileMetaData, schema: pa.Schema) -> _Statistics:
        made = cls({}, {}, {})
        groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
        # Nested columns have several parts in a file, and no statistics here.
        places = {footer.schema.column(place).path: place for place in range(len(footer.schema))}
        for field in list(schema)[:_STATISTICS_COLUMNS]:
            place = places.get(field.name)
            if place is None or not groups:
                continue
            parts = [group.column(place).statistics for group in groups]
            if any(part is None or not part.has_null_count for part in parts):
                continue
            made.nulls[field.name] = sum(part.null_count for part in parts)
            bounds = [part for part in parts if part.has_min_max]
            # A row group of nulls alone has no bounds and needs none.
            bounded = len(bounds) == sum(
                part.null_count < group.num_rows for part, group in zip(parts, groups, strict=True)
            )
            if bounds and bounded and _comparable(field.type):
                made._bound(field, min(part.min for part in bounds), max(part.max for part in bounds))
        return made

    def _bound(self, field: pa.Field, lowest: Any, highest: Any) -> None:
        if isinstance(lowest, str):
            self.lowest[field.name] = lowest[:_LONGEST_TEXT]
            if len(highest) <= _LONGEST_TEXT:
                self.highest[field.name] = highest
        else:
            self.lowest[field.name], self.highest[field.name] = _json(lowest), _json(highest)

    def text(self, rows: int) -> str:
        return json.dumps(
            {
                "numRecords": rows,
                "minValues": self.lowest,
                "maxValues": self.highest,
                "nullCount": self.nulls,
            }
        )


def _comparable(kind: pa.DataType) -> bool:
    """Return whether bounds of a type can be told exactly. Those of floating numbers pass over NaN."""
    if pa.types.is_decimal(kind):
        return bool(kind.precision <= _MOST_DIGITS)
    return bool(
        pa.types.is_integer(kind)
        or pa.types.is_string(kind)
        or pa.types.is_date(kind)
        or pa.types.is_timestamp(kind)
    )


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        text = value.replace(tzinfo=None).isoformat(timespec="microseconds")
        return text + "Z" if value.tzinfo else text
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
