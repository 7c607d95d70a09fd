"""When an alert is triggered: a column of its query's result, compared with a value or another column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from lakestead.workspace.errors import ApiError, ErrorCode

Scalar: TypeAlias = bool | float | str
Compare: TypeAlias = Callable[[Any, Any], bool]


class State(StrEnum):
    """How an alert stands."""

    UNKNOWN = "UNKNOWN"
    OK = "OK"
    TRIGGERED = "TRIGGERED"
    ERROR = "ERROR"


class Aggregation(StrEnum):
    """What is made of all values of a column."""

    SUM = "SUM"
    COUNT = "COUNT"
    COUNT_DISTINCT = "COUNT_DISTINCT"
    AVG = "AVG"
    MEDIAN = "MEDIAN"
    MIN = "MIN"
    MAX = "MAX"
    STDDEV = "STDDEV"


class Operator(StrEnum):
    """How a value is compared."""

    GREATER_THAN = "GREATER_THAN"
    GREATER_THAN_OR_EQUAL = "GREATER_THAN_OR_EQUAL"
    LESS_THAN = "LESS_THAN"
    LESS_THAN_OR_EQUAL = "LESS_THAN_OR_EQUAL"
    EQUAL = "EQUAL"
    NOT_EQUAL = "NOT_EQUAL"
    IS_NULL = "IS_NULL"
    IS_NOT_NULL = "IS_NOT_NULL"

    @property
    def alone(self) -> bool:
        """Whether it needs nothing to compare with."""
        return self in (Operator.IS_NULL, Operator.IS_NOT_NULL)


SIGNS: Mapping[Operator, str] = MappingProxyType(
    {
        Operator.GREATER_THAN: ">",
        Operator.GREATER_THAN_OR_EQUAL: ">=",
        Operator.LESS_THAN: "<",
        Operator.LESS_THAN_OR_EQUAL: "<=",
        Operator.EQUAL: "=",
        Operator.NOT_EQUAL: "!=",
        Operator.IS_NULL: "IS NULL",
        Operator.IS_NOT_NULL: "IS NOT NULL",
    }
)
_COMPARE: Mapping[Operator, Compare] = MappingProxyType(
    {
        Operator.GREATER_THAN: lambda left, right: left > right,
        Operator.GREATER_THAN_OR_EQUAL: lambda left, right: left >= right,
        Operator.LESS_THAN: lambda left, right: left < right,
        Operator.LESS_THAN_OR_EQUAL: lambda left, right: left <= right,
        Operator.EQUAL: lambda left, right: left == right,
        Operator.NOT_EQUAL: lambda left, right: left != right,
    }
)


@dataclass(frozen=True, slots=True)
class Operand:
    """A column of a result: its value in the first row, or an aggregate of all.

    Attributes:
        name: the column.
        aggregation: what is made of its values; None takes the first.
    """

    name: str
    aggregation: Aggregation | None = None

    def __str__(self) -> str:
        return self.name if self.aggregation is None else f"{self.aggregation}({self.name})"

    def of(self, table: pa.Table) -> Any:
        """Return its value in a result that has rows.

        Raises:
            ApiError: the result has no such column, or one that cannot be aggregated so.
        """
        column = table.column(column_of(table.schema, self.name))
        if self.aggregation is None:
            return column[0].as_py()
        try:
            return _AGGREGATES[self.aggregation](column).as_py()
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
            raise ApiError(
                ErrorCode.DATATYPE_MISMATCH,
                f"{self.aggregation} of column '{self.name}', which is {column.type}, cannot be computed.",
            ) from None


@dataclass(frozen=True, slots=True)
class Condition:
    """When an alert is triggered.

    Attributes:
        source: what is looked at.
        operator: how it is compared.
        threshold: what it is compared with: a value, or another column.
        empty: how the alert stands when its query returns nothing.
    """

    source: Operand
    operator: Operator
    threshold: Operand | Scalar | None
    empty: State = State.UNKNOWN

    @property
    def columns(self) -> tuple[Operand, ...]:
        """The columns that it looks at."""
        return (self.source, self.threshold) if isinstance(self.threshold, Operand) else (self.source,)

    def __str__(self) -> str:
        sign = SIGNS[self.operator]
        return f"{self.source} {sign}" if self.operator.alone else f"{self.source} {sign} {self.threshold}"

    def evaluate(self, table: pa.Table) -> Verdict:
        """Say how an alert stands.

        Args:
            table: the result of its query, or as much of it as its columns need.

        Raises:
            ApiError: the columns are not there, or cannot be compared.
        """
        for operand in self.columns:
            column_of(table.schema, operand.name)
        if not table.num_rows:
            return Verdict(self.empty, None, None)
        value = self.source.of(table)
        if self.operator.alone:
            triggered = (value is None) == (self.operator is Operator.IS_NULL)
            return Verdict(_state(triggered), value, None)
        limit = self.threshold.of(table) if isinstance(self.threshold, Operand) else self.threshold
        if value is None or limit is None:
            return Verdict(State.OK, value, limit)
        left, right = _comparable(value, limit)
        return Verdict(_state(_COMPARE[self.operator](left, right)), value, limit)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an alert stands, and why.

    Attributes:
        state: how.
        value: what was compared; None also when there was nothing.
        threshold: with what.
    """

    state: State
    value: Any
    threshold: Any


def column_of(schema: pa.Schema, name: str) -> int:
    """Return the place of a column, by its name in any case.

    Raises:
        ApiError: COLUMN_NOT_FOUND naming those that there are.
    """
    names = schema.names
    if name in names:
        return int(names.index(name))
    folded = [one.lower() for one in names]
    if name.lower() in folded:
        return folded.index(name.lower())
    raise ApiError(
        ErrorCode.COLUMN_NOT_FOUND, f"The query's result has no column '{name}'; it has {', '.join(names)}."
    )


def _state(triggered: bool) -> State:
    return State.TRIGGERED if triggered else State.OK


def _comparable(left: Any, right: Any) -> tuple[Any, Any]:
    """Return two values as Python compares them: texts are read as what they are compared with."""
    values: list[Any] = [float(one) if isinstance(one, Decimal) else one for one in (left, right)]
    for here, there in ((0, 1), (1, 0)):
        if isinstance(values[here], str) and not isinstance(values[there], str):
            values[here] = _read(values[here], values[there])
    first, second = (one.replace(tzinfo=UTC) if _naive(one) else one for one in values)
    if isinstance(first, bool) == isinstance(second, bool) and (
        type(first) is type(second) or (isinstance(first, int | float) and isinstance(second, int | float))
    ):
        return first, second
    raise ApiError(
        ErrorCode.DATATYPE_MISMATCH,
        f"{left!r} ({type(left).__name__}) cannot be compared with {right!r} ({type(right).__name__}).",
    )


def _naive(value: Any) -> bool:
    return isinstance(value, datetime) and value.tzinfo is None


def _read(text: str, like: Any) -> Any:
    """Return what a text says, if it says something of the type of another value; else the text."""
    try:
        if isinstance(like, bool):
            return {"true": True, "false": False}.get(text.lower(), text)
        if isinstance(like, int | float):
            return float(text)
        if isinstance(like, datetime):
            return datetime.fromisoformat(text)
        return date.fromisoformat(text) if isinstance(like, date) else text
    except ValueError:
        return text


def _numbers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.float64())


_AGGREGATES: Mapping[Aggregation, Callable[[pa.ChunkedArray], pa.Scalar]] = MappingProxyType(
    {
        Aggregation.SUM: lambda column: pc.sum(column),
        Aggregation.COUNT: lambda column: pc.count(column),
        Aggregation.COUNT_DISTINCT: lambda column: pc.count_distinct(column, mode="only_valid"),
        Aggregation.AVG: lambda column: pc.mean(_numbers(column)),
        Aggregation.MEDIAN: lambda column: pc.quantile(_numbers(column), q=0.5)[0],
        Aggregation.MIN: lambda column: pc.min(column),
        Aggregation.MAX: lambda column: pc.max(column),
        # Of a sample, as STDDEV is in SQL.
        Aggregation.STDDEV: lambda column: pc.stddev(_numbers(column), ddof=1),
    }
)
