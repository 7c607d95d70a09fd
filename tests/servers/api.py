"""An HTTP API that gives its rows in pages of every kind, wants a log-in, and fails when it is told to."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest


@dataclass(frozen=True)
class Asked:
    """A request that the server got."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: str


@dataclass
class Answer:
    """What the server answers."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class ApiServer:
    """A running API.

    Resources, each with all `rows` in pages of `page_size`: /header_link, /json_link, /offset, /page_number
    (from 1), /cursor, /header_cursor, /single, /wrapped, /stuck (the first page for ever), /elsewhere (the
    next page is on another host), /text (no JSON). `since` in the query leaves out rows whose `at` is less.

    Attributes:
        url: where it is.
        rows: what it has.
        page_size: rows in a page, where the request does not say.
        asked: the requests so far, in order.
        failures: statuses that the next requests are answered with, instead of rows.
        retry_after: seconds that failures say to wait.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.rows: list[dict[str, Any]] = []
        self.page_size = 10
        self.asked: list[Asked] = []
        self.failures: list[int] = []
        self.retry_after: str | None = None
        self._admits: Callable[[Asked], bool] = lambda asked: True
        self._lock = threading.Lock()

    def admit(self, name: str, value: str) -> None:
        """Refuse requests without a header, or else a query parameter, of this value."""
        self._admits = lambda asked: value in (asked.headers.get(name.lower()), asked.query.get(name))

    def admit_basic(self, user: str, password: str) -> None:
        """Refuse requests that are not logged in so."""
        self.admit("Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())

    def answer(self, asked: Asked) -> Answer:
        """Return the answer to a request."""
        with self._lock:
            self.asked.append(asked)
            if asked.path == "/token":
                return self._token(asked)
            if self.failures:
                headers = {"Retry-After": self.retry_after} if self.retry_after else {}
                return Answer({"message": "not now"}, self.failures.pop(0), headers)
        if not self._admits(asked):
            return Answer({"message": "who are you?", "headers": asked.headers}, 401)
        serve = getattr(self, f"_{asked.path.strip('/')}", None)
        return serve(asked) if serve else Answer({"message": "no such resource"}, 404)

    def _token(self, asked: Asked) -> Answer:
        given = dict(parse_qsl(asked.body))
        if given.get("client_secret") != "client-secret":
            return Answer({"error": "invalid_client"}, 401)
        return Answer({"access_token": f"token-of-{given['client_id']}", "expires_in": 3600})

    def _found(self, asked: Asked) -> list[dict[str, Any]]:
        since = asked.query.get("since", "")
        return [row for row in self.rows if str(row.get("at", "")) >= since]

    def _slice(self, asked: Asked, start: int) -> tuple[list[dict[str, Any]], int | None]:
        """Return the rows from a place on, and the place where the next page begins."""
        size = int(asked.query.get("page_size", asked.query.get("limit", self.page_size)))
        found = self._found(asked)
        return found[start : start + size], start + size if start + size < len(found) else None

    def _header_link(self, asked: Asked) -> Answer:
        rows, following = self._slice(asked, int(asked.query.get("from", 0)))
        link = f'<{self.url}/header_link?from={following}>; rel="next"'
        return Answer(rows, headers={"Link": link} if following else {})

    def _json_link(self, asked: Asked) -> Answer:
        rows, following = self._slice(asked, int(asked.query.get("from", 0)))
        return Answer({"data": rows, "next": f"{self.url}/json_link?from={following}" if following else None})

    def _offset(self, asked: Asked) -> Answer:
        return Answer({"items": self._slice(asked, int(asked.query.get("offset", 0)))[0]})

    def _page_number(self, asked: Asked) -> Answer:
        size = int(asked.query.get("page_size", self.page_size))
        return Answer({"results": self._slice(asked, (int(asked.query.get("page", 1)) - 1) * size)[0]})

    def _cursor(self, asked: Asked) -> Answer:
        rows, following = self._slice(asked, int(asked.query.get("cursor", "c0")[1:]))
        return Answer({"data": rows, "cursors": {"next": f"c{following}" if following else None}})

    def _header_cursor(self, asked: Asked) -> Answer:
        rows, following = self._slice(asked, int(asked.query.get("cursor", 0)))
        return Answer(rows, headers={"next": str(following)} if following else {})

    def _single(self, asked: Asked) -> Answer:
        return Answer(self._found(asked))

    def _wrapped(self, asked: Asked) -> Answer:
        return Answer({"meta": {"tags": ["a"]}, "payload": {"list": self._found(asked)}})

    def _stuck(self, asked: Asked) -> Answer:
        return Answer({"results": self.rows[: self.page_size]})

    def _elsewhere(self, asked: Asked) -> Answer:
        return Answer({"data": self.rows, "next": "http://other.example/json_link"})

    def _text(self, asked: Asked) -> Answer:
        return Answer("<html>")


def _handler(api: Callable[[], ApiServer]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            place = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0))).decode()
            answer = api().answer(
                Asked(self.command, place.path, dict(parse_qsl(place.query)), headers, body)
            )
            text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header(
                "Content-Type", "text/html" if isinstance(answer.body, str) else "application/json"
            )
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            """Tests read `asked` instead."""

    return Handler


@pytest.fixture
def api_server() -> Iterator[ApiServer]:
    """An API of its own for each test."""
    made: list[ApiServer] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(lambda: made[0]))
    server.daemon_threads = True
    made.append(ApiServer(f"http://127.0.0.1:{server.server_port}"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made[0]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
