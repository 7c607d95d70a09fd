"""Servers that take messages and keep them: one for webhooks, one for e-mail."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Generic, TypeVar

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

Item = TypeVar("Item")
_PATIENCE_SECONDS = 30


class Inbox(Generic[Item]):
    """What came, in order."""

    def __init__(self) -> None:
        self._items: list[Item] = []
        self._came = threading.Condition()

    def put(self, item: Item) -> None:
        """Keep what came."""
        with self._came:
            self._items.append(item)
            self._came.notify_all()

    def came(self, number: int) -> list[Item]:
        """Return what came once it is so many at least."""
        with self._came:
            assert self._came.wait_for(lambda: len(self._items) >= number, _PATIENCE_SECONDS), self._items
            return list(self._items)

    def wait(self, number: int) -> list[Item]:
        """Return what came once it is so many, which must be all."""
        found = self.came(number)
        assert len(found) == number, found
        return found


@dataclass(frozen=True)
class Posted:
    """A request that a webhook got."""

    path: str
    body: dict[str, Any]
    authorization: str | None


class Webhooks(Inbox[Posted]):
    """A running server for webhooks.

    Attributes:
        url: where it is.
        failures: statuses that the next requests are answered with.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.failures: list[int] = []


@pytest.fixture
def webhooks() -> Iterator[Webhooks]:
    """Run a server for webhooks."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = inbox.failures.pop(0) if inbox.failures else 200
            self.send_response(status)
            self.send_header("Location", f"{inbox.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()
            inbox.put(Posted(self.path, body, self.headers["Authorization"]))

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    inbox = Webhooks(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield inbox
    server.shutdown()
    server.server_close()
    thread.join()


class Mails(Inbox[EmailMessage]):
    """A running mail server.

    Attributes:
        url: what LAKESTEAD_SMTP_URL says of it.
    """

    url = ""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        """Refuse who is called nobody."""
        if address.startswith("nobody"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a mail."""
        assert isinstance(envelope.content, bytes)
        self.put(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def mails() -> Iterator[Mails]:
    """Run a mail server."""
    inbox = Mails()
    with socket.create_server(("127.0.0.1", 0)) as free:  # the controller takes no port 0
        port = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    inbox.url = f"smtp://127.0.0.1:{port}?from=lakestead@example.com"
    yield inbox
    controller.stop()
