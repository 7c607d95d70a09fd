"""Columns and their types in the protocol's terms."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
from databricks.sql.thrift_api.TCLIService.ttypes import (
    TBinaryColumn,
    TBoolColumn,
    TByteColumn,
    TColumn,
    TColumnDesc,
    TDoubleColumn,
    TI16Column,
    TI32Column,
    TI64Column,
    TPrimitiveTypeEntry,
    TStringColumn,
    TTableSchema,
    TTypeDesc,
    TTypeEntry,
    TTypeId,
    TTypeQualifiers,
    TTypeQualifierValue,
)

from lakestead.core import datatypes
from lakestead.core.datatypes import Array, DataType, Decimal, Interval, Map, Struct
from lakestead.workspace.results.arrow import ArrowTypes
from lakestead.workspace.results.text import texts
from lakestead.workspace.sql.statement import Column

_TYPE_IDS: dict[DataType, int] = {
    datatypes.BOOLEAN: TTypeId.BOOLEAN_TYPE,
    datatypes.BYTE: TTypeId.TINYINT_TYPE,
    datatypes.SHORT: TTypeId.SMALLINT_TYPE,
    datatypes.INT: TTypeId.INT_TYPE,
    datatypes.LONG: TTypeId.BIGINT_TYPE,
    datatypes.FLOAT: TTypeId.FLOAT_TYPE,
    datatypes.DOUBLE: TTypeId.DOUBLE_TYPE,
    datatypes.BINARY: TTypeId.BINARY_TYPE,
    datatypes.DATE: TTypeId.DATE_TYPE,
    datatypes.TIMESTAMP: TTypeId.TIMESTAMP_TYPE,
    datatypes.TIMESTAMP_NTZ: TTypeId.TIMESTAMP_TYPE,
    datatypes.VOID: TTypeId.NULL_TYPE,
}
# How values go in results by column: (in Arrow, in the protocol); all else goes as text.
_COLUMNS: dict[DataType, tuple[str, type]] = {
    datatypes.BOOLEAN: ("boolVal", TBoolColumn),
    datatypes.BYTE: ("byteVal", TByteColumn),
    datatypes.SHORT: ("i16Val", TI16Column),
    datatypes.INT: ("i32Val", TI32Column),
    datatypes.LONG: ("i64Val", TI64Column),
    datatypes.FLOAT: ("doubleVal", TDoubleColumn),
    datatypes.DOUBLE: ("doubleVal", TDoubleColumn),
    datatypes.BINARY: ("binaryVal", TBinaryColumn),
}


def table_schema(columns: Sequence[Column], types: ArrowTypes) -> TTableSchema:
    """Return the columns of a result.

    Args:
        columns: names and types.
        types: what the client reads as it is; intervals that it reads as text are strings to it.
    """
    return TTableSchema(
        columns=[
            TColumnDesc(
                columnName=column.name,
                typeDesc=TTypeDesc(types=[TTypeEntry(primitiveEntry=_entry(column.type, types))]),
                position=position,
                comment="",
            )
            for position, column in enumerate(columns, 1)
        ]
    )


def _entry(kind: DataType, types: ArrowTypes) -> TPrimitiveTypeEntry:
    if isinstance(kind, Decimal):
        digits = {"precision": kind.precision, "scale": kind.scale}
        qualifiers = {name: TTypeQualifierValue(i32Value=value) for name, value in digits.items()}
        return TPrimitiveTypeEntry(TTypeId.DECIMAL_TYPE, TTypeQualifiers(qualifiers=qualifiers))
    return TPrimitiveTypeEntry(_type_id(kind, types))


def _type_id(kind: DataType, types: ArrowTypes) -> int:
    if isinstance(kind, Array):
        return int(TTypeId.ARRAY_TYPE)
    if isinstance(kind, Map):
        return int(TTypeId.MAP_TYPE)
    if isinstance(kind, Struct):
        return int(TTypeId.STRUCT_TYPE)
    if isinstance(kind, Interval) and types.intervals:
        return int(TTypeId.INTERVAL_YEAR_MONTH_TYPE if kind.of_months else TTypeId.INTERVAL_DAY_TIME_TYPE)
    return _TYPE_IDS.get(kind, int(TTypeId.STRING_TYPE))


def column(values: pa.Array, kind: DataType) -> TColumn:
    """Return the values of a column as clients without Arrow read them.

    Args:
        values: intervals of months as numbers of months.
        kind: what they are.
    """
    name, wrapper = _COLUMNS.get(kind, ("stringVal", TStringColumn))
    items: list[object] = values.to_pylist() if kind in _COLUMNS else [*texts(values, kind)]
    blank = _BLANKS[name]
    nulls = bytearray((len(items) + 7) // 8)
    for position, item in enumerate(items):
        if item is None:
            nulls[position >> 3] |= 1 << (position & 7)
            items[position] = blank
    return TColumn(**{name: wrapper(values=items, nulls=bytes(nulls))})


# What stands in the place of a null, whose bit says that it is one.
_BLANKS: dict[str, object] = {
    "boolVal": False,
    "byteVal": 0,
    "i16Val": 0,
    "i32Val": 0,
    "i64Val": 0,
    "doubleVal": 0.0,
    "binaryVal": b"",
    "stringVal": "",
}
