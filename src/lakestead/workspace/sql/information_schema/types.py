"""How INFORMATION_SCHEMA describes data types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields

import pyarrow as pa

from lakestead.core.datatypes import DataType, Decimal, Interval, Primitive, parse_type

# Bits of the numbers that have a base of 2.
_BITS = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64, "float": 24, "double": 53}
_INTEGERS = {"tinyint", "smallint", "int", "bigint"}
_DATETIME_PRECISION = {"date": 0, "timestamp": 3, "timestamp_ntz": 3}


@dataclass(frozen=True, slots=True)
class TypeDetails:
    """The columns that describe a type, by their names; None is NULL."""

    full_data_type: str
    data_type: str
    numeric_precision: int | None = None
    numeric_precision_radix: int | None = None
    numeric_scale: int | None = None
    datetime_precision: int | None = None
    interval_type: str | None = None


def details(kind: DataType) -> TypeDetails:
    """Return how a type is described."""
    text, name = kind.ddl, kind.uc_name
    if isinstance(kind, Decimal):
        return TypeDetails(text, name, kind.precision, 10, kind.scale)
    if isinstance(kind, Interval):
        units = text.removeprefix("interval ").upper()
        return TypeDetails(
            text, name, datetime_precision=3 if units.endswith("SECOND") else 0, interval_type=units
        )
    if not isinstance(kind, Primitive):
        return TypeDetails(text, name)
    bits = _BITS.get(text)
    return TypeDetails(
        text,
        name,
        numeric_precision=bits,
        numeric_precision_radix=2 if bits else None,
        numeric_scale=0 if text in _INTEGERS else None,
        datetime_precision=_DATETIME_PRECISION.get(text),
    )


def type_columns(texts: Sequence[str]) -> dict[str, pa.Array]:
    """Return the columns that describe the types of many things.

    Args:
        texts: canonical DDL; each different one is looked at once.
    """
    encoded = pa.array(texts, pa.string()).dictionary_encode()
    known = [astuple(details(parse_type(text))) for text in encoded.dictionary.to_pylist()]
    return {
        field.name: _column(values, field.name).take(encoded.indices)
        for field, values in zip(fields(TypeDetails), _transposed(known), strict=True)
    }


def _transposed(rows: Sequence[tuple[object, ...]]) -> Iterable[Sequence[object]]:
    return zip(*rows, strict=True) if rows else [()] * len(fields(TypeDetails))


def _column(values: Sequence[object], name: str) -> pa.Array:
    texts = name in ("full_data_type", "data_type", "interval_type")
    return pa.array(values, pa.string() if texts else pa.int32())
