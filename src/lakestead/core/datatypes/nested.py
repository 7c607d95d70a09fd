"""Arrays, maps and structs, and the fields that structs and tables consist of."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from lakestead.core.names import quote_if_needed, quote_string

from .kinds import DataType, Interval, Json

CHAR_VARCHAR_KEY = "__CHAR_VARCHAR_TYPE_STRING"
"""The field metadata key under which Delta keeps a char or varchar type, whose storage is a string."""

INTERVAL_KEY = "SAIL::spark::interval"
"""The Arrow field metadata key under which the engine keeps an interval's units, as JSON."""


@dataclass(frozen=True, slots=True)
class Array(DataType):
    """array<element>."""

    element: DataType
    contains_null: bool = True

    @property
    def ddl(self) -> str:
        return f"array<{self.element.ddl}>"

    @property
    def sql(self) -> str:
        return f"ARRAY<{self.element.sql}>"

    @property
    def uc_name(self) -> str:
        return "ARRAY"

    def to_delta(self) -> Json:
        return {
            "type": "array",
            "elementType": self.element.to_delta(),
            "containsNull": self.contains_null,
        }

    def to_arrow(self) -> pa.DataType:
        return pa.list_(pa.field("element", self.element.to_arrow(), self.contains_null))

    @property
    def has_length(self) -> bool:
        return self.element.has_length


@dataclass(frozen=True, slots=True)
class Map(DataType):
    """map<key, value>; keys are never null."""

    key: DataType
    value: DataType
    value_contains_null: bool = True

    @property
    def ddl(self) -> str:
        return f"map<{self.key.ddl},{self.value.ddl}>"

    @property
    def sql(self) -> str:
        return f"MAP<{self.key.sql}, {self.value.sql}>"

    @property
    def uc_name(self) -> str:
        return "MAP"

    def to_delta(self) -> Json:
        return {
            "type": "map",
            "keyType": self.key.to_delta(),
            "valueType": self.value.to_delta(),
            "valueContainsNull": self.value_contains_null,
        }

    def to_arrow(self) -> pa.DataType:
        key = pa.field("key", self.key.to_arrow(), nullable=False)
        return pa.map_(key, pa.field("value", self.value.to_arrow(), self.value_contains_null))

    @property
    def has_length(self) -> bool:
        return self.key.has_length or self.value.has_length


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a struct, or a column of a table."""

    name: str
    type: DataType
    nullable: bool = True
    comment: str | None = None

    @property
    def sql(self) -> str:
        """The field as a struct's SQL text has it."""
        not_null = "" if self.nullable else " NOT NULL"
        comment = f" COMMENT {quote_string(self.comment)}" if self.comment is not None else ""
        return f"{quote_if_needed(self.name)}: {self.type.sql}{not_null}{comment}"

    @property
    def metadata(self) -> dict[str, str]:
        """What Delta keeps beside the type: the comment, and a char or varchar type's text."""
        metadata = {"comment": self.comment} if self.comment is not None else {}
        return metadata | ({CHAR_VARCHAR_KEY: self.type.ddl} if self.type.has_length else {})

    def to_delta(self) -> dict[str, Any]:
        """The field in a Delta schema."""
        return {
            "name": self.name,
            "type": self.type.to_delta(),
            "nullable": self.nullable,
            "metadata": self.metadata,
        }

    def to_arrow(self) -> pa.Field:
        """The field in an Arrow schema; its metadata are those of Delta, and an interval's units."""
        metadata = self.metadata
        if isinstance(self.type, Interval):
            unit = "yearMonth" if self.type.of_months else "dayTime"
            units = {"unit": unit, "startField": self.type.first, "endField": self.type.last}
            metadata[INTERVAL_KEY] = json.dumps(units)
        return pa.field(self.name, self.type.to_arrow(), self.nullable, metadata or None)


@dataclass(frozen=True, slots=True)
class Struct(DataType):
    """struct<field, …>; also the schema of a table."""

    fields: tuple[Field, ...] = ()

    @property
    def ddl(self) -> str:
        fields = ",".join(f"{quote_if_needed(field.name)}:{field.type.ddl}" for field in self.fields)
        return f"struct<{fields}>"

    @property
    def sql(self) -> str:
        return f"STRUCT<{', '.join(field.sql for field in self.fields)}>"

    @property
    def uc_name(self) -> str:
        return "STRUCT"

    def to_delta(self) -> Json:
        return {"type": "struct", "fields": [field.to_delta() for field in self.fields]}

    def to_arrow(self) -> pa.DataType:
        return pa.struct([field.to_arrow() for field in self.fields])

    @property
    def has_length(self) -> bool:
        return any(field.type.has_length for field in self.fields)
