"""Spans and metrics as a program's own providers see them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from lakestead.telemetry import auto_instrument_databricks, uninstrument
from lakestead.telemetry.schema import problems
from lakestead.testing import Workspace


@dataclass(frozen=True)
class Seen:
    """What OpenTelemetry was given."""

    tracer_provider: TracerProvider
    meter_provider: MeterProvider
    exporter: InMemorySpanExporter
    reader: InMemoryMetricReader

    @property
    def providers(self) -> dict[str, Any]:
        return {"tracer_provider": self.tracer_provider, "meter_provider": self.meter_provider}

    def spans(self, kind: str | None = None) -> Sequence[ReadableSpan]:
        """Return the spans that have ended; each is as the schema says."""
        found = [span for span in self.exporter.get_finished_spans() if span.name.startswith("genops.")]
        for span in found:
            assert problems(span.name, span.attributes or {}) == []
        return [span for span in found if kind is None or span.name.endswith(f".unity_catalog.{kind}")]

    def points(self, name: str) -> list[tuple[dict[str, Any], Any]]:
        """Return a metric's points: their attributes and values, or sums of a histogram."""
        data = self.reader.get_metrics_data()
        return [
            (dict(point.attributes), getattr(point, "value", getattr(point, "sum", None)))
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        ]


@pytest.fixture
def seen() -> Iterator[Seen]:
    """A program's own providers."""
    exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers, meters = TracerProvider(), MeterProvider(metric_readers=[reader])
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    yield Seen(tracers, meters, exporter, reader)
    tracers.shutdown()
    meters.shutdown()


@pytest.fixture
def instrumented(seen: Seen) -> Iterator[Seen]:
    """Instrumented clients."""
    auto_instrument_databricks(**seen.providers)
    yield seen
    uninstrument()


@pytest.fixture
def schema(workspace_session: Workspace) -> Iterator[str]:
    """The full name of a schema for this test alone."""
    name = f"main.test_{uuid.uuid4().hex[:12]}"
    with workspace_session.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {name}")
        yield name
        cursor.execute(f"DROP SCHEMA {name} CASCADE")
