"""Values of Python as a column of a table's type: kept exactly, or refused by row."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal as PyDecimal
from typing import Any

import pyarrow as pa

from lakestead.core.datatypes import (
    BINARY,
    BOOLEAN,
    DATE,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    VARIANT,
    Array,
    DataType,
    Decimal,
    Map,
    Struct,
)
from lakestead.core.errors import SourceError
from lakestead.records.types import storage

_MIDNIGHT = dt.time()
_SIMPLE = frozenset({bool, int, float, str, bytes, dt.date, dt.datetime, PyDecimal})
_UNFIT = (pa.ArrowException, TypeError, ValueError, ArithmeticError)


def column(name: str, values: Sequence[Any], kind: DataType | None, first_row: int = 0) -> pa.Array:
    """Return values as Arrow.

    Args:
        name: for errors.
        values: of one column; None is null.
        kind: the type they are to have; None finds one.
        first_row: the number of the first value's row, for errors.

    Raises:
        SourceError: a value is none of that type; names row, column and type, never the value.
    """
    try:
        return _array(values, kind)
    except _UNFIT:
        return _one_by_one(name, values, kind, first_row)


def _one_by_one(name: str, values: Sequence[Any], kind: DataType | None, first_row: int) -> pa.Array:
    """Convert values that do not agree with each other, or find the one that is wrong."""
    wanted = f" as {kind.sql}" if kind is not None else ""
    found = []
    for number, value in enumerate(values, first_row):
        try:
            found.append(_array([value], kind))
        except _UNFIT as reason:
            # Arrow's own words quote the value, which may be nobody's business.
            hint = f": {reason}" if type(reason) in (TypeError, ValueError) else ""
            raise SourceError(
                f"row {number}: column '{name}' cannot take this {type(value).__name__}{wanted}{hint}"
            ) from None
    if kind is not None:
        return pa.concat_arrays(found)
    kinds = sorted({type(value).__name__ for value in values if value is not None})
    raise SourceError(
        f"rows {first_row} to {first_row + len(values) - 1}: the values of column '{name}'"
        f" ({', '.join(kinds)}) have no type in common; give them one, or name one by `schema`"
    )


def _array(values: Sequence[Any], kind: DataType | None) -> pa.Array:
    if kind == VARIANT:
        return pa.array([None if one is None else _json(one) for one in values], pa.string())
    kinds = set(map(type, values)) - {type(None)}
    if not kinds <= _SIMPLE:
        values = [_plain(one) for one in values]
        kinds = set(map(type, values)) - {type(None)}
    if kind is None:
        return _natural(values, kinds)
    if isinstance(kind, Array | Map | Struct):
        return _nested(values, kind)
    special = _SPECIAL.get(kind)
    if special is not None:
        return special(values, kinds)
    if isinstance(kind, Decimal):
        return _decimals(values, kinds, kind)
    # Arrow would take truth values, dates and times for numbers.
    wanted = {bool, str} if kind == BOOLEAN else {int, float, PyDecimal, str}
    if not kinds <= wanted:
        raise TypeError("no truth value" if kind == BOOLEAN else "no number")
    return _natural(values, kinds).cast(storage(kind))


def _natural(values: Sequence[Any], kinds: set[type]) -> pa.Array:
    """Return values in the type that they have by themselves."""
    if kinds <= {dt.date, dt.datetime} and dt.datetime in kinds:
        return _timestamps(values)
    if str in kinds and bytes in kinds:
        raise TypeError("text and bytes are mixed")
    if dt.timedelta in kinds:
        raise TypeError("tables have no intervals; give a number of seconds")
    if kinds and kinds <= {int, PyDecimal} and PyDecimal in kinds:
        return _decimals(values, kinds, Decimal(38, _scale(values)))
    try:
        return pa.array(values)
    except OverflowError:
        return pa.array(values, pa.decimal128(38, 0))


def _scale(values: Sequence[Any]) -> int:
    exponents = [one.as_tuple().exponent for one in values if isinstance(one, PyDecimal)]
    if not all(isinstance(exponent, int) for exponent in exponents):
        raise ValueError("DECIMAL has no infinite values and no NaN")
    return max([0, *(-int(exponent) for exponent in exponents)])


def _timestamps(values: Sequence[Any]) -> pa.Array:
    zoned = {one.tzinfo is not None for one in values if isinstance(one, dt.datetime)}
    if len(zoned) > 1:
        raise TypeError("times with and without a zone are mixed")
    moments = [_moment(one) if type(one) is dt.date else one for one in values]
    if True in zoned:
        if any(type(one) is dt.date for one in values):
            raise TypeError("dates and times with a zone are mixed")
        return pa.array(moments, pa.timestamp("us", "UTC"))
    return pa.array(moments, pa.timestamp("us"))


def _moment(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, _MIDNIGHT)


def _as_timestamp(values: Sequence[Any], kinds: set[type]) -> pa.Array:
    """A time without a zone is taken as UTC."""
    target = pa.timestamp("us", "UTC")
    if kinds <= {dt.date, dt.datetime}:
        return pa.array([_moment(one) if type(one) is dt.date else one for one in values], target)
    if kinds == {str}:
        return _as_timestamp([one and _parsed(one) for one in values], {dt.datetime})
    raise TypeError("no date, time or ISO 8601 text")


def _as_timestamp_ntz(values: Sequence[Any], kinds: set[type]) -> pa.Array:
    if kinds == {str}:
        values, kinds = [one and _parsed(one) for one in values], {dt.datetime}
    if not kinds <= {dt.date, dt.datetime}:
        raise TypeError("no date, time or ISO 8601 text")
    if any(isinstance(one, dt.datetime) and one.tzinfo is not None for one in values):
        raise ValueError("it has a zone, which the column cannot keep")
    return pa.array([_moment(one) if type(one) is dt.date else one for one in values], pa.timestamp("us"))


def _parsed(text: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("it is no ISO 8601 text") from None


def _as_date(values: Sequence[Any], kinds: set[type]) -> pa.Array:
    if kinds == {str}:
        return _natural(values, kinds).cast(pa.date32())
    if not kinds <= {dt.date, dt.datetime}:
        raise TypeError("no date")
    if any(isinstance(one, dt.datetime) and one.time() != _MIDNIGHT for one in values):
        raise ValueError("it has a time of day, which the column cannot keep")
    return pa.array(values, pa.date32())


def _as_string(values: Sequence[Any], kinds: set[type]) -> pa.Array:
    if bytes in kinds:
        raise TypeError("decode it first")
    if kinds & {dict, list}:
        raise TypeError("make it text with json.dumps, or give the table a column of type VARIANT")
    return _natural(values, kinds).cast(pa.string()) if kinds - {str} else pa.array(values, pa.string())


def _as_binary(values: Sequence[Any], kinds: set[type]) -> pa.Array:
    if not kinds <= {bytes}:
        raise TypeError("no bytes; encode it first")
    return pa.array(values, pa.binary())


def _decimals(values: Sequence[Any], kinds: set[type], kind: Decimal) -> pa.Array:
    target = storage(kind)
    if kinds == {str}:
        return pa.array(values, pa.string()).cast(target)
    if float in kinds:
        # By its shortest text: 0.1 is meant, not the binary fraction next to it.
        values = [PyDecimal(repr(one)) if isinstance(one, float) else one for one in values]
    _scale(values)
    if bool in kinds:
        raise TypeError("a truth value is no number")
    return pa.array(values, target)


def _nested(values: Sequence[Any], kind: DataType) -> pa.Array:
    target = storage(kind)
    if isinstance(kind, Map):
        return pa.array(values, target)
    natural = pa.array(values)
    if isinstance(kind, Struct):
        known = {field.name for field in kind.fields}
        extra = sorted({key for one in values if one is not None for key in one} - known)
        if extra:
            raise ValueError(f"it has fields that the column lacks: {', '.join(extra)}")
        if not pa.types.is_struct(natural.type) or len(natural.type) < len(known):
            return pa.array(values, target)
    return natural.cast(target)


def _plain(value: Any) -> Any:
    """Return what other libraries and subclasses have, and what containers hold, in Python's own types."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, dt.time):
        return value.isoformat()
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    module = type(value).__module__.partition(".")[0]
    if module == "numpy" and hasattr(value, "tolist"):
        return value.tolist()
    if module == "pandas":
        return _from_pandas(value)
    for kind in (str, int, float):
        if isinstance(value, kind) and type(value) is not bool:
            return kind(value)
    return value


def _from_pandas(value: Any) -> dt.datetime | None:
    """Return a time of pandas; what else it has of its own is for missing values."""
    time: dt.datetime | None = None
    if isinstance(value, dt.datetime) and value == value:  # NaT is not itself
        time = value.to_pydatetime()  # type: ignore[attr-defined]
    return time


def _json(value: Any) -> str:
    """Return the JSON of a VARIANT; text is JSON already."""
    if isinstance(value, str):
        return value
    return json.dumps(_plain(value), default=_json_default, allow_nan=False)


def _json_default(value: Any) -> Any:
    if isinstance(value, PyDecimal):
        return float(value) if value % 1 else int(value)
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    raise TypeError(f"JSON has no {type(value).__name__}")


_SPECIAL: dict[DataType, Callable[[Sequence[Any], set[type]], pa.Array]] = {
    STRING: _as_string,
    BINARY: _as_binary,
    DATE: _as_date,
    TIMESTAMP: _as_timestamp,
    TIMESTAMP_NTZ: _as_timestamp_ntz,
}
