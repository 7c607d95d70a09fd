"""Timing in turns, and the figures that come of it."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

CACHE = Path(__file__).parent / ".cache"


@dataclass(frozen=True, slots=True)
class Size:
    """How much a run does.

    Attributes:
        quick: small sizes and few repetitions, to see that everything works; its figures mean little.
    """

    quick: bool = False

    def __call__(self, full: int, quick: int) -> int:
        """Return the first for a full run, the second for a quick one."""
        return quick if self.quick else full


@dataclass(frozen=True, slots=True)
class Goal:
    """A limit that a figure, or its ratio to the peer, is to keep."""

    limit: float
    least: bool = False
    of_ratio: bool = False

    def met(self, value: float, ratio: float | None) -> bool:
        """Return whether the limit is kept."""
        measured = ratio if self.of_ratio else value
        if measured is None:
            return False
        return measured >= self.limit if self.least else measured <= self.limit

    def text(self, unit: str) -> str:
        """Return the limit in words."""
        return f"{'≥' if self.least else '≤'} {self.limit:g}{'×' if self.of_ratio else f' {unit}'}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the results.

    Attributes:
        subject: what was measured; the first figure of a group is the peer of the others.
        value: None when it could not be measured; the note says why.
        unit: e.g. ``ms`` or ``Mrows/s``.
        ratio: value / the peer's value.
        goal: what it should be.
        note: what one must know to read it.
    """

    subject: str
    value: float | None
    unit: str
    ratio: float | None = None
    goal: Goal | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None when there is none or nothing was measured."""
        if self.goal is None or self.value is None:
            return None
        return self.goal.met(self.value, self.ratio)


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of one question."""

    title: str
    figures: list[Figure]


# Does its work once and returns the seconds that count.
Contender = Callable[[], float]
Timings = dict[str, list[float]]


def timed(work: Callable[[], object]) -> Contender:
    """Return a contender whose work counts from its start to its end."""

    def contender() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return contender


def in_turns(contenders: Mapping[str, Contender], rounds: int, calls: int = 1) -> Timings:
    """Time contenders in turns, after one round that does not count.

    Args:
        contenders: by name.
        rounds: how often each gets its turn.
        calls: how often it does its work in a turn.

    Returns:
        Seconds of each time, by name.
    """
    timings: Timings = {name: [] for name in contenders}
    names = list(contenders)
    for number in range(rounds + 1):
        # Whoever comes after another finds what that one left in the caches: let everybody start a round.
        first = number % len(names)
        for name in names[first:] + names[:first]:
            gc.collect()
            seconds = [contenders[name]() for _ in range(calls)]
            if number:
                timings[name] += seconds
    return timings


def compared(
    timings: Timings,
    unit: str,
    value: Callable[[float], float],
    goals: Mapping[str, Goal] | None = None,
    notes: Mapping[str, str] | None = None,
) -> list[Figure]:
    """Return the medians of timings as figures; the first contender is the peer.

    Args:
        timings: seconds by name.
        unit: of the figures.
        value: turns median seconds into the unit.
        goals: by name.
        notes: by name.
    """
    values = {name: value(median(seconds)) for name, seconds in timings.items()}
    peer = next(iter(values))
    return [
        Figure(
            name,
            figure,
            unit,
            None if name == peer else figure / values[peer],
            (goals or {}).get(name),
            (notes or {}).get(name, ""),
        )
        for name, figure in values.items()
    ]
