"""The data types of Databricks SQL, and their forms in SQL text, Unity Catalog, Delta schemas and Arrow."""

from __future__ import annotations

from .arrow import field_from_arrow, from_arrow
from .delta import field_from_delta, from_delta
from .kinds import (
    BINARY,
    BOOLEAN,
    BYTE,
    CALENDAR_INTERVAL,
    DATE,
    DOUBLE,
    FLOAT,
    INT,
    LONG,
    SHORT,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    VARIANT,
    VOID,
    Char,
    DataType,
    Decimal,
    Interval,
    Primitive,
    TypeSyntaxError,
    UnsupportedType,
    Varchar,
)
from .nested import Array, Field, Map, Struct
from .text import parse_type
from .widening import is_wider

__all__ = [
    "BINARY",
    "BOOLEAN",
    "BYTE",
    "CALENDAR_INTERVAL",
    "DATE",
    "DOUBLE",
    "FLOAT",
    "INT",
    "LONG",
    "SHORT",
    "STRING",
    "TIMESTAMP",
    "TIMESTAMP_NTZ",
    "VARIANT",
    "VOID",
    "Array",
    "Char",
    "DataType",
    "Decimal",
    "Field",
    "Interval",
    "Map",
    "Primitive",
    "Struct",
    "TypeSyntaxError",
    "UnsupportedType",
    "Varchar",
    "field_from_arrow",
    "field_from_delta",
    "from_arrow",
    "from_delta",
    "is_wider",
    "parse_type",
]
