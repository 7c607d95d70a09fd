"""The OpenTelemetry providers that spans and metrics go through: the program's own, or ours."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from lakestead.core.errors import ConfigError, MissingExtra
from lakestead.telemetry.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.trace import TracerProvider

_NAME = "lakestead"
# What only the one who makes a provider can say of it.
_MAKERS = ("service_name", "enable_sampling")
_TRACES = (
    *_MAKERS,
    "otlp_endpoint",
    "otlp_protocol",
    "otlp_headers",
    "export_traces_to_console",
    "validate_telemetry_schema",
    "async_telemetry_export",
    "batch_size",
    "flush_interval_seconds",
    "enable_compression",
)
_METRICS = (
    "service_name",
    "otlp_endpoint",
    "prometheus_port",
    "flush_interval_seconds",
    "enable_compression",
)


@dataclass(frozen=True)
class Pipeline:
    """Where spans and metrics go.

    Attributes:
        tracer_provider: makes spans.
        meter_provider: makes metrics.
        ours: what was made for this pipeline alone and ends with it. What became the program's goes on until
            the program ends.
    """

    tracer_provider: TracerProvider
    meter_provider: MeterProvider
    ours: tuple[Any, ...] = ()

    def flush(self, seconds: float = 30.0) -> bool:
        """Send what has gathered; return whether that was done in time.

        Args:
            seconds: how long to wait at most.
        """
        flushes = [getattr(one, "force_flush", None) for one in (self.tracer_provider, self.meter_provider)]
        done = [bool(flush(int(seconds * 1000))) for flush in flushes if flush is not None]
        return all(done)

    def shutdown(self) -> None:
        """Send what has gathered, and end what is ours."""
        self.flush()
        for provider in self.ours:
            provider.shutdown()


def make(
    settings: Settings,
    tracer_provider: TracerProvider | None = None,
    meter_provider: MeterProvider | None = None,
) -> Pipeline:
    """Return the pipeline that the settings ask for.

    A program's own providers are used and never replaced. Where it has none, ours become the program's.

    Args:
        settings: what is asked for.
        tracer_provider: use this one, instead of the program's.
        meter_provider: use this one, instead of the program's.

    Raises:
        ConfigError: when they ask of the program's own provider what only its maker can say.
        MissingExtra: without `lakestead[telemetry]`.
    """
    try:
        import opentelemetry.sdk  # noqa: F401
    except ImportError:
        raise MissingExtra("telemetry", "telemetry") from None
    tracers, own_tracers = _tracers(settings, tracer_provider)
    meters, own_meters = _meters(settings, meter_provider)
    return Pipeline(tracers, meters, tuple(one for one in (own_tracers, own_meters) if one is not None))


def _tracers(settings: Settings, given: TracerProvider | None) -> tuple[TracerProvider, Any]:
    from opentelemetry import trace

    from lakestead.telemetry.conformance import SchemaProcessor
    from lakestead.telemetry.exporting import span_processors
    from lakestead.telemetry.providers import OwnTracerProvider

    found = given or trace.get_tracer_provider()
    unset = isinstance(found, trace.ProxyTracerProvider)
    if not unset and not settings.given(_TRACES):
        return found, None
    processors = span_processors(settings)
    if settings.validate_telemetry_schema:
        processors.append(SchemaProcessor())
    if unset or isinstance(found, OwnTracerProvider):
        provider = _tracer_provider(settings)
        if unset:
            trace.set_tracer_provider(provider)
    else:
        provider = _extendable(found, settings)
    for processor in processors:
        provider.add_span_processor(processor)
    return provider, None if provider is found or unset else provider


def _tracer_provider(settings: Settings) -> Any:
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    from lakestead.telemetry.providers import OwnTracerProvider

    # Without a rate of its own, the environment's OTEL_TRACES_SAMPLER holds.
    sampler = ParentBased(TraceIdRatioBased(settings.sampling_rate)) if settings.enable_sampling else None
    return OwnTracerProvider(sampler=sampler, resource=_resource(settings))


def _extendable(provider: TracerProvider, settings: Settings) -> Any:
    """Return a program's own provider, if what is asked of it can be added to it."""
    asked = settings.given(_MAKERS)
    if asked or not hasattr(provider, "add_span_processor"):
        raise ConfigError(
            f"{', '.join(asked or settings.given(_TRACES))}: this program has a TracerProvider of its own,"
            " which is used and not replaced; say it where that is made, or call this before"
        )
    return provider


def _meters(settings: Settings, given: MeterProvider | None) -> tuple[MeterProvider, Any]:
    from opentelemetry import metrics
    from opentelemetry.metrics import _internal as internals  # the only place that tells a proxy

    from lakestead.telemetry.providers import OwnMeterProvider

    found = given or metrics.get_meter_provider()
    unset = isinstance(found, internals._ProxyMeterProvider)
    if not unset and not settings.given(_METRICS):
        return found, None
    if not unset and not isinstance(found, OwnMeterProvider):
        if settings.prometheus_port is not None:
            raise ConfigError(
                "prometheus_port: this program has a MeterProvider of its own, which is used and not"
                " replaced; add a PrometheusMetricReader where that is made, or call this before"
            )
        return found, None
    provider = _meter_provider(settings)
    if unset:
        metrics.set_meter_provider(provider)
    return provider, None if unset else provider


def _meter_provider(settings: Settings) -> Any:
    from lakestead.telemetry.exporting import metric_readers, prometheus
    from lakestead.telemetry.providers import OwnMeterProvider

    readers = metric_readers(settings)
    server = None
    if settings.prometheus_port is not None:
        reader, server = prometheus(settings.prometheus_host, settings.prometheus_port)
        readers.append(reader)
    return OwnMeterProvider(prometheus=server, metric_readers=readers, resource=_resource(settings))


def _resource(settings: Settings) -> Resource:
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource

    return Resource.create(
        {
            SERVICE_NAME: settings.service,
            "telemetry.distro.name": _NAME,
            "telemetry.distro.version": version(_NAME),
        }
    )
