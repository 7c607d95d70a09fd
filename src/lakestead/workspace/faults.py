"""Faults on purpose, for tests: an API that is slow, refuses, or loses its answers."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_WORDS = {
    429: ("REQUEST_LIMIT_EXCEEDED", "Too many requests (a fault that was asked for)."),
    500: ("INTERNAL_ERROR", "The request failed (a fault that was asked for)."),
    503: ("TEMPORARILY_UNAVAILABLE", "The service is not available (a fault that was asked for)."),
}


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong with requests to ``/api/``, at random but the same for the same seed and order.

    Attributes:
        rate: the share of requests that are refused before anything was done, from 0 to 1.
        lost: the share that are carried out and then answered with 500, as when an answer is lost.
        statuses: the HTTP statuses of refusals: of 429, 500 and 503.
        retry_after_seconds: what the header Retry-After says with 429 and 503.
        latency_seconds: added to every request.
        seed: of the random numbers.

    Raises:
        ValueError: a share is not between 0 and 1, or a status is none of the three.
    """

    rate: float = 0
    lost: float = 0
    statuses: tuple[int, ...] = (429, 500)
    retry_after_seconds: int = 1
    latency_seconds: float = 0
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.rate, self.lost) < 0 or self.rate + self.lost > 1:
            raise ValueError(f"rate ({self.rate}) and lost ({self.lost}) are shares of 1 together")
        if unknown := set(self.statuses) - set(_WORDS):
            raise ValueError(f"no faults with the statuses {sorted(unknown)}: known are {sorted(_WORDS)}")


class FaultyApplication:
    """An ASGI application before which faults happen.

    Args:
        app: what is served.
        faults: what goes wrong.
    """

    def __init__(self, app: App, faults: Faults) -> None:
        self._app = app
        self._faults = faults
        self._random = random.Random(faults.seed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        draw, status = self._random.random(), self._random.choice(self._faults.statuses)
        await asyncio.sleep(self._faults.latency_seconds)
        if draw < self._faults.rate:
            await self._refuse(send, status)
        elif draw < self._faults.rate + self._faults.lost:
            await self._app(scope, receive, _nowhere)
            await self._refuse(send, 500)
        else:
            await self._app(scope, receive, send)

    async def _refuse(self, send: Send, status: int) -> None:
        code, message = _WORDS[status]
        headers = [(b"content-type", b"application/json")]
        if status != 500:
            headers.append((b"retry-after", str(self._faults.retry_after_seconds).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        body = json.dumps({"error_code": code, "message": message}).encode()
        await send({"type": "http.response.body", "body": body})


async def _nowhere(_: MutableMapping[str, Any]) -> None:
    """Take an answer that nobody gets."""
