"""Chunks of a result in the Arrow types that a client can read.

The engine's record batches are passed on as they are wherever the client reads them so; a column is written
anew only when its types differ in memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa

from lakestead.core import datatypes
from lakestead.core.datatypes import Array, DataType, Decimal, Interval, Map, Struct
from lakestead.engine.arrow import Batch, decode, encode
from lakestead.workspace.results.spool import Chunk
from lakestead.workspace.results.text import texts
from lakestead.workspace.sql.statement import Result

# What Databricks calls the engine's time zones in Arrow schemas; all others are called the same.
_ZONES = {"UTC": "Etc/UTC"}


@dataclass(frozen=True, slots=True)
class ArrowTypes:
    """Which values a client reads in Arrow's own types; the others it gets as text.

    Attributes:
        timestamps: timestamps.
        decimals: decimals.
        nested: arrays, maps and structs, else as JSON.
        intervals: intervals.
        nulls: columns of type VOID.
    """

    timestamps: bool = True
    decimals: bool = True
    nested: bool = True
    intervals: bool = False
    nulls: bool = True

    @property
    def code(self) -> str:
        """These settings as a word, for links."""
        return "".join(str(int(getattr(self, name))) for name in self.__slots__)

    @classmethod
    def of_code(cls, code: str) -> ArrowTypes:
        """Return the settings that a word was made from."""
        return cls(*(digit == "1" for digit in code))

    def native(self, kind: DataType) -> bool:
        """Return whether a column's values come in Arrow's own type."""
        if kind in (datatypes.TIMESTAMP, datatypes.TIMESTAMP_NTZ):
            return self.timestamps
        if isinstance(kind, Decimal):
            return self.decimals
        if isinstance(kind, Interval) or kind == datatypes.CALENDAR_INTERVAL:
            return self.intervals
        if isinstance(kind, Array | Map | Struct):
            return self.nested and not _has_opaque(kind)
        return self.nulls if kind == datatypes.VOID else kind != datatypes.VARIANT

    def schema(self, result: Result) -> pa.Schema:
        """Return the Arrow schema that a result's rows have for the client."""
        pairs = zip(result.columns, result.schema, strict=True)
        return pa.schema(
            [self._field(column.type, field.type).with_name(column.name) for column, field in pairs]
        )

    def passes(self, result: Result) -> bool:
        """Return whether the client can read all of a result as it is stored."""
        return all(self._columns_passed(result))

    def batch(self, result: Result, chunk: Chunk) -> Batch:
        """Return a chunk in these types."""
        passed = self._columns_passed(result)
        if all(passed):
            return Batch(chunk.rows, chunk.data())
        schema = self.schema(result)
        written = []
        for batch in batches(result, chunk):
            columns = [
                values if unchanged else self._column(values, column.type, field.type)
                for values, column, field, unchanged in zip(
                    batch.columns, result.columns, schema, passed, strict=True
                )
            ]
            written.append(encode(pa.RecordBatch.from_arrays(columns, schema=schema)).data)
        return Batch(chunk.rows, b"".join(written))

    @lru_cache(maxsize=1024)  # noqa: B019 - there are few different values of these settings
    def _field(self, kind: DataType, stored: pa.DataType) -> pa.Field:
        metadata = {
            "Spark:DataType:SqlName": kind.sql,
            "Spark:DataType:JsonType": json.dumps(kind.to_delta(), separators=(",", ":")),
        }
        if not self.native(kind):
            given = pa.string()
        else:
            given = _zoned(stored if self._passed(kind, stored) else kind.to_arrow())
        return pa.field("", given, nullable=True, metadata=metadata)

    def _columns_passed(self, result: Result) -> list[bool]:
        pairs = zip(result.columns, result.schema, strict=True)
        return [self._passed(column.type, field.type) for column, field in pairs]

    def _passed(self, kind: DataType, stored: pa.DataType) -> bool:
        """Return whether the client can read a column as it is stored."""
        return self.native(kind) and _same_layout(stored, kind.to_arrow())

    def _column(self, values: pa.Array, kind: DataType, target: pa.DataType) -> pa.Array:
        if not self.native(kind):
            return pa.array(texts(values, kind), pa.string())
        return values.cast(target)


def batches(result: Result, chunk: Chunk) -> Iterator[pa.RecordBatch]:
    """Return the record batches of a chunk, intervals of months as numbers of months."""
    for batch in decode(result.schema, Batch(chunk.rows, chunk.data())):
        kinds = [field.type for field in batch.schema]
        readable = [_readable(kind) for kind in kinds]
        yield batch if readable == kinds else pa.record_batch(_Relabelled(batch, readable))


class _Relabelled:
    """A record batch under other types that have the same layout in memory."""

    def __init__(self, batch: pa.RecordBatch, kinds: list[pa.DataType]) -> None:
        self._batch = batch
        self._schema = pa.schema(
            [field.with_type(kind) for field, kind in zip(batch.schema, kinds, strict=True)]
        )

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        return self._schema.__arrow_c_schema__(), self._batch.__arrow_c_array__()[1]


def _readable(kind: pa.DataType) -> pa.DataType:
    """Return a type with Arrow's intervals of months, which pyarrow carries but cannot read, as integers."""
    if kind.id == pa.lib.Type_INTERVAL_MONTHS:
        return pa.int32()
    return _rebuilt(kind, _readable)


def _zoned(kind: pa.DataType) -> pa.DataType:
    """Return a type with its time zones named as Databricks names them."""
    if pa.types.is_timestamp(kind):
        return pa.timestamp(kind.unit, _ZONES.get(kind.tz, kind.tz))
    return _rebuilt(kind, _zoned)


def _rebuilt(kind: pa.DataType, change: Callable[[pa.DataType], pa.DataType]) -> pa.DataType:
    """Return a nested type with the types inside it changed; others as they are."""

    def changed(field: pa.Field) -> pa.Field:
        return field.with_type(change(field.type))

    if pa.types.is_struct(kind):
        return pa.struct([changed(kind.field(place)) for place in range(kind.num_fields)])
    if pa.types.is_map(kind):
        return pa.map_(changed(kind.key_field), changed(kind.item_field), keys_sorted=kind.keys_sorted)
    if pa.types.is_list(kind):
        return pa.list_(changed(kind.value_field))
    return kind


def _has_opaque(kind: DataType) -> bool:
    """Return whether a nested type holds what clients do not read inside of Arrow's nested types."""
    if isinstance(kind, Array):
        return _has_opaque(kind.element)
    if isinstance(kind, Map):
        return _has_opaque(kind.key) or _has_opaque(kind.value)
    if isinstance(kind, Struct):
        return not kind.fields or any(_has_opaque(field.type) for field in kind.fields)
    return isinstance(kind, Interval) or kind in (datatypes.VARIANT, datatypes.CALENDAR_INTERVAL)


def _same_layout(one: pa.DataType, other: pa.DataType) -> bool:
    """Return whether values of two types are the same in memory, whatever names, zones or nullability say."""
    if pa.types.is_timestamp(one) and pa.types.is_timestamp(other):
        return bool(one.unit == other.unit)
    if one.id != other.id or one.num_fields != other.num_fields:
        return False
    if one.num_fields == 0:
        return bool(one == other)
    return all(_same_layout(one.field(at).type, other.field(at).type) for at in range(one.num_fields))
