"""A server under measurement: its process and its memory."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired

from benchmarks.harness import CACHE

_STOP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Memory:
    """The memory of a server, on Linux; elsewhere it is not known.

    Args:
        pid: its process.
    """

    pid: int

    def peak(self) -> float | None:
        """Return the most resident memory that its processes ever had, in MB (10^6 bytes).

        It adds up the peaks of the process and of those it has started, as if they had been at once.
        """
        try:
            return sum(_peak(pid) for pid in _family(self.pid)) / 1e6
        except FileNotFoundError:
            return None


def _peak(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024


def _family(pid: int) -> Iterator[int]:
    """Return a process and all that it has started and that still run."""
    yield pid
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in (thread / "children").read_text().split():
            yield from _family(int(child))


@contextmanager
def process(command: Sequence[str], settings: Mapping[str, str] | None = None) -> Iterator[Popen[str]]:
    """Run a server for the length of a `with` block; it is asked to stop at its end.

    Args:
        command: the program and its arguments.
        settings: environment variables beside the present ones.
    """
    # Its modules are compiled, as they are wherever it has been started before.
    environment = {**os.environ, **(settings or {}), "PYTHONPYCACHEPREFIX": str(CACHE / "bytecode")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    running = Popen(command, env=environment, stdout=PIPE, stderr=DEVNULL, text=True)
    try:
        yield running
    finally:
        running.send_signal(signal.SIGINT)
        try:
            running.wait(_STOP_SECONDS)
        except TimeoutExpired:
            running.kill()
            running.wait()
        if running.stdout is not None:
            running.stdout.close()
