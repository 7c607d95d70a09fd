"""The ids of trace and span on every log record, under the names that OpenTelemetry's logging uses."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from opentelemetry import trace

Factory = Callable[..., logging.LogRecord]


class _Correlating:
    """Makes log records that tell where in a trace they were made."""

    def __init__(self, inner: Factory, service: str) -> None:
        self.inner = inner
        self._service = service

    def __call__(self, *arguments: Any, **options: Any) -> logging.LogRecord:
        record = self.inner(*arguments, **options)
        context = trace.get_current_span().get_span_context()
        record.otelTraceID = f"{context.trace_id:032x}" if context.is_valid else "0"
        record.otelSpanID = f"{context.span_id:016x}" if context.is_valid else "0"
        record.otelTraceSampled = context.trace_flags.sampled
        record.otelServiceName = self._service
        return record


def correlate(service: str) -> None:
    """Put `otelTraceID`, `otelSpanID`, `otelTraceSampled` and `otelServiceName` on log records from now on.

    Args:
        service: the program's name.
    """
    uncorrelate()
    logging.setLogRecordFactory(_Correlating(logging.getLogRecordFactory(), service))


def uncorrelate() -> None:
    """Make log records as before, unless somebody else has changed that since."""
    factory = logging.getLogRecordFactory()
    if isinstance(factory, _Correlating):
        logging.setLogRecordFactory(factory.inner)
