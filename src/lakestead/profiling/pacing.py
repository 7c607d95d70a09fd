"""Requests to a workspace's API: many at once, at a bounded rate, and again when the service falters.

The SDK itself waits where the service answers 429 or 503, as long as `Retry-After` says. What it does not
send again is a request that ended with an error of the service's own (500, 504); requests made here may all
be repeated, so these are.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from databricks.sdk.errors.base import DatabricksError

    from lakestead.profiling.config import Provisioning

_WAITS_SECONDS = (0.2, 0.4, 0.8, 1.6, 3.2, 6.4)

A = TypeVar("A")
T = TypeVar("T")


class Pace:
    """Spreads requests over time. Many threads may wait.

    Args:
        per_second: how many may begin in a second.
    """

    def __init__(self, per_second: float) -> None:
        self._gap = 1 / per_second
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the caller's turn has come."""
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._gap
        if turn > now:
            time.sleep(turn - now)


class Requests:
    """Makes requests that may be repeated without harm.

    Args:
        settings: how many at once, and how many in a second.
    """

    def __init__(self, settings: Provisioning) -> None:
        self._concurrency = settings.concurrency
        self._pace = Pace(settings.requests_per_second)

    def make(self, request: Callable[[], T]) -> T:
        """Make one request; again, ever later, while the service fails.

        Raises:
            DatabricksError: it is refused, or has failed for the last time.
        """
        from databricks.sdk.errors.base import DatabricksError

        for wait in _WAITS_SECONDS:
            self._pace.wait()
            try:
                return request()
            except DatabricksError as error:
                if not _passes(error):
                    raise
            time.sleep(wait * random.uniform(0.5, 1.5))
        self._pace.wait()
        return request()

    def each(self, items: Iterable[A], work: Callable[[A], T]) -> Iterator[tuple[A, Future[T]]]:
        """Do something with each item, many at once; yield items with what came of them as they are done.

        Args:
            items: what to work on; those that come first are begun first.
            work: what to do; its requests go through :meth:`make`.
        """
        with ThreadPoolExecutor(self._concurrency, thread_name_prefix="profiling") as pool:
            begun = {pool.submit(work, item): item for item in items}
            try:
                for future in as_completed(begun):
                    yield begun[future], future
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def gather(self, items: Iterable[A], work: Callable[[A], T]) -> dict[A, T]:
        """Do something with each item, many at once, and return what came of each.

        Raises:
            DatabricksError: the first that fails.
        """
        return {item: future.result() for item, future in self.each(items, work)}


def _passes(error: DatabricksError) -> bool:
    """Return whether an error is the service's own, and may be gone the next time."""
    from databricks.sdk.errors import (
        DeadlineExceeded,
        InternalError,
        TemporarilyUnavailable,
        TooManyRequests,
    )

    return isinstance(error, InternalError | TemporarilyUnavailable | DeadlineExceeded | TooManyRequests)
