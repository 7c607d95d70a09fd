"""DuckDB's names of types, and SQL text for DuckDB."""

from __future__ import annotations

from datetime import UTC, datetime

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


def bound(value: object, declared: str) -> str:
    """Return a bound of a window as a value of a column's type, in the SQL of PostgreSQL and DuckDB.

    Args:
        value: a number, text, date or time; a time without zone is in UTC where the column has a zone.
        declared: the type, without modifier: a bound is not rounded.
    """
    zoned = "with time zone" in declared.lower()
    if (
        isinstance(value, datetime)
        and value.tzinfo
        and not zoned
        and declared.lower().startswith("timestamp")
    ):
        value = value.astimezone(UTC).replace(tzinfo=None)
    elif isinstance(value, datetime) and not value.tzinfo and zoned:
        value = value.replace(tzinfo=UTC)
    return f"{literal(str(value))}::{declared}"
