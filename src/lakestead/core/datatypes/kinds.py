"""Data types that hold no other type, and what every type has: its forms in SQL, Delta and Arrow."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import pyarrow as pa

Json: TypeAlias = str | dict[str, Any]


class TypeSyntaxError(ValueError):
    """A text that names no data type; ``position`` is the offset of the fault in the text."""

    def __init__(self, text: str, position: int, detail: str) -> None:
        super().__init__(f"'{text}' is not a data type: {detail} at position {position}")
        self.position = position


class UnsupportedType(ValueError):
    """A Delta or Arrow type that has no equal in Databricks SQL."""


class DataType(ABC):
    """A data type of Databricks SQL."""

    __slots__ = ()

    @property
    @abstractmethod
    def ddl(self) -> str:
        """The lower-case text, as Unity Catalog's ``type_text``: ``array<struct<a:int>>``."""

    @property
    @abstractmethod
    def sql(self) -> str:
        """The upper-case text, with NOT NULL and COMMENT of nested fields: ``STRUCT<a: INT NOT NULL>``."""

    @property
    @abstractmethod
    def uc_name(self) -> str:
        """Unity Catalog's ColumnTypeName."""

    @abstractmethod
    def to_delta(self) -> Json:
        """The value of "type" in a Delta schema."""

    @abstractmethod
    def to_arrow(self) -> pa.DataType:
        """The Arrow type that values are exchanged in."""

    @property
    def has_length(self) -> bool:
        """Whether the type is or holds a char or varchar, which Delta and Arrow know only as string."""
        return False


@dataclass(frozen=True, slots=True)
class Primitive(DataType):
    """A type without parameters, by its lower-case SQL name; use the constants such as INT."""

    name: str

    @property
    def ddl(self) -> str:
        return self.name

    @property
    def sql(self) -> str:
        return self.name.upper()

    @property
    def uc_name(self) -> str:
        return _PRIMITIVES[self.name][0]

    def to_delta(self) -> Json:
        return _PRIMITIVES[self.name][1]

    def to_arrow(self) -> pa.DataType:
        return _PRIMITIVES[self.name][2]


_VARIANT_STORAGE = pa.struct(
    [pa.field("value", pa.binary(), nullable=False), pa.field("metadata", pa.binary(), nullable=False)]
)
# SQL name: (Unity Catalog name, Delta name, Arrow type)
_PRIMITIVES: dict[str, tuple[str, str, pa.DataType]] = {
    "boolean": ("BOOLEAN", "boolean", pa.bool_()),
    "tinyint": ("BYTE", "byte", pa.int8()),
    "smallint": ("SHORT", "short", pa.int16()),
    "int": ("INT", "integer", pa.int32()),
    "bigint": ("LONG", "long", pa.int64()),
    "float": ("FLOAT", "float", pa.float32()),
    "double": ("DOUBLE", "double", pa.float64()),
    "string": ("STRING", "string", pa.string()),
    "binary": ("BINARY", "binary", pa.binary()),
    "date": ("DATE", "date", pa.date32()),
    "timestamp": ("TIMESTAMP", "timestamp", pa.timestamp("us", "UTC")),
    "timestamp_ntz": ("TIMESTAMP_NTZ", "timestamp_ntz", pa.timestamp("us")),
    "variant": ("VARIANT", "variant", _VARIANT_STORAGE),
    "void": ("NULL", "void", pa.null()),
    "interval": ("INTERVAL", "interval", pa.month_day_nano_interval()),
}

BOOLEAN = Primitive("boolean")
BYTE = Primitive("tinyint")
SHORT = Primitive("smallint")
INT = Primitive("int")
LONG = Primitive("bigint")
FLOAT = Primitive("float")
DOUBLE = Primitive("double")
STRING = Primitive("string")
BINARY = Primitive("binary")
DATE = Primitive("date")
TIMESTAMP = Primitive("timestamp")
TIMESTAMP_NTZ = Primitive("timestamp_ntz")
VARIANT = Primitive("variant")
VOID = Primitive("void")
CALENDAR_INTERVAL = Primitive("interval")

PRIMITIVE_NAMES = tuple(_PRIMITIVES)
PRIMITIVES_BY_DELTA = {delta: Primitive(name) for name, (_, delta, _) in _PRIMITIVES.items()} | {"null": VOID}


@dataclass(frozen=True, slots=True)
class Decimal(DataType):
    """decimal(precision, scale): at most 38 digits, ``scale`` of them behind the point."""

    precision: int = 10
    scale: int = 0

    @property
    def ddl(self) -> str:
        return f"decimal({self.precision},{self.scale})"

    @property
    def sql(self) -> str:
        return self.ddl.upper()

    @property
    def uc_name(self) -> str:
        return "DECIMAL"

    def to_delta(self) -> Json:
        return self.ddl

    def to_arrow(self) -> pa.DataType:
        return pa.decimal128(self.precision, self.scale)


@dataclass(frozen=True, slots=True)
class _Text(DataType):
    """A string with a length in characters."""

    length: int

    @property
    def sql(self) -> str:
        return self.ddl.upper()

    def to_delta(self) -> Json:
        return "string"

    def to_arrow(self) -> pa.DataType:
        return pa.string()

    @property
    def has_length(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Char(_Text):
    """char(length): shorter values are padded with spaces."""

    @property
    def ddl(self) -> str:
        return f"char({self.length})"

    @property
    def uc_name(self) -> str:
        return "CHAR"


@dataclass(frozen=True, slots=True)
class Varchar(_Text):
    """varchar(length); Unity Catalog has no name of its own for it."""

    @property
    def ddl(self) -> str:
        return f"varchar({self.length})"

    @property
    def uc_name(self) -> str:
        return "STRING"


Unit: TypeAlias = Literal["year", "month", "day", "hour", "minute", "second"]


@dataclass(frozen=True, slots=True)
class Interval(DataType):
    """An interval of years and months, or of days down to seconds, between two units that may be the same."""

    first: Unit
    last: Unit

    @property
    def of_months(self) -> bool:
        """Whether it counts years and months, not days and seconds."""
        return self.first in ("year", "month")

    @property
    def ddl(self) -> str:
        return f"interval {self.first}" + (f" to {self.last}" if self.last != self.first else "")

    @property
    def sql(self) -> str:
        return self.ddl.upper()

    @property
    def uc_name(self) -> str:
        return "INTERVAL"

    def to_delta(self) -> Json:
        return self.ddl

    def to_arrow(self) -> pa.DataType:
        # pyarrow can read Arrow's own type of months but has no way to make it.
        return pa.month_day_nano_interval() if self.of_months else pa.duration("us")
