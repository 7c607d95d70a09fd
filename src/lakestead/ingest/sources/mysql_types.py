"""What becomes of the types of MySQL and MariaDB, and the SQL by which their values are read exactly.

DuckDB reads what the server sends. What it does not read exactly goes as text: dates, because it makes NULL
of the zero date; decimals with no digits behind the point, of which it takes one away; json and others, which
it takes for binary. A question mark behind a base's name says that DuckDB's type is all that is known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal as Number

from lakestead.core import datatypes as types
from lakestead.core.datatypes import DataType, Decimal

from .checked import converted, refusal
from .column import Reading
from .source import Column

_MAX_DIGITS = 38
# Signed, unsigned: the next wider.
_INTEGERS: dict[str, tuple[DataType, DataType]] = {
    "tinyint": (types.BYTE, types.SHORT),
    "smallint": (types.SHORT, types.INT),
    "mediumint": (types.INT, types.INT),
    "int": (types.INT, types.LONG),
    "bigint": (types.LONG, Decimal(20, 0)),
}
_DATES: dict[str, DataType] = {
    "date": types.DATE,
    "datetime": types.TIMESTAMP_NTZ,
    "timestamp": types.TIMESTAMP,  # the session's zone is UTC
}
_BINARY = ("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob")
_GEOMETRY = (
    "geometry",
    "point",
    "linestring",
    "polygon",
    "multipoint",
    "multilinestring",
    "multipolygon",
    "geometrycollection",
    "geomcollection",
)
# A double's digits; text with more is of a decimal that DuckDB took for a double.
_DOUBLE_DIGITS = 17


@dataclass(frozen=True, slots=True)
class MySQLColumn:
    """A column as the information schema describes it.

    Attributes:
        declared: the whole type, such as ``decimal(10,2) unsigned``.
        base: its name alone, such as ``decimal``.
        precision: digits of a number.
        scale: of them behind the point.
    """

    name: str
    declared: str
    base: str
    precision: int | None = None
    scale: int | None = None
    nullable: bool = True
    comment: str | None = None


def quoted(name: str) -> str:
    """Return an identifier in backticks."""
    return "`" + name.replace("`", "``") + "`"


def reading(column: MySQLColumn, wanted: DataType | None, *, zero_dates_are_null: bool) -> Reading:
    """Return how a table's column is read.

    Args:
        column: from the information schema.
        wanted: the type that the user gives it.
        zero_dates_are_null: take ``0000-00-00`` as NULL; else it is refused.
    """
    kind, remote, local = _natural(column)
    if column.base in _DATES and zero_dates_are_null:
        remote = f"CASE WHEN {remote} NOT LIKE '0000-00-00%' THEN {remote} END"
    if wanted is not None and wanted != kind:
        if wanted in (types.STRING, types.VARIANT) or wanted.has_length:
            remote, local = _text(column), "{}"
        else:
            local = converted(column.name, local, kind, wanted)
    made = Column(column.name, wanted or kind, column.nullable, column.comment)
    return Reading(made, column.base, remote, local)


def of_query(name: str, arriving: str, wanted: DataType | None) -> Reading:
    """Return how a query's column is read, of which only DuckDB's type is known.

    Args:
        name: the column's.
        arriving: DuckDB's type.
        wanted: the type that the user gives it.
    """
    found = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", arriving)
    signed = arriving.removeprefix("U")
    names = {"TINYINT": "tinyint", "SMALLINT": "smallint", "INTEGER": "int", "BIGINT": "bigint"}
    others = {"DATE": "date", "TIMESTAMP": "datetime", "FLOAT": "float", "BLOB": "blob", "DOUBLE": "double?"}
    if found:
        precision, scale = int(found.group(1)), int(found.group(2))
        # DuckDB takes a digit from what has none behind the point.
        precision = min(precision + 1, _MAX_DIGITS) if scale == 0 else precision
        column = MySQLColumn(name, "decimal?", "decimal?", precision, scale)
    elif signed in names:
        unsigned = " unsigned" if arriving != signed else ""
        column = MySQLColumn(name, names[signed] + unsigned, names[signed])
    else:
        column = MySQLColumn(name, arriving, others.get(arriving, "varchar"))
    return reading(column, wanted, zero_dates_are_null=False)


def _natural(column: MySQLColumn) -> tuple[DataType, str, str]:
    """Return a column's type, what the server sends of it, and what DuckDB makes of that."""
    name = quoted(column.name)
    if column.declared.startswith("tinyint(1)") and "unsigned" not in column.declared:
        words = refusal(column.name, "CAST({} AS VARCHAR)", "boolean")
        truth = f"CASE WHEN {{}} IN (0, 1) THEN {{}} = 1 WHEN {{}} IS NOT NULL THEN error({words}) END"
        return types.BOOLEAN, f"{name} + 0", truth
    if column.base in _INTEGERS:
        return _INTEGERS[column.base]["unsigned" in column.declared], name, "{}"
    if column.base in _DATES:
        kind = _DATES[column.base]
        return kind, _text(column), converted(column.name, "{}", types.STRING, kind)
    if column.base == "decimal":
        return _decimal(column)
    if column.base == "decimal?":
        kind = Decimal(column.precision or 10, column.scale or 0)
        return kind, _text(column), converted(column.name, "{}", types.STRING, kind)
    if column.base == "bit":
        return _bits(column)
    if column.base == "double?":
        return types.DOUBLE, _text(column), _double(column.name)
    simple = {"float": types.FLOAT, "double": types.DOUBLE, "year": types.INT}
    if column.base in simple:
        return simple[column.base], name, "{}"
    if column.base in _BINARY:
        return types.BINARY, name, "{}"
    return types.STRING, _text(column), "{}"


def _decimal(column: MySQLColumn) -> tuple[DataType, str, str]:
    precision, scale = column.precision or 10, column.scale or 0
    if precision > _MAX_DIGITS:
        return types.STRING, _text(column), "{}"
    kind = Decimal(precision, scale)
    if scale == 0:
        return kind, _text(column), "CAST({} AS DECIMAL(" + f"{precision}, 0))"
    return kind, f"CAST({quoted(column.name)} AS DECIMAL({precision}, {scale}))", "{}"


def _bits(column: MySQLColumn) -> tuple[DataType, str, str]:
    number = f"CAST({quoted(column.name)} AS UNSIGNED)"
    if column.precision == 1:
        return types.BOOLEAN, number, "{} <> 0"
    return (types.LONG if (column.precision or 1) < 64 else Decimal(20, 0)), number, "{}"


def _double(name: str) -> str:
    digits = "ltrim(replace(split_part(lower({}), 'e', 1), '.', ''), '-0')"
    words = refusal(name, "{}", "double")
    return f"CASE WHEN length({digits}) > {_DOUBLE_DIGITS} THEN error({words}) ELSE CAST({{}} AS DOUBLE) END"


def _text(column: MySQLColumn) -> str:
    name = quoted(column.name)
    if column.base in _GEOMETRY:
        return f"ST_AsText({name})"
    if column.base in _BINARY:
        return f"HEX({name})"
    if column.base == "float":
        name = f"CAST({name} AS DOUBLE)"  # its own text has six digits
    return f"CAST({name} AS CHAR)"


def bound(value: object) -> str:
    """Return SQL for a bound of a window; a time with a zone is taken in UTC."""
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value
        return f"TIMESTAMP'{moment.replace(tzinfo=None).isoformat(sep=' ')}'"
    if isinstance(value, date):
        return f"DATE'{value.isoformat()}'"
    if isinstance(value, Number):
        return format(value, "f")
    if isinstance(value, int | float):
        return repr(value)
    # In hexadecimal, because what a backslash means depends on the server's mode.
    return f"_utf8mb4 X'{str(value).encode().hex()}'"
