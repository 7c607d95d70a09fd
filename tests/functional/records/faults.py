"""A proxy before a workspace that lets requests fail as networks and services do."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lakestead.testing import Workspace


class Faults:
    """What happens to statements on their way.

    Attributes:
        busy: how many statements are refused with 503 and Retry-After before they arrive.
        broken: how many statements arrive, and the connection breaks before their answer.
        arrived: how many statements did arrive.
    """

    def __init__(self) -> None:
        self.busy = 0
        self.broken = 0
        self.arrived = 0
        self.text = b""


@contextmanager
def faulty(workspace: Workspace) -> Iterator[tuple[str, Faults]]:
    """Serve a workspace through a proxy; yield its URL and its faults."""
    faults = Faults()
    host = workspace.host.removeprefix("http://")

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            hit = b"ExecuteStatement" in body and faults.text in body
            if hit and faults.busy:
                faults.busy -= 1
                self.send_response(503)
                self.send_header("Retry-After", "1")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            faults.arrived += hit
            server = http.client.HTTPConnection(host, timeout=60)
            server.request(self.command, self.path, body, dict(self.headers))
            answer = server.getresponse()
            content = answer.read()
            server.close()
            if hit and faults.broken:
                faults.broken -= 1
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in (
                    "transfer-encoding",
                    "content-length",
                    "connection",
                    "date",
                    "server",
                ):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = forward  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        proxy.daemon_threads = True
        thread = threading.Thread(target=proxy.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{proxy.server_port}", faults
        finally:
            proxy.shutdown()
            thread.join()
