"""Rows of Python values as Arrow, with the types of the system tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from lakestead.engine.delta.table import DeltaColumn
from lakestead.workspace.system.log import Row

DAY_MS = 24 * 3600 * 1000
# Dates that follow from a time, when a row does not give them.
_DATES = {"event_date": "event_time", "change_date": "change_time"}


def batch(
    columns: Sequence[DeltaColumn], rows: Sequence[Row], constants: Mapping[str, str]
) -> pa.RecordBatch:
    """Return rows as Arrow.

    Args:
        columns: the table's.
        rows: values by column; what is missing is NULL. Times are milliseconds since the epoch, dates days
            since the epoch or left out where they follow from a time, decimals texts or numbers, maps and
            structs dicts.
        constants: values of columns that are the same in every row.
    """
    schema = pa.schema([column.arrow for column in columns])
    arrays = [_column(field, rows, constants) for field in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _column(field: pa.Field, rows: Sequence[Row], constants: Mapping[str, str]) -> pa.Array:
    name, kind = field.name, field.type
    if name in constants:
        return pa.repeat(pa.scalar(constants[name], kind), len(rows))
    values = [row.get(name) for row in rows]
    if pa.types.is_date(kind):
        since = _DATES.get(name, name)
        times = [row.get(since) for row in rows]
        days = [
            time // DAY_MS if value is None and time is not None else value
            for value, time in zip(values, times, strict=True)
        ]
        return pa.array(days, pa.int32()).cast(kind)
    if pa.types.is_timestamp(kind):
        # By way of integers: pyarrow looks for pandas, and loads it, to make timestamps of Python values.
        return pa.array(values, pa.int64()).cast(pa.timestamp("ms", "UTC")).cast(kind)
    if pa.types.is_decimal(kind):
        return pa.array([None if one is None else str(one) for one in values], pa.string()).cast(kind)
    return pa.array([_plain(kind, one) for one in values] if pa.types.is_nested(kind) else values, kind)


def _plain(kind: pa.DataType, value: Any) -> Any:
    """Return a nested value as pyarrow takes it: maps as pairs."""
    if value is None:
        return None
    if pa.types.is_map(kind):
        return [(key, _plain(kind.item_type, one)) for key, one in value.items()]
    if pa.types.is_struct(kind):
        return {field.name: _plain(field.type, value.get(field.name)) for field in kind}
    if pa.types.is_list(kind):
        return [_plain(kind.value_type, one) for one in value]
    if pa.types.is_decimal(kind):
        return None if value is None else pa.scalar(str(value)).cast(kind).as_py()
    return value
