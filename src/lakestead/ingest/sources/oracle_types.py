"""What becomes of Oracle's types, and the SQL by which their values are read exactly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal as Number

from lakestead.core import datatypes as types
from lakestead.core.datatypes import DataType, Decimal

from .column import Reading
from .duck_types import literal, quoted
from .source import Column

_MAX_DIGITS = 38
# Of a NUMBER without precision; a value that does not fit is refused.
_NUMBER = Decimal(_MAX_DIGITS, 18)
_SIMPLE: dict[str, DataType] = {
    "BINARY_FLOAT": types.FLOAT,
    "BINARY_DOUBLE": types.DOUBLE,
    "BOOLEAN": types.BOOLEAN,
    "DATE": types.TIMESTAMP_NTZ,  # Oracle's has a time of day
    "TIMESTAMP": types.TIMESTAMP_NTZ,
    "TIMESTAMP WITH TIME ZONE": types.TIMESTAMP,
    "TIMESTAMP WITH LOCAL TIME ZONE": types.TIMESTAMP,
    "RAW": types.BINARY,
    "LONG RAW": types.BINARY,
    "BLOB": types.BINARY,
}
_TEXTS = ("VARCHAR2", "NVARCHAR2", "CHAR", "NCHAR", "CLOB", "NCLOB", "LONG")
_AS_TEXT = {
    "INTERVAL YEAR TO MONTH": "TO_CHAR({})",
    "INTERVAL DAY TO SECOND": "TO_CHAR({})",
    "JSON": "JSON_SERIALIZE({} RETURNING CLOB)",
    "ROWID": "ROWIDTOCHAR({})",
    "UROWID": "CAST({} AS VARCHAR2(4000))",
    "VECTOR": "FROM_VECTOR({} RETURNING CLOB)",
    "XMLTYPE": "XMLSERIALIZE(CONTENT {} AS CLOB)",
    "SDO_GEOMETRY": "SDO_UTIL.TO_WKTGEOMETRY({})",
}
_MODIFIER = re.compile(r"\(\d+\)")
# Shortest, with all digits and no exponent, whatever the session's language is.
_DIGITS = "TO_CHAR({}, 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,''')"
_TIMES = {
    "DATE": "TO_CHAR({}, 'YYYY-MM-DD HH24:MI:SS')",
    "TIMESTAMP": "TO_CHAR({}, 'YYYY-MM-DD HH24:MI:SS.FF')",
    "TIMESTAMP WITH TIME ZONE": "TO_CHAR({}, 'YYYY-MM-DD HH24:MI:SS.FF TZR')",
    "TIMESTAMP WITH LOCAL TIME ZONE": "TO_CHAR(SYS_EXTRACT_UTC({}), 'YYYY-MM-DD HH24:MI:SS.FF') || ' UTC'",
}


@dataclass(frozen=True, slots=True)
class OracleColumn:
    """A column as the data dictionary describes it.

    Attributes:
        declared: the type, such as ``TIMESTAMP(6) WITH TIME ZONE``.
        precision: digits of a NUMBER; None for any.
        scale: of them behind the point; None for any.
    """

    name: str
    declared: str
    precision: int | None = None
    scale: int | None = None
    nullable: bool = True
    comment: str | None = None

    @property
    def base(self) -> str:
        """The type without its precisions."""
        return _MODIFIER.sub("", self.declared)


def type_of(column: OracleColumn) -> DataType | None:
    """Return the type that a column's values get; None if they cannot be read."""
    if column.base in ("NUMBER", "FLOAT"):
        return number(column.precision, column.scale) if column.base == "NUMBER" else _NUMBER
    if column.base in _SIMPLE:
        return _SIMPLE[column.base]
    return types.STRING if column.base in _TEXTS or column.base in _AS_TEXT else None


def number(precision: int | None, scale: int | None) -> DataType:
    """Return the type of a NUMBER.

    Args:
        precision: None for any.
        scale: None for any.
    """
    if scale is None:
        return _NUMBER
    # INTEGER is a NUMBER of any precision with the scale 0.
    digits = max((precision or _MAX_DIGITS) - min(scale, 0), scale)
    return Decimal(digits, max(scale, 0)) if digits <= _MAX_DIGITS else types.STRING


def reading(column: OracleColumn, wanted: DataType | None = None) -> Reading | None:
    """Return how a column is read; None if it cannot be.

    Args:
        column: from the data dictionary.
        wanted: the type that the user gives it.
    """
    natural = type_of(column)
    if natural is None:
        return None
    as_text = wanted is not None and (wanted in (types.STRING, types.VARIANT) or wanted.has_length)
    remote = _text(column) if as_text else _remote(column)
    made = Column(column.name, wanted or natural, column.nullable, column.comment)
    return Reading(made, column.declared, remote)


def _remote(column: OracleColumn) -> str:
    name = quoted(column.name)
    if column.base in ("NUMBER", "FLOAT"):
        # As text, because the driver takes what has more digits than a double for one.
        return _DIGITS.format(name)
    if column.base.startswith("TIMESTAMP WITH"):
        return f"SYS_EXTRACT_UTC({name})"
    return _AS_TEXT.get(column.base, "{}").format(name)


def _text(column: OracleColumn) -> str:
    name = quoted(column.name)
    if column.base in _TIMES:
        return _TIMES[column.base].format(name)
    if column.base in ("RAW", "LONG RAW"):
        return f"RAWTOHEX({name})"
    if column.base.startswith("BINARY_"):
        return f"TO_CHAR({name})"
    return _remote(column)


def bound(value: object, declared: str) -> str:
    """Return SQL for a bound of a window.

    Args:
        value: a number, text, date or time; a time without zone is in UTC where the column has one.
        declared: the column's type.
    """
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value
        text = moment.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
        return f"TIMESTAMP '{text}{' +00:00' if ' WITH ' in declared else ''}'"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, Number):
        return format(value, "f")
    return repr(value) if isinstance(value, int | float) else literal(str(value))
