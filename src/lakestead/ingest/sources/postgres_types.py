"""What becomes of PostgreSQL's types, and the SQL by which their values are read exactly.

DuckDB reads PostgreSQL's binary form. Of what it does not read exactly (NaN in a numeric becomes 0, a numeric
without precision a double, char(n) loses its padding, money, times, ranges … are not known), PostgreSQL makes
something that it does.
"""

from __future__ import annotations

from dataclasses import dataclass

from lakestead.core import datatypes as types
from lakestead.core.datatypes import Array, DataType, Decimal

from .checked import converted, refusal
from .column import Reading
from .duck_types import quoted
from .source import Column

_MAX_DIGITS = 38
# Of a numeric without precision; a value that does not fit is refused.
_NUMERIC = Decimal(_MAX_DIGITS, 18)

_AS_THEY_ARE: dict[str, DataType] = {
    "bool": types.BOOLEAN,
    "bytea": types.BINARY,
    "date": types.DATE,
    "float4": types.FLOAT,
    "float8": types.DOUBLE,
    "int2": types.SHORT,
    "int4": types.INT,
    "int8": types.LONG,
    "json": types.STRING,
    "jsonb": types.STRING,
    "text": types.STRING,
    "timestamp": types.TIMESTAMP_NTZ,
    "timestamptz": types.TIMESTAMP,
    "uuid": types.STRING,
    "varchar": types.STRING,
}
# Where a cast to text differs from the type's own text: it takes padding away, or adds a netmask.
_OUTPUTS = {"bpchar": "bpcharout", "inet": "inet_out"}
# Elements that DuckDB reads in arrays; others are made text.
_ELEMENTS = ("bool", "date", "float4", "float8", "int2", "int4", "int8", "text", "timestamp", "timestamptz")


@dataclass(frozen=True, slots=True)
class PostgresColumn:
    """A column as PostgreSQL's catalog describes it.

    Attributes:
        declared: the type as PostgreSQL writes it, of a domain what it is based on.
        plain: the same without precision, scale or length.
        base: the type's name in the catalog, such as ``int4``; for an array that of its elements.
        modifier: what holds precision, scale or length; -1 for none.
        dimensions: of an array, as declared; 0 for what is no array.
    """

    name: str
    declared: str
    plain: str
    base: str
    modifier: int = -1
    dimensions: int = 0
    nullable: bool = True
    comment: str | None = None


def reading(column: PostgresColumn, wanted: DataType | None = None) -> Reading:
    """Return how a column is read.

    Args:
        column: from the catalog.
        wanted: the type that the user gives it.
    """
    arriving, remote, local = _array(column) if column.dimensions else (*_scalar(column, wanted), "{}")
    target = wanted or arriving
    if target != arriving:
        if target in (types.STRING, types.VARIANT) or target.has_length:
            remote, local = _text(column), "{}"
        else:
            local = converted(column.name, local, arriving, target)
    return Reading(Column(column.name, target, column.nullable, column.comment), column.plain, remote, local)


def numeric(modifier: int) -> Decimal | None:
    """Return the decimal that holds a numeric's values; None if none does.

    Args:
        modifier: as in the catalog; -1 for a numeric without precision.
    """
    if modifier < 0:
        return _NUMERIC
    precision = (modifier - 4) >> 16 & 0xFFFF
    scale = ((modifier - 4 & 0x7FF) ^ 0x400) - 0x400  # 11 bits with a sign
    # A negative scale rounds before the point; a scale beyond the precision has zeros behind it.
    digits = max(precision - min(scale, 0), scale, 1)
    return Decimal(digits, max(scale, 0)) if digits <= _MAX_DIGITS else None


def _scalar(column: PostgresColumn, wanted: DataType | None) -> tuple[DataType, str]:
    name = quoted(column.name)
    if column.base in _AS_THEY_ARE:
        return _AS_THEY_ARE[column.base], name
    if column.base == "oid":
        return types.LONG, f"{name}::int8"
    kind = numeric(column.modifier) if column.base == "numeric" else None
    if kind is None:
        return types.STRING, _text(column)
    if isinstance(wanted, Decimal) and wanted != kind:
        return wanted, _fitting(column, wanted)
    if column.modifier < 0:
        return kind, _fitting(column, kind)
    refuse = _refuse(column, kind, f"numeric{_typmod(kind)}")
    value = name if f"numeric{_typmod(kind)}" == column.declared else f"{name}::numeric{_typmod(kind)}"
    # A NULL is not unequal: it goes to the other branch, whose words are NULL then.
    return kind, f"CASE WHEN {name} <> 'NaN' THEN {value} ELSE {refuse} END"


def _fitting(column: PostgresColumn, kind: Decimal) -> str:
    name = quoted(column.name)
    # NaN and infinity are greater than any number.
    fits = f"abs({name}) < 1e{kind.precision - kind.scale} AND {name} = round({name}, {kind.scale})"
    made = f"numeric{_typmod(kind)}"
    return f"CASE WHEN {fits} THEN {name}::{made} ELSE {_refuse(column, kind, made)} END"


def _array(column: PostgresColumn) -> tuple[DataType, str, str]:
    name = quoted(column.name)
    kind, made, fits = _element(column)
    target = kind
    for _ in range(column.dimensions):
        target = Array(target)
    # PostgreSQL does not hold an array to the dimensions that it was declared with.
    right = f"coalesce(array_ndims({name}), {column.dimensions}) = {column.dimensions}{fits}"
    words = _refuse(column, target, f"{made}[]")
    # The array's own text has that of its elements.
    value = f"{name}::text" if column.base in _OUTPUTS else name
    if column.dimensions == 1:
        return target, f"CASE WHEN {right} THEN {value}::{made}[] ELSE {words} END", "{}"
    # As JSON of texts, which loses nothing; the binary form of a query's result tells no dimensions.
    remote = f"array_to_json(CASE WHEN {right} THEN {value}::text[] ELSE {words}::text[] END)::text"
    return target, remote, f"CAST(CAST({{}} AS JSON) AS VARCHAR{'[]' * column.dimensions})"


def _element(column: PostgresColumn) -> tuple[DataType, str, str]:
    """Return an element's type, PostgreSQL's name of what is sent, and a further condition."""
    name = quoted(column.name)
    if column.base in _ELEMENTS:
        return _AS_THEY_ARE[column.base], column.base, ""
    kind = numeric(column.modifier) if column.base == "numeric" else None
    if kind is None:
        return types.STRING, "text", ""
    whole, scale = kind.precision - kind.scale, kind.scale
    fits = f"each IS NULL OR abs(each) < 1e{whole} AND each = round(each, {scale})"
    return (
        kind,
        f"numeric{_typmod(kind)}",
        (f" AND (SELECT bool_and({fits}) FROM unnest({name}) AS each) IS NOT FALSE"),
    )


def _typmod(kind: Decimal) -> str:
    return f"({kind.precision},{kind.scale})"


def _text(column: PostgresColumn) -> str:
    name = quoted(column.name)
    if column.base in _OUTPUTS and not column.dimensions:
        return f"textin({_OUTPUTS[column.base]}({name}))"
    return f"{name}::text"


def _refuse(column: PostgresColumn, kind: DataType, made: str) -> str:
    """Return an expression of a type, which raises with our words because they are no value of it."""
    return f"({refusal(column.name, f'{quoted(column.name)}::text', kind.ddl)})::{made}"
