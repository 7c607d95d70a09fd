"""Threads for refreshes: a few run at a time, those of one monitor one after another."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

# More would only share the machine's cores.
_AT_ONCE = 2


class Runner:
    """Runs what has a number, in the order in which it came.

    Args:
        run: runs a number, and is told by a function whether it shall end; it raises nothing.
    """

    def __init__(self, run: Callable[[int, Callable[[], bool]], None]) -> None:
        self._run = run
        self._lock = threading.Lock()
        # What waits for another of its group; there is an entry for each group that has something running.
        self._waiting: dict[str, deque[int]] = {}
        self._running: dict[int, threading.Event] = {}
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="monitor-refreshes")
        self.closing = threading.Event()

    def submit(self, group: str, number: int) -> None:
        """Run a number when it is its turn.

        Args:
            group: of those that run one after another.
            number: what is run.
        """
        with self._lock:
            if group in self._waiting:
                self._waiting[group].append(number)
            elif not self.closing.is_set():
                self._waiting[group] = deque()
                self._pool.submit(self._work, group, number)

    def stop(self, number: int) -> None:
        """Tell a number to end, if it runs."""
        with self._lock:
            if number in self._running:
                self._running[number].set()

    def stop_all(self) -> None:
        """Begin nothing any more, and tell all that runs to end."""
        with self._lock:
            self.closing.set()
            for running in self._running.values():
                running.set()

    def close(self) -> None:
        """Wait for what was told to end."""
        self.stop_all()
        self._pool.shutdown(cancel_futures=True)

    def _work(self, group: str, number: int) -> None:
        told = threading.Event()
        with self._lock:
            self._running[number] = told
            if self.closing.is_set():
                told.set()
        self._run(number, told.is_set)
        with self._lock:
            del self._running[number]
            if self._waiting[group] and not self.closing.is_set():
                self._pool.submit(self._work, group, self._waiting[group].popleft())
            else:
                del self._waiting[group]
