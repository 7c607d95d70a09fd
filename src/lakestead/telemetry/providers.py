"""OpenTelemetry providers that are made here, so that they can be told from a program's own."""

from __future__ import annotations

from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider


class OwnTracerProvider(TracerProvider):
    """Makes spans."""


class OwnMeterProvider(MeterProvider):
    """Makes metrics.

    Args:
        prometheus: a server that offers them; stopped with the provider.
        options: what a MeterProvider takes.
    """

    def __init__(self, prometheus: Any = None, **options: Any) -> None:
        self.prometheus = prometheus
        super().__init__(**options)

    def shutdown(self, timeout_millis: float = 30_000) -> None:
        """Send what has gathered, and end."""
        super().shutdown(timeout_millis)
        if self.prometheus is not None:
            self.prometheus.close()
            self.prometheus = None
