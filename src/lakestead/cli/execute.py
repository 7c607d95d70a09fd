"""`lakestead exec`: a program with a workspace around it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from lakestead.cli.exits import Exit
from lakestead.cli.output import complain
from lakestead.testing import serve

_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
# Those that a terminal sends to every process in its foreground, so to the program too.
_FROM_TERMINAL = (signal.SIGINT, signal.SIGQUIT)


def execute(command: Sequence[str], path: Path | None) -> int:
    """Run a program with a workspace's environment.

    Args:
        command: the program and its arguments.
        path: the workspace's folder; a temporary one if None.

    Returns:
        The program's exit code; 128 plus the signal's number if a signal ended it.
    """
    with serve(path) as workspace:
        environment = {**_without_databricks(os.environ), **workspace.env()}
        try:
            program = subprocess.Popen(command, env=environment)
        except FileNotFoundError:
            complain(f"there is no program '{command[0]}'")
            return Exit.NOT_FOUND
        except OSError as error:
            complain(f"'{command[0]}' cannot be run: {error.strerror}")
            return Exit.NOT_EXECUTABLE
        with _signals_to(program):
            code = program.wait()
    return code if code >= 0 else Exit.SIGNALLED - code


def _without_databricks(environment: Mapping[str, str]) -> dict[str, str]:
    """Another workspace's settings must not mix with this one's."""
    return {name: value for name, value in environment.items() if not name.startswith("DATABRICKS_")}


@contextmanager
def _signals_to(program: subprocess.Popen[bytes]) -> Iterator[None]:
    """Pass on the signals that this process gets, while the program runs."""

    def pass_on(number: int, frame: FrameType | None) -> None:
        if number not in _FROM_TERMINAL or not _in_foreground():
            program.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in _PASSED_ON}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _in_foreground() -> bool:
    """Whether this process is in the foreground of a terminal."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    finally:
        os.close(terminal)
