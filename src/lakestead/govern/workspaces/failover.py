"""Which of two workspaces is to be used: the first, unless it does not answer and the second does."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from lakestead.client import Profile
from lakestead.client.health import answers

logger = logging.getLogger("lakestead.govern.workspaces")


@dataclass(frozen=True)
class Member:
    """A workspace that can stand in for another.

    Args:
        url: where it is.
        profile: the way in.
    """

    url: str
    profile: Profile


@dataclass(frozen=True, slots=True)
class Switch:
    """That another workspace is used from a moment on.

    Args:
        time: when, in UTC.
        url: the workspace.
    """

    time: dt.datetime
    url: str


class Failover:
    """Looks whether workspaces answer, in a thread of its own.

    Args:
        primary: used whenever it answers.
        secondary: used while only it answers.
        seconds: between two looks.
        alive: tells whether a workspace answers.
    """

    def __init__(
        self,
        primary: Member,
        secondary: Member,
        seconds: float,
        alive: Callable[[Profile], bool] = answers,
    ) -> None:
        self.members = (primary, secondary)
        self._seconds = seconds
        self._alive = alive
        self._looking = threading.Lock()
        self._active = primary
        self._answering: frozenset[str] = frozenset()
        self._switches: list[Switch] = []
        self._stopped = threading.Event()
        self._watchers: list[Callable[[], None]] = []
        self._thread: threading.Thread | None = None

    @property
    def active(self) -> Member:
        """The workspace that is to be used now."""
        return self._active

    @property
    def answering(self) -> list[Member]:
        """The workspaces that answered at the last look."""
        return [one for one in self.members if one.url in self._answering]

    @property
    def switches(self) -> tuple[Switch, ...]:
        """When another workspace came to be used, the oldest first."""
        return tuple(self._switches)

    def watch(self, changed: Callable[[], None]) -> None:
        """Call something after each look."""
        self._watchers.append(changed)

    def look(self) -> Member:
        """Look now, and return the workspace that is to be used."""
        with self._looking:
            alive = [one for one in self.members if self._alive(one.profile)]
            self._answering = frozenset(one.url for one in alive)
            chosen = alive[0] if alive else self._active
            if chosen is not self._active:
                logger.warning("the workspace %s is used from now on", chosen.url)
                self._switches.append(Switch(dt.datetime.now(dt.UTC), chosen.url))
            self._active = chosen
        for changed in self._watchers:
            changed()
        return chosen

    def start(self) -> None:
        """Look now, and again and again until `close`."""
        self.look()
        self._thread = threading.Thread(target=self._run, name="lakestead-failover", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._seconds):
            self.look()
