"""Where spans and metrics go: OTLP collectors by gRPC or HTTP, Prometheus, the console."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lakestead.core.errors import ConfigError
from lakestead.telemetry.settings import Protocol, Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricReader
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.sdk.trace.export import SpanExporter
    from prometheus_client import CollectorRegistry
    from requests import Session


def span_processors(settings: Settings) -> list[SpanProcessor]:
    """Return what sends spans away, as the settings say; nothing if they name no place.

    Raises:
        ConfigError: when a certificate cannot be read.
    """
    from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

    processors: list[SpanProcessor] = []
    if settings.collector:
        processors.append(_processor(_span_exporter(settings), settings))
    if settings.export_traces_to_console:
        processors.append(SimpleSpanProcessor(ConsoleSpanExporter()))
    return processors


def metric_readers(settings: Settings) -> list[MetricReader]:
    """Return what sends metrics away, as the settings say; nothing if they name no place.

    Raises:
        ConfigError: when a certificate cannot be read.
    """
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

    readers: list[MetricReader] = []
    if settings.collector:
        readers.append(
            PeriodicExportingMetricReader(
                _metric_exporter(settings),
                export_interval_millis=settings.flush_interval_seconds * 1000,
            )
        )
    return readers


class PrometheusServer:
    """Offers metrics to Prometheus.

    Args:
        host: the address of this machine to listen on.
        port: 0 takes any free one.
        registry: what gathers them.

    Raises:
        ConfigError: when the port cannot be had.
    """

    def __init__(self, host: str, port: int, registry: CollectorRegistry) -> None:
        from prometheus_client import start_http_server

        try:
            self._server, self._thread = start_http_server(port=port, addr=host, registry=registry)
        except OSError as error:
            raise ConfigError(f"prometheus_port: cannot listen on {host}:{port}: {error}") from error
        self.url = f"http://{host}:{self._server.server_port}/metrics"

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def prometheus(host: str, port: int) -> tuple[MetricReader, PrometheusServer]:
    """Return what gathers metrics for Prometheus, and the server that offers them.

    Raises:
        ConfigError: when the port cannot be had.
    """
    from opentelemetry.exporter.prometheus import PrometheusMetricReader
    from prometheus_client import CollectorRegistry

    registry = CollectorRegistry()
    server = PrometheusServer(host, port, registry)
    return PrometheusMetricReader(scope_info_enabled=False, registry=registry), server


def _processor(exporter: SpanExporter, settings: Settings) -> SpanProcessor:
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor

    if not settings.async_telemetry_export:
        return SimpleSpanProcessor(exporter)
    return BatchSpanProcessor(
        exporter,
        # The SDK's own default, and never less than two batches: it drops what does not fit.
        max_queue_size=max(2_048, 2 * settings.batch_size),
        max_export_batch_size=settings.batch_size,
        schedule_delay_millis=settings.flush_interval_seconds * 1000,
    )


def _span_exporter(settings: Settings) -> SpanExporter:
    if settings.protocol is Protocol.HTTP:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter

        return HttpExporter(**_http(settings, "traces"))
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter(**_grpc(settings))


def _metric_exporter(settings: Settings) -> Any:
    if settings.protocol is Protocol.HTTP:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpExporter

        return HttpExporter(**_http(settings, "metrics"))
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter

    return OTLPMetricExporter(**_grpc(settings))


def _http(settings: Settings, signal: str) -> dict[str, Any]:
    from opentelemetry.exporter.otlp.proto.http import Compression

    endpoint = settings.otlp_endpoint  # without one, exporters ask the environment themselves
    return {
        "endpoint": endpoint and f"{endpoint.rstrip('/')}/v1/{signal}",
        "headers": settings.otlp_headers or None,
        "certificate_file": _path(settings.otlp_certificate),
        "client_certificate_file": _path(settings.otlp_client_certificate),
        "client_key_file": _path(settings.otlp_client_key),
        "session": _trusting() if settings.otlp_certificate else None,
        "compression": Compression.Gzip if settings.enable_compression else None,
    }


def _trusting() -> Session:
    """Return a session that checks the collector by the certificates that it is given.

    With a session of `requests` itself, REQUESTS_CA_BUNDLE in the environment would be put above them.
    """
    from requests import Session

    class Trusting(Session):
        def merge_environment_settings(
            self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
        ) -> Any:
            verify = self.verify if verify is None else verify
            return super().merge_environment_settings(url, proxies, stream, verify, cert)

    return Trusting()


def _grpc(settings: Settings) -> dict[str, Any]:
    import grpc

    credentials = None
    if settings.otlp_certificate or settings.otlp_client_certificate:
        credentials = grpc.ssl_channel_credentials(
            root_certificates=_read(settings.otlp_certificate),
            private_key=_read(settings.otlp_client_key),
            certificate_chain=_read(settings.otlp_client_certificate),
        )
    return {
        "endpoint": settings.otlp_endpoint,
        "headers": _lower(settings.otlp_headers) or None,
        "credentials": credentials,
        "compression": grpc.Compression.Gzip if settings.enable_compression else None,
    }


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers for gRPC, which takes their names in lower case only."""
    return {name.lower(): value for name, value in headers.items()}


def _path(path: Path | None) -> str | None:
    if path is not None and not path.is_file():
        raise ConfigError("is no file", where=str(path))
    return str(path) if path else None


def _read(path: Path | None) -> bytes | None:
    found = _path(path)
    return Path(found).read_bytes() if found else None
