"""What telemetry costs: a span of an instrumented call, and its share of a statement.

A call of databricks-sdk whose answer is there at once, without a network, is made in three ways: alone;
inside a span of bare OpenTelemetry that gets the same attributes, kind and duration metric by hand; and
instrumented. All spans are recorded and thrown away. The share is what instrumentation adds to `select 1`
through the SQL connector, as it measures itself (`genops.telemetry.overhead`): the difference of two
statements' times is less than their noise.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import Any

from databricks.sdk.core import ApiClient
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.trace import SpanKind

from benchmarks.harness import Figure, Goal, Group, Size, compared, in_turns
from benchmarks.servers.lakestead import lakestead
from lakestead.telemetry import auto_instrument_databricks, uninstrument

_PATH = "/api/2.1/unity-catalog/catalogs"
_ALONE, _BARE, _OURS = "call alone", "in a bare OpenTelemetry span", "instrumented"


def run(size: Size) -> list[Group]:
    """Measure."""
    return [_call(size), _statement(size)]


class _Nothing(SpanProcessor):
    """Throws spans away, and keeps the last."""

    last: ReadableSpan | None = None

    def on_end(self, span: ReadableSpan) -> None:
        self.last = span


class _Transport:
    """Answers at once."""

    def do(self, **_: Any) -> dict[str, Any]:
        return {}


class _Settings:
    """What `ApiClient.do` asks of its settings."""

    host = "http://127.0.0.1:1"
    _custom_headers: Mapping[str, str] = {}


def _call(size: Size) -> Group:
    client: Any = object.__new__(ApiClient)
    client._cfg, client._api_client = _Settings(), _Transport()
    alone = ApiClient.__dict__["do"]
    with _providers() as (tracers, meters, seen, _):
        auto_instrument_databricks(tracer_provider=tracers, meter_provider=meters)
        try:
            client.do("GET", _PATH)
            assert seen.last is not None
            bare = _bare(tracers, meters, seen.last, lambda: alone(client, "GET", _PATH))
            calls = size(2_000, 200)
            contenders = {
                _BARE: _many(bare, calls),
                _OURS: _many(lambda: client.do("GET", _PATH), calls),
                _ALONE: _many(lambda: alone(client, "GET", _PATH), calls),
            }
            timings = in_turns(contenders, rounds=size(30, 3))
        finally:
            uninstrument()
    goals = {_OURS: Goal(1.3, of_ratio=True)}
    return Group(
        "A call that does nothing, median", compared(timings, "µs", lambda s: s / calls * 1e6, goals)
    )


def _bare(
    tracers: TracerProvider, meters: MeterProvider, span: ReadableSpan, call: Callable[[], object]
) -> Callable[[], object]:
    """Return the call inside a span that a program would make by hand."""
    tracer = tracers.get_tracer("bare")
    duration = meters.get_meter("bare").create_histogram("db.client.operation.duration", "s")
    told = dict(span.attributes or {})
    dimensions = {name: told[name] for name in ("genops.provider", "genops.operation_type", "server.address")}

    def work() -> None:
        start = time.perf_counter()
        with tracer.start_as_current_span(span.name, kind=SpanKind.CLIENT, attributes=told):
            call()
        duration.record(time.perf_counter() - start, dimensions)

    return work


def _many(work: Callable[[], object], calls: int) -> Callable[[], float]:
    def contender() -> float:
        start = time.perf_counter()
        for _ in range(calls):
            work()
        return time.perf_counter() - start

    return contender


def _statement(size: Size) -> Group:
    with ExitStack() as stack:
        workspace = stack.enter_context(lakestead())
        tracers, meters, _, reader = stack.enter_context(_providers())
        auto_instrument_databricks(
            tracer_provider=tracers, meter_provider=meters, enable_performance_metrics=True
        )
        stack.callback(uninstrument)
        cursor = stack.enter_context(stack.enter_context(workspace.profile.sql_connection()).cursor())
        seconds = []
        for _ in range(size(500, 50)):
            start = time.perf_counter()
            cursor.execute("select 1").fetchall()
            seconds.append(time.perf_counter() - start)
        overhead = _overhead(reader)
    share = overhead / median(seconds) * 100
    figures = [
        Figure("`select 1`, instrumented", median(seconds) * 1000, "ms"),
        Figure("of it telemetry", overhead * 1000, "ms", note="mean, measured by itself"),
        Figure("of it telemetry, share", share, "%", goal=Goal(1)),
    ]
    return Group("`select 1` through the SQL connector", figures)


def _overhead(reader: InMemoryMetricReader) -> float:
    """Return the mean seconds that instrumentation itself took."""
    data = reader.get_metrics_data()
    assert data is not None
    (point,) = [
        point
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        if metric.name == "genops.telemetry.overhead"
        for point in metric.data.data_points
    ]
    assert isinstance(point, HistogramDataPoint)
    return point.sum / point.count


@contextmanager
def _providers() -> Iterator[tuple[TracerProvider, MeterProvider, _Nothing, InMemoryMetricReader]]:
    seen, reader = _Nothing(), InMemoryMetricReader()
    tracers, meters = TracerProvider(), MeterProvider([reader])
    tracers.add_span_processor(seen)
    yield tracers, meters, seen, reader
    tracers.shutdown()
    meters.shutdown()
