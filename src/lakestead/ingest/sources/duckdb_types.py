"""What becomes of DuckDB's types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lakestead.core import datatypes as types
from lakestead.core.datatypes import Array, DataType, Decimal, Field, Map, Struct

from .checked import converted, refusal
from .column import Reading
from .duck_types import duck_type, quoted
from .source import Column

if TYPE_CHECKING:
    from duckdb.sqltypes import DuckDBPyType

_SIMPLE: dict[str, DataType] = {
    "blob": types.BINARY,
    "boolean": types.BOOLEAN,
    "tinyint": types.BYTE,
    "smallint": types.SHORT,
    "integer": types.INT,
    "bigint": types.LONG,
    "utinyint": types.SHORT,
    "usmallint": types.INT,
    "uinteger": types.LONG,
    "ubigint": Decimal(20, 0),
    "hugeint": Decimal(38, 0),
    "uhugeint": Decimal(38, 0),
    "float": types.FLOAT,
    "double": types.DOUBLE,
    "date": types.DATE,
    "timestamp": types.TIMESTAMP_NTZ,
    "timestamp_s": types.TIMESTAMP_NTZ,
    "timestamp_ms": types.TIMESTAMP_NTZ,
    "timestamp_ns": types.TIMESTAMP_NTZ,
    "timestamp with time zone": types.TIMESTAMP,
}
_NESTED = ("array", "decimal", "list", "map", "struct")
# Whose values do not all fit into what they become.
_NARROWED = ("hugeint", "uhugeint", "timestamp_ns")


def type_of(kind: DuckDBPyType) -> DataType:
    """Return the type that values of a type of DuckDB get; what has no equal is text."""
    if kind.id in _SIMPLE or kind.id not in _NESTED:
        return _SIMPLE.get(kind.id, types.STRING)
    children: dict[str, Any] = dict(kind.children)
    if kind.id == "decimal":
        return Decimal(children["precision"], children["scale"])
    if kind.id == "map":
        return Map(type_of(children["key"]), type_of(children["value"]))
    if kind.id == "struct":
        return Struct(tuple(Field(name, type_of(child)) for name, child in children.items()))
    return Array(type_of(children["child"]))


def reading(
    name: str, kind: DuckDBPyType, wanted: DataType | None, *, nullable: bool, comment: str | None
) -> Reading:
    """Return how a column is read.

    Args:
        name: the column's.
        kind: its type in DuckDB.
        wanted: the type that the user gives it.
        nullable: whether it may be NULL.
        comment: its description.
    """
    natural = type_of(kind)
    target = wanted or natural
    local = "{}"
    if kind.id in _NARROWED and target != types.STRING:
        words = refusal(name, "CAST({} AS VARCHAR)", target.ddl)
        cast = f"TRY_CAST({{}} AS {duck_type(target)})"
        same = f"TRY_CAST({cast} AS {kind}) IS NOT DISTINCT FROM {{}}"
        local = f"CASE WHEN {same} THEN {cast} ELSE error({words}) END"
    elif wanted is not None:
        local = converted(name, local, natural, wanted)
    return Reading(Column(name, target, nullable, comment), str(kind), quoted(name), local)
