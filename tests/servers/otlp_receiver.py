"""An OTLP collector that tells what it was sent: a program of its own.

It prints the URL under which it is asked: GET /ports names the ports of OTLP by HTTP and by gRPC, with TLS
if a certificate and its key are given; GET /received gives every request so far.
"""

from __future__ import annotations

import argparse
import gzip
import json
import ssl
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

RECEIVED: list[dict[str, Any]] = []
KNOWN = {
    "/v1/traces": (trace_service_pb2.ExportTraceServiceRequest, trace_service_pb2.ExportTraceServiceResponse),
    "/v1/metrics": (
        metrics_service_pb2.ExportMetricsServiceRequest,
        metrics_service_pb2.ExportMetricsServiceResponse,
    ),
}


def keep(protocol: str, headers: Mapping[str, str], message: Any) -> None:
    RECEIVED.append({"protocol": protocol, "headers": dict(headers), **MessageToDict(message)})


class Traces(trace_service_pb2_grpc.TraceServiceServicer):
    def Export(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802 - its name
        keep("grpc", dict(context.invocation_metadata()), request)
        return trace_service_pb2.ExportTraceServiceResponse()


class Metrics(metrics_service_pb2_grpc.MetricsServiceServicer):
    def Export(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        keep("grpc", dict(context.invocation_metadata()), request)
        return metrics_service_pb2.ExportMetricsServiceResponse()


class Collector(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request, response = KNOWN[self.path]
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        keep("http", {name.lower(): value for name, value in self.headers.items()}, request.FromString(body))
        self.answer(response().SerializeToString(), "application/x-protobuf")

    def do_GET(self) -> None:
        told: Any = self.server.ports if self.path == "/ports" else RECEIVED  # type: ignore[attr-defined]
        self.answer(json.dumps(told).encode(), "application/json")

    def answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--certificate", type=Path)
    parser.add_argument("--key", type=Path)
    arguments = parser.parse_args()
    by_grpc = grpc.server(ThreadPoolExecutor(4))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(Traces(), by_grpc)
    metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(Metrics(), by_grpc)
    by_http = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    if arguments.certificate:
        pair = (arguments.key.read_bytes(), arguments.certificate.read_bytes())
        grpc_port = by_grpc.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([pair]))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(arguments.certificate, arguments.key)
        by_http.socket = context.wrap_socket(by_http.socket, server_side=True)
    else:
        grpc_port = by_grpc.add_insecure_port("127.0.0.1:0")
    by_grpc.start()
    threading.Thread(target=by_http.serve_forever, daemon=True).start()
    control = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    control.ports = {"http": by_http.server_port, "grpc": grpc_port}  # type: ignore[attr-defined]
    print(f"http://127.0.0.1:{control.server_port}", flush=True)
    control.serve_forever()


if __name__ == "__main__":
    main()
