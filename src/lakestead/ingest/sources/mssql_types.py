"""What becomes of SQL Server's and Azure SQL's types, and the SQL by which values are read exactly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal as Number

from lakestead.core import datatypes as types
from lakestead.core.datatypes import DataType, Decimal

from .checked import refusal
from .column import Reading
from .source import Column

_SIMPLE: dict[str, DataType] = {
    "bit": types.BOOLEAN,
    "tinyint": types.SHORT,  # 0 to 255
    "smallint": types.SHORT,
    "int": types.INT,
    "bigint": types.LONG,
    "real": types.FLOAT,
    "float": types.DOUBLE,
    "money": Decimal(19, 4),
    "smallmoney": Decimal(10, 4),
    "date": types.DATE,
    "datetime": types.TIMESTAMP_NTZ,
    "smalldatetime": types.TIMESTAMP_NTZ,
    "datetime2": types.TIMESTAMP_NTZ,
    "datetimeoffset": types.TIMESTAMP,
    "binary": types.BINARY,
    "varbinary": types.BINARY,
    "image": types.BINARY,
    "timestamp": types.BINARY,  # a row's version, no time
    "rowversion": types.BINARY,
}
# What a driver's Arrow reader would give in a form of its own: SQL Server makes text of it.
_AS_TEXT = {
    "time": "CONVERT(varchar(16), {})",
    "uniqueidentifier": "CONVERT(char(36), {})",
    "xml": "CONVERT(nvarchar(max), {})",
    "sql_variant": "CONVERT(nvarchar(4000), {})",
    "geometry": "{}.STAsText()",
    "geography": "{}.STAsText()",
    "hierarchyid": "{}.ToString()",
}
# Of a second, behind the point, that Databricks SQL holds.
_DIGITS = 6
_TEXTS = ("char", "varchar", "nchar", "nvarchar", "text", "ntext", "sysname")
_STYLES = {"date": 23, "float": 3, "real": 3, "money": 2, "smallmoney": 2, "datetimeoffset": 127}


@dataclass(frozen=True, slots=True)
class SQLServerColumn:
    """A column as the catalog describes it.

    Attributes:
        base: the name of its system type.
        precision: digits of a decimal.
        scale: of them behind the point; of a time, digits of its fraction.
    """

    name: str
    base: str
    precision: int = 0
    scale: int = 0
    nullable: bool = True
    comment: str | None = None


def quoted(name: str) -> str:
    """Return an identifier in brackets."""
    return "[" + name.replace("]", "]]") + "]"


def type_of(column: SQLServerColumn) -> DataType:
    """Return the type that a column's values get; what has no equal is text."""
    if column.base in ("decimal", "numeric"):
        return Decimal(column.precision, column.scale)
    return _SIMPLE.get(column.base, types.STRING)


def reading(column: SQLServerColumn, wanted: DataType | None = None) -> Reading:
    """Return how a column is read.

    Args:
        column: from the catalog.
        wanted: the type that the user gives it.
    """
    natural = type_of(column)
    as_text = wanted is not None and (wanted in (types.STRING, types.VARIANT) or wanted.has_length)
    remote = _text(column) if as_text else _remote(column)
    return Reading(
        Column(column.name, wanted or natural, column.nullable, column.comment), column.base, remote
    )


def _remote(column: SQLServerColumn) -> str:
    name = quoted(column.name)
    if column.base in ("money", "smallmoney"):
        kind = type_of(column)
        return f"CONVERT({kind.ddl}, {name})"
    if column.base == "datetimeoffset":
        # In UTC; what the driver makes of an offset is its own.
        name = f"CONVERT(datetime2({column.scale}), SWITCHOFFSET({name}, '+00:00'))"
    if column.base in ("datetime2", "datetimeoffset") and column.scale > _DIGITS:
        kept = f"CONVERT(datetime2({_DIGITS}), {name})"
        words = _words(column, f"CONVERT(varchar(40), {name}, 121)")
        return f"CASE WHEN {name} = {kept} THEN {kept} ELSE DATEADD(day, CONVERT(int, {words}), {kept}) END"
    if column.base == "datetimeoffset":
        return name
    return _AS_TEXT.get(column.base, "{}").format(name)


def _words(column: SQLServerColumn, value: str) -> str:
    """Return the words that refuse a value; to make a number of them is an error that shows them."""
    before, _, after = refusal(column.name, "?", type_of(column).ddl).partition(" || ? || ")
    return f"N{before.replace(' || ', ' + N')} + {value} + N{after}"


def _text(column: SQLServerColumn) -> str:
    name = quoted(column.name)
    if column.base in _AS_TEXT or column.base in _TEXTS:
        return _remote(column)
    if column.base in ("binary", "varbinary", "image", "timestamp", "rowversion"):
        return f"CONVERT(varchar(max), CONVERT(varbinary(max), {name}), 2)"
    style = _STYLES.get(column.base, 121 if column.base.startswith(("date", "small")) else None)
    return f"CONVERT(varchar(64), {name}{f', {style}' if style is not None else ''})"


def literal(text: str) -> str:
    """Return a string of SQL Server, of whatever characters."""
    return "N'" + text.replace("'", "''") + "'"


def bound(value: object, base: str) -> str:
    """Return SQL for a bound of a window.

    Args:
        value: a number, text, date or time; a time without zone is in UTC where the column has one.
        base: the column's type.
    """
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value
        text = moment.replace(tzinfo=None).isoformat(timespec="microseconds")
        if base == "datetimeoffset":
            return f"CONVERT(datetimeoffset(7), '{text}+00:00', 126)"
        # Compared with a datetime, a datetime2 is not rounded.
        return f"CONVERT(datetime2(6), '{text}', 126)"
    if isinstance(value, date):
        return f"CONVERT(date, '{value.isoformat()}', 23)"
    if isinstance(value, Number):
        return format(value, "f")
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    return repr(value) if isinstance(value, int | float) else literal(str(value))
