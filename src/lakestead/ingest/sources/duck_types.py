"""DuckDB's names of types, and SQL text for DuckDB."""

from __future__ import annotations

from lakestead.core import datatypes as types
from lakestead.core.datatypes import Array, DataType, Decimal, Field, Map, Struct

_NAMES: dict[DataType, str] = {
    types.BINARY: "BLOB",
    types.BOOLEAN: "BOOLEAN",
    types.BYTE: "TINYINT",
    types.DATE: "DATE",
    types.DOUBLE: "DOUBLE",
    types.FLOAT: "FLOAT",
    types.INT: "INTEGER",
    types.LONG: "BIGINT",
    types.SHORT: "SMALLINT",
    types.TIMESTAMP: "TIMESTAMPTZ",
    types.TIMESTAMP_NTZ: "TIMESTAMP",
}


def duck_type(kind: DataType) -> str:
    """Return DuckDB's name of a type; what it has no equal of (char, variant …) is text."""
    if isinstance(kind, Decimal):
        return f"DECIMAL({kind.precision}, {kind.scale})"
    if isinstance(kind, Array):
        return f"{duck_type(kind.element)}[]"
    if isinstance(kind, Map):
        return f"MAP({duck_type(kind.key)}, {duck_type(kind.value)})"
    if isinstance(kind, Struct):
        return f"STRUCT({', '.join(_field(field) for field in kind.fields)})"
    return _NAMES.get(kind, "VARCHAR")


def _field(field: Field) -> str:
    return f"{quoted(field.name)} {duck_type(field.type)}"


def quoted(name: str) -> str:
    """Return an identifier in SQL's double quotes, as DuckDB, PostgreSQL, Oracle and SQLite read it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a string in single quotes, as standard SQL reads it: a backslash is a backslash."""
    return "'" + text.replace("'", "''") + "'"
