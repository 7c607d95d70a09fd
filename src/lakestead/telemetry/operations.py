"""Operations: what is done to catalogs, tables and warehouses, each a span with its metrics."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextvars import Token
from decimal import Decimal
from types import TracebackType
from typing import TYPE_CHECKING, Any

from lakestead.telemetry import attributes as names

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from lakestead.telemetry.recorder import Recorder

Value = str | bool | int | float | Sequence[str] | Sequence[bool] | Sequence[int] | Sequence[float]

_KEYWORDS = {
    "team": names.GENOPS_TEAM,
    "project": names.GENOPS_PROJECT,
    "environment": names.GENOPS_ENVIRONMENT,
    "cost_center": names.GENOPS_COST_CENTER,
    "data_classification": names.GENOPS_DATA_CLASSIFICATION,
    "user": "genops.user",
    "metastore_id": names.GENOPS_METASTORE_ID,
    "row_count": names.GENOPS_ROW_COUNT,
    "data_size_bytes": names.GENOPS_SIZE_BYTES,
    "cost": names.GENOPS_COST_TOTAL,
    "currency": names.GENOPS_COST_CURRENCY,
    "resource_type": names.GENOPS_COST_RESOURCE_TYPE,
    "compute_units": "genops.cost.dbus",
    "query_type": "genops.query.type",
    "query_duration_ms": "genops.query.duration_ms",
    "warehouse_size": "genops.warehouse.size",
    "policy_check": names.GENOPS_POLICY_CHECK,
    "lineage_upstream": names.GENOPS_LINEAGE_UPSTREAM,
    "lineage_downstream": names.GENOPS_LINEAGE_DOWNSTREAM,
}
_CUSTOM = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*\Z")
_CONDITION = re.compile(r"\[([A-Z][A-Z0-9_]+(?:\.[A-Z0-9_]+)*)\]")
_SQLSTATE = re.compile(r"SQLSTATE: ?([0-9A-Z]{5})\b")


def attributes_of(keywords: Mapping[str, Any]) -> dict[str, Value]:
    """Return span attributes for keywords such as `team` and `row_count`; others are `genops.custom.*`.

    Args:
        keywords: None counts as not given.

    Raises:
        TypeError: for a value that no attribute can hold.
        ValueError: for a name that no attribute can have.
    """
    return {_name(key): _value(key, value) for key, value in keywords.items() if value is not None}


def _name(key: str) -> str:
    known = _KEYWORDS.get(key)
    if known is None and not _CUSTOM.match(key):
        raise ValueError(f"'{key}' cannot be the name of an attribute: letters, digits, '_' and '.' can")
    return known or names.GENOPS_CUSTOM + key


def _value(key: str, value: Any) -> Value:
    if isinstance(value, Decimal):
        return float(value)  # OpenTelemetry knows no decimals; what is booked stays exact elsewhere
    if isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Sequence | set | frozenset):
        return [str(one) for one in (sorted(value) if isinstance(value, set | frozenset) else value)]
    raise TypeError(
        f"{key}: a span can show text, numbers, booleans and lists of them, not {type(value).__name__}"
    )


class Operation:
    """An operation on its way, or done. As a context manager, what happens inside belongs to it.

    Attributes:
        kind: what is done with what, such as `table.query`.
        name: the span's.
        attributes: the span's.
        seconds: how long it took; None until it has ended.
        overhead: the seconds of it that telling of it took.
    """

    __slots__ = (
        "_before_end",
        "_began",
        "_current",
        "_recorder",
        "attributes",
        "kind",
        "name",
        "overhead",
        "seconds",
        "span",
    )

    def __init__(
        self,
        recorder: Recorder,
        span: Span,
        kind: str,
        attributes: dict[str, Any],
        began: int,
        before_end: Callable[[Operation], None] | None = None,
    ) -> None:
        self._recorder = recorder
        self._began = began
        self._before_end = before_end
        self._current: Token[Any] | None = None
        self.span = span
        self.kind = kind
        self.name = names.SPAN_PREFIX + kind
        self.attributes = attributes
        self.seconds: float | None = None
        self.overhead = 0.0

    def __enter__(self) -> Operation:
        self._current = self._recorder.enter(self.span)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._current is not None
        self._recorder.leave(self._current)
        if error is not None:
            self.fail(error)
        self.end()

    @property
    def elapsed(self) -> float:
        """The seconds since it began."""
        return (time.time_ns() - self._began) / 1e9

    @property
    def trace_id(self) -> str:
        """The trace, as 32 hexadecimal digits."""
        return f"{self.span.get_span_context().trace_id:032x}"

    @property
    def span_id(self) -> str:
        """The span, as 16 hexadecimal digits."""
        return f"{self.span.get_span_context().span_id:016x}"

    @property
    def traceparent(self) -> str:
        """The W3C trace context that others can continue."""
        flags = self.span.get_span_context().trace_flags
        return f"00-{self.trace_id}-{self.span_id}-{flags:02x}"

    def set(self, **keywords: Any) -> None:
        """Say more of it: `row_count`, `data_size_bytes`, `cost`, …; other names are `genops.custom.*`.

        Raises:
            TypeError, ValueError: as in `attributes_of`.
        """
        self.put(self._recorder.presentable(attributes_of(keywords)))

    def put(self, attributes: Mapping[str, Value]) -> None:
        """Say more of it by attributes."""
        self.attributes.update(attributes)
        self.span.set_attributes(attributes)

    def fail(self, error: BaseException) -> None:
        """Say that it failed."""
        code = getattr(error, "error_code", None)
        self.refused(str(code or type(error).__qualname__), str(error))

    def refused(self, kind: str, message: str, state: str | None = None) -> None:
        """Say that it failed. An error's message may hold data, so only its condition is told.

        Args:
            kind: the error's, if its message names no condition.
            message: what it says.
            state: its SQLSTATE, if its message does not name it.
        """
        from opentelemetry.trace import Status, StatusCode

        condition, named = _CONDITION.search(message), _SQLSTATE.search(message)
        kind = condition.group(1) if condition else kind
        state = named.group(1) if named else state
        self.put({names.ERROR_TYPE: kind, **({names.DB_STATUS_CODE: state} if state else {})})
        self.span.set_status(Status(StatusCode.ERROR, kind))

    def end(self) -> None:
        """Say that it is over; once."""
        if self.seconds is None:
            if self._before_end is not None:
                self._before_end(self)
            now = time.time_ns()
            self.seconds = (now - self._began) / 1e9
            self._recorder.ended(self, now)
