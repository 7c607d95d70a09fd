"""What telemetry costs: a span of an instrumented call, and its share of a statement.

A call of databricks-sdk whose answer is there at once, without a network, is made in three ways: alone;
inside a span of bare OpenTelemetry that gets the same attributes, kind and duration metric by hand; and
instrumented. All spans are recorded and thrown away. The share is what instrumentation adds to a statement
of the SQL connector that is not sent, beside the time of one that is: the difference of two that are sent is
less than their noise.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import Any

from databricks.sdk.core import ApiClient
from databricks.sql.client import Cursor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.trace import SpanKind

from benchmarks.harness import Figure, Goal, Group, Size, compared, in_turns
from benchmarks.servers.lakestead import lakestead
from lakestead.telemetry import auto_instrument_databricks, uninstrument

_PATH = "/api/2.1/unity-catalog/catalogs"
_SQL = "select 1"
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
    with _providers() as (tracers, meters, seen):
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


class _Idle:
    """A back end of the SQL connector that has nothing to answer."""

    def execute_command(self, **_: Any) -> None:
        return None


def _statement(size: Size) -> Group:
    with ExitStack() as stack:
        workspace = stack.enter_context(lakestead())
        connection = stack.enter_context(workspace.profile.sql_connection())
        cursor = stack.enter_context(connection.cursor())
        idle: Any = connection.cursor()
        idle.backend = _Idle()
        alone = Cursor.__dict__["execute"]
        tracers, meters, _ = stack.enter_context(_providers())
        auto_instrument_databricks(tracer_provider=tracers, meter_provider=meters)
        stack.callback(uninstrument)
        calls = size(500, 50)
        contenders = {
            _ALONE: _many(lambda: alone(idle, _SQL), calls),
            _OURS: _many(lambda: idle.execute(_SQL), calls),
            _SQL: _many(lambda: alone(cursor, _SQL).fetchall(), calls // 10),
        }
        timings = {name: median(times) for name, times in in_turns(contenders, rounds=size(20, 3)).items()}
    added, statement = (timings[_OURS] - timings[_ALONE]) / calls, timings[_SQL] / (calls // 10)
    figures = [
        Figure("alone", statement * 1000, "ms"),
        Figure("instrumentation adds", added * 1000, "ms"),
        Figure("its share", added / statement * 100, "%", goal=Goal(1)),
    ]
    return Group("`select 1` through the SQL connector, median", figures)


@contextmanager
def _providers() -> Iterator[tuple[TracerProvider, MeterProvider, _Nothing]]:
    seen = _Nothing()
    tracers, meters = TracerProvider(), MeterProvider([InMemoryMetricReader()])
    tracers.add_span_processor(seen)
    yield tracers, meters, seen
    tracers.shutdown()
    meters.shutdown()
