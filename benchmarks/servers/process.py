"""A server under measurement: its process and its memory."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

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
def process(
    command: Sequence[str], environment: Mapping[str, str], log: IO[str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run a server for the length of a `with` block; it is asked to stop at its end.

    Args:
        command: the program and its arguments.
        environment: of the process.
        log: where its error output goes; nowhere by default.
    """
    running = subprocess.Popen(
        command,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=log or subprocess.DEVNULL,
        text=True,
    )
    try:
        yield running
    finally:
        running.send_signal(signal.SIGINT)
        try:
            running.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
        if running.stdout is not None:
            running.stdout.close()
