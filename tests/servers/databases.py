"""Database servers that tests start as programs of their own, and the user that they run as."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

# What no database server refuses to run as, when the tests run as root.
_UNPRIVILEGED = "nobody"


@dataclass(frozen=True)
class Account:
    """Who a server runs as: us, or nobody if we are root, which database servers refuse."""

    name: str | None = field(default_factory=lambda: _UNPRIVILEGED if os.geteuid() == 0 else None)

    def own(self, path: Path) -> Path:
        """Give a path to the account."""
        if self.name is not None:
            os.chown(path, pwd.getpwnam(self.name).pw_uid, -1)
        return path

    def run(self, command: Sequence[str | Path], **options: object) -> None:
        """Run a program to its end.

        Raises:
            OSError: when it fails; says what it said.
        """
        done = subprocess.run(
            [str(part) for part in command],
            user=self.name,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            **options,  # type: ignore[call-overload]
        )
        if done.returncode:
            raise OSError(f"{command[0]} failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")

    @contextmanager
    def serving(
        self, command: Sequence[str | Path], said: str, end: signal.Signals
    ) -> Iterator[subprocess.Popen[str]]:
        """Run a server, ready once its output has `said`, and end it with a signal.

        Raises:
            OSError: when it ends before; says what it said.
        """
        process = subprocess.Popen(
            [str(part) for part in command],
            user=self.name,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
        )
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if said in line:
                break
        else:
            process.wait()
            raise OSError(f"{command[0]} did not start: {''.join(lines)[-2000:]}")
        # A pipe that nobody reads would stop it.
        reader = threading.Thread(target=_drain, args=(process.stdout,), daemon=True)
        reader.start()
        try:
            yield process
        finally:
            process.send_signal(end)
            process.wait()
            reader.join()
            process.stdout.close()


@contextmanager
def folder(account: Account) -> Iterator[Path]:
    """Make a folder that the account owns and others may pass through; pytest's own are closed to it."""
    path = account.own(Path(tempfile.mkdtemp(prefix="lakestead-server-")))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path)


def free_port() -> int:
    """Return a TCP port that nothing listened on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _drain(lines: Iterator[str]) -> None:
    for _ in lines:
        continue
