"""Data types as JDBC and ODBC describe them: codes, sizes, digits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lakestead.core import datatypes
from lakestead.core.datatypes import Array, Char, DataType, Decimal, Map, Struct, Varchar


@dataclass(frozen=True, slots=True)
class JdbcType:
    """How JDBC describes a type.

    Attributes:
        code: of ``java.sql.Types``.
        size: bytes of a value, characters of a text with a length; None where that is not fixed.
        digits: digits behind the point.
        radix: 10 for numbers.
    """

    code: int
    size: int | None = None
    digits: int | None = None
    radix: int | None = None


_OTHER = JdbcType(1111)
_VARCHAR, _CHAR, _DECIMAL = 12, 1, 3
_SIMPLE: dict[DataType, JdbcType] = {
    datatypes.VOID: JdbcType(0, 1),
    datatypes.BOOLEAN: JdbcType(16, 1, 0),
    datatypes.BYTE: JdbcType(-6, 1, 0, 10),
    datatypes.SHORT: JdbcType(5, 2, 0, 10),
    datatypes.INT: JdbcType(4, 4, 0, 10),
    datatypes.LONG: JdbcType(-5, 8, 0, 10),
    datatypes.FLOAT: JdbcType(6, 4, 7, 10),
    datatypes.DOUBLE: JdbcType(8, 8, 15, 10),
    datatypes.STRING: JdbcType(_VARCHAR),
    datatypes.BINARY: JdbcType(-2),
    datatypes.DATE: JdbcType(91, 4),
    datatypes.TIMESTAMP: JdbcType(93, 8, 6),
    datatypes.TIMESTAMP_NTZ: JdbcType(93, 8, 6),
}


def jdbc_type(kind: DataType) -> JdbcType:
    """Return how JDBC describes a type, as Spark's Thrift server tells it."""
    if isinstance(kind, Decimal):
        return JdbcType(_DECIMAL, 8 if kind.precision <= 18 else 16, kind.scale, 10)
    if isinstance(kind, Char | Varchar):
        return JdbcType(_CHAR if isinstance(kind, Char) else _VARCHAR, kind.length)
    if isinstance(kind, Array):
        return JdbcType(2003)
    if isinstance(kind, Map):
        return JdbcType(2000)
    if isinstance(kind, Struct):
        return JdbcType(2002)
    return _SIMPLE.get(kind, _OTHER)


def type_info() -> Iterator[tuple[Any, ...]]:
    """Give what GetTypeInfo tells of every type: all may be null, and be searched."""
    for name, code in _TYPE_INFO.items():
        numeric = name in _NUMERIC
        yield (
            name,
            code,
            _NUMERIC.get(name),
            None,
            None,
            None,
            1,
            name in ("STRING", "CHAR", "VARCHAR"),
            0 if name in _NESTED else 3,
            not numeric,
            False,
            False,
            None,
            0,
            0,
            None,
            None,
            10 if numeric else None,
        )


_NUMERIC = {"TINYINT": 3, "SMALLINT": 5, "INT": 10, "BIGINT": 19, "FLOAT": 7, "DOUBLE": 15, "DECIMAL": 38}
_NESTED = {"ARRAY", "MAP", "STRUCT", "VARIANT", "INTERVAL"}
_TYPE_INFO = {
    "VOID": 0,
    "BOOLEAN": 16,
    "TINYINT": -6,
    "SMALLINT": 5,
    "INT": 4,
    "BIGINT": -5,
    "FLOAT": 6,
    "DOUBLE": 8,
    "STRING": _VARCHAR,
    "VARCHAR": _VARCHAR,
    "CHAR": _CHAR,
    "DATE": 91,
    "TIMESTAMP": 93,
    "TIMESTAMP_NTZ": 93,
    "DECIMAL": _DECIMAL,
    "BINARY": -2,
    "ARRAY": 2003,
    "MAP": 2000,
    "STRUCT": 2002,
    "VARIANT": 1111,
    "INTERVAL": 1111,
}
