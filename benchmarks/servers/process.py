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
    """The memory of a process, on Linux; elsewhere it is not known.

    Args:
        pid: the process.
    """

    pid: int

    def peak(self) -> float | None:
        """Return the most resident memory it ever had, in MB (10^6 bytes)."""
        try:
            lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        except FileNotFoundError:
            return None
        kilobytes = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
        return kilobytes * 1024 / 1e6


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
