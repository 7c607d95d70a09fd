"""What a project's sources need while it runs: scripts of its own that serve until they are not needed.

A service prints the variables that say where it is, one `NAME=value` a line, and then `ready`. It ends when
its standard input does, which is so however the run ends, also when that is killed.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from lakestead.core.errors import ConfigError, SourceError
from lakestead.run.changes import Reporter

_VARIABLE = re.compile(r"([A-Za-z_]\w*)=(.*)", re.ASCII)
_READY = "ready"
_LAST_SECONDS = 10  # for a service to end by itself


@contextmanager
def serving(scripts: Iterable[Path], folder: Path, reporter: Reporter) -> Iterator[dict[str, str]]:
    """Run a project's services, each by the Python that runs lakestead, in the project's folder.

    Args:
        scripts: relative to the folder.
        folder: the project's.
        reporter: is told which one starts.

    Yields:
        the variables that they print.

    Raises:
        ConfigError: when there is no such script.
        SourceError: when one ends before it is ready; says what it said.
    """
    variables: dict[str, str] = {}
    with ExitStack() as running:
        # All of them start at once; then each is waited for.
        for service in [running.enter_context(_running(script, folder)) for script in scripts]:
            reporter.started(f"start {service.script}")
            variables |= service.variables()
        yield variables


@contextmanager
def _running(script: Path, folder: Path) -> Iterator[_Service]:
    if not (folder / script).is_file():
        raise ConfigError(f"the project's service {folder / script} does not exist")
    service = _Service(script, folder)
    try:
        yield service
    finally:
        service.close()


class _Service:
    """A script that runs; it is read all the time, since a pipe that nobody reads would stop it."""

    def __init__(self, script: Path, folder: Path) -> None:
        self.script = script
        self._process = subprocess.Popen(
            [sys.executable, str(script)],
            cwd=folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            # A terminal's Ctrl-C is for the run, which then ends its services.
            start_new_session=True,
        )
        self._said: list[str] = []
        self._is_ready = False
        self._settled = threading.Event()
        self._reader = threading.Thread(target=self._read, name=f"reads {script}", daemon=True)
        self._reader.start()

    def variables(self) -> dict[str, str]:
        """Wait until it is ready, and return the variables that it has printed."""
        self._settled.wait()
        if not self._is_ready:
            said = "".join(self._said).strip()
            raise SourceError(
                f"{self.script} ended (exit code {self._process.wait()}) before it was ready:\n{said}"
            )
        found = [_VARIABLE.fullmatch(line.rstrip("\r\n")) for line in self._said]
        return {match[1]: match[2] for match in found if match}

    def close(self) -> None:
        """Let it end, and all that it has started; by force if it takes long."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_LAST_SECONDS)
        # What it has started is of its group; often there is none left.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join(_LAST_SECONDS)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                if self._is_ready:
                    continue
                if line.strip() == _READY:
                    self._is_ready = True
                    self._settled.set()
                else:
                    self._said.append(line)
        self._settled.set()
