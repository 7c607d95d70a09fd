"""An OTLP collector for tests."""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .process import listening

_PROGRAM = Path(__file__).with_name("otlp_receiver.py")


@dataclass(frozen=True)
class Collector:
    """A collector that tells what it was sent.

    Attributes:
        url: where it is asked.
        http_port: of OTLP by HTTP.
        grpc_port: of OTLP by gRPC.
    """

    url: str
    http_port: int
    grpc_port: int

    def received(self) -> list[dict[str, Any]]:
        """Return all requests so far, as OTLP's JSON, with their `protocol` and `headers`."""
        found: list[dict[str, Any]] = _ask(f"{self.url}/received")
        return found

    def batches(self) -> list[list[dict[str, Any]]]:
        """Return the spans of each request that has some."""
        return [
            [span for scope in resource["scopeSpans"] for span in scope["spans"]]
            for request in self.received()
            for resource in request.get("resourceSpans", ())
        ]

    def spans(self) -> list[dict[str, Any]]:
        """Return all spans so far."""
        return [span for batch in self.batches() for span in batch]


@contextmanager
def collector(certificate: Path | None = None, key: Path | None = None) -> Iterator[Collector]:
    """Run a collector; with TLS, if a certificate and its key are given."""
    tls = ["--certificate", str(certificate), "--key", str(key)] if certificate else []
    with listening([sys.executable, str(_PROGRAM), *tls], os.environ) as url:
        ports = _ask(f"{url}/ports")
        yield Collector(url, ports["http"], ports["grpc"])


def attributes(span: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of a span of OTLP's JSON; integers are texts there."""
    return {one["key"]: next(iter(one["value"].values())) for one in span.get("attributes", ())}


def _ask(url: str) -> Any:
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)
