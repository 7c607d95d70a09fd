"""Checks of spans as they end, by their schema."""

from __future__ import annotations

import logging

from opentelemetry import metrics
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor

from lakestead.telemetry.attributes import SPAN_PREFIX
from lakestead.telemetry.schema import problems

logger = logging.getLogger("lakestead.telemetry")


class SchemaProcessor(SpanProcessor):
    """Logs and counts spans that are not as `schema.json` says; they are sent all the same.

    A program must not fail because of what is told about it, so nothing is raised.
    """

    def __init__(self) -> None:
        meter = metrics.get_meter("lakestead.telemetry")
        self._violations = meter.create_counter(
            "genops.telemetry.schema_violation", description="Spans that are not as their schema says"
        )

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Nothing is known yet."""

    def on_end(self, span: ReadableSpan) -> None:
        """Check a span that is one of ours by its name."""
        if not span.name.startswith(SPAN_PREFIX):
            return
        found = problems(span.name, span.attributes or {})
        if found:
            self._violations.add(1, {"span_name": span.name})
            logger.error("the span %s is not as its schema says: %s", span.name, "; ".join(found))
