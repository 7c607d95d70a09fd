"""The clock of the workspace: does what is due, whatever it is."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from lakestead.workspace.schedules.quartz import Cron, parse

logger = logging.getLogger(__name__)

Action: TypeAlias = Callable[[], object]
# Actions that run at the same time; more wait for those.
_AT_ONCE = 64
# The clock is looked at this often at least: it may be put, or the machine sleep.
_LOOK_SECONDS = 30.0


@dataclass(slots=True)
class _Entry:
    cron: Cron
    action: Action
    due: datetime | None
    running: Future[None] | None = None


def _now() -> datetime:
    return datetime.now(UTC)


class Schedules:
    """Runs actions at the times of their schedules, in threads of their own.

    Schedules are kept by those whose they are, who set them again when the workspace starts. What was due
    while it was down is not made up for; an action that still runs when it is due again runs on alone.

    Args:
        now: the time; tests may have their own.
    """

    def __init__(self, now: Callable[[], datetime] = _now) -> None:
        self._now = now
        self._entries: dict[str, _Entry] = {}
        self._changed = threading.Condition()
        self._closed = False
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="schedule")
        self._clock = threading.Thread(target=self._run, name="schedules", daemon=True)

    def start(self) -> None:
        """Start the clock; before that nothing is due."""
        self._clock.start()

    def set(self, key: str, quartz: str, timezone: str, action: Action) -> None:
        """Run an action at certain times from now on, instead of what the key stood for.

        Args:
            key: whose schedule it is.
            quartz: a Quartz cron expression.
            timezone: name of the time zone that it is meant for.
            action: takes nothing; what it raises is logged, what it returns is not looked at.

        Raises:
            ApiError: INVALID_REQUEST for an expression or a time zone that is none.
        """
        cron = parse(quartz, timezone)
        with self._changed:
            self._entries[key] = _Entry(cron, action, cron.next(self._now()))
            self._changed.notify()

    def remove(self, key: str) -> None:
        """Do nothing more for a key; it may have none."""
        with self._changed:
            self._entries.pop(key, None)

    def run_due(self, now: datetime) -> list[Future[None]]:
        """Start all actions that are due, and return them for who waits for their end.

        Args:
            now: the time.
        """
        started: list[Future[None]] = []
        with self._changed:
            for key, entry in self._entries.items():
                if entry.due is None or entry.due > now or self._closed:
                    continue
                entry.due = entry.cron.next(now)
                if entry.running is None or entry.running.done():
                    entry.running = self._pool.submit(_run, key, entry.action)
                    started.append(entry.running)
        return started

    def stop(self) -> None:
        """Stop the clock: nothing more is due."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def close(self) -> None:
        """Stop the clock, and wait for the actions that run: what they wait for was stopped before."""
        self.stop()
        if self._clock.ident is not None:
            self._clock.join()
        self._pool.shutdown(cancel_futures=True)

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._closed:
                    return
                self._changed.wait(self._pause())
            self.run_due(self._now())

    def _pause(self) -> float:
        """Return the seconds until something is due."""
        due = min((entry.due for entry in self._entries.values() if entry.due is not None), default=None)
        if due is None:
            return _LOOK_SECONDS
        return min(max((due - self._now()).total_seconds(), 0.0), _LOOK_SECONDS)


def _run(key: str, action: Action) -> None:
    try:
        action()
    except Exception:
        # The edge of what the clock knows: one action that fails must not be the end of the others.
        logger.exception("the schedule of %s failed", key)
