"""The embedded workspace for a program that names no other: started when needed, shared, ended after use.

The toolkit may not import the workspace, so that it is started by its command line, in a process of its own.
Every program that uses it holds a connection to it (its lifeline); when the last one has gone, by whatever
end, it stops.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from lakestead.client.profile import Profile
from lakestead.core.errors import ConfigError, ConnectionFailed, LakesteadError, MissingExtra, WorkspaceLocked

DEFAULT_FOLDER = Path(".lakestead")
"""The folder that keeps the workspace when none is named, in the working directory."""

_ADDRESS_FILE = "address.json"
_START_SECONDS = 120.0
_STEP_SECONDS = 0.02
_ANSWER_SECONDS = 10.0
# What a lifeline says: when it is joined, and when it is left while others hold on.
_ATTACHED = _OTHERS = b"+"
# The command's exit codes.
_USAGE, _LOCKED, _MISSING = 2, 3, 4


@dataclass(frozen=True)
class Address:
    """Where a folder's server is.

    Args:
        profile: the way in, as the workspace's admin.
        lifeline: the port that keeps the server alive; None when it lives by itself.
    """

    profile: Profile
    lifeline: int | None


class EmbeddedWorkspace:
    """An embedded workspace that this program uses.

    Args:
        path: the folder that keeps it; made if it is not there. A server that runs on it is joined.

    Raises:
        ConfigError: the folder cannot be used.
        ConnectionFailed: the workspace did not start.
        MissingExtra: the `local` extra is not installed.
        WorkspaceLocked: another server has the folder, and does not say where it is.
    """

    def __init__(self, path: Path | str = DEFAULT_FOLDER) -> None:
        self.path = Path(path).resolve()
        self._server: subprocess.Popen[str] | None = None
        self.profile, self._lifeline = self._attached()

    def __repr__(self) -> str:
        return f"EmbeddedWorkspace({str(self.path)!r})"

    def close(self) -> None:
        """Leave the workspace. If this program started it and is the last, it has stopped on return."""
        lifeline, self._lifeline = self._lifeline, None
        server, self._server = self._server, None
        if lifeline is not None and _leave(lifeline) and server is not None:
            server.wait()

    def __enter__(self) -> EmbeddedWorkspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _attached(self) -> tuple[Profile, socket.socket | None]:
        """Join the folder's server, or start it; two programs that start it at once come to share one."""
        deadline = time.monotonic() + _START_SECONDS
        step = threading.Event()
        while True:
            address = _read_address(self.path)
            if address is not None:
                joined, lifeline = _join(address)
                if joined:
                    return address.profile, lifeline
            problem = self._start()
            if problem is not None and (
                not isinstance(problem, WorkspaceLocked) or time.monotonic() > deadline
            ):
                raise problem
            # Another server is starting or stopping: it will have an address, or the folder will be free.
            step.wait(_STEP_SECONDS if problem else 0)

    def _start(self) -> LakesteadError | None:
        """Start a server; return why there is none."""
        command = [sys.executable, "-m", "lakestead.cli", "up", str(self.path), "--json", "--attached"]
        with tempfile.TemporaryFile("w+", encoding="utf-8") as messages:
            server = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=messages,
                text=True,
                # Ctrl-C in a terminal ends this program; others may use the server.
                start_new_session=True,
            )
            assert server.stdout is not None
            with server.stdout, _killed_when_late(server):
                started = server.stdout.readline()
            if not started:
                messages.seek(0)
                return _problem(server.wait(), messages.read().removeprefix("lakestead: ").strip(), self.path)
        self._server = server
        # It may outlive this object, if others use it; whenever it ends, it is reaped.
        threading.Thread(target=server.wait, name="embedded-workspace", daemon=True).start()
        return None


@contextlib.contextmanager
def _killed_when_late(server: subprocess.Popen[str]) -> Iterator[None]:
    late = threading.Timer(_START_SECONDS, server.kill)
    late.start()
    try:
        yield
    finally:
        late.cancel()


def _problem(code: int, message: str, path: Path) -> LakesteadError:
    if code == _LOCKED:
        return WorkspaceLocked(message)
    if code == _USAGE:
        return ConfigError(message)
    if code == _MISSING:
        return MissingExtra("The embedded workspace", "local")
    return ConnectionFailed(f"the embedded workspace in {path} did not start (exit code {code}): {message}")


def _read_address(folder: Path) -> Address | None:
    """Return where a folder's server is, or was: one that was killed leaves its address."""
    try:
        text = (folder / _ADDRESS_FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    found = json.loads(text)
    profile = Profile(host=found["host"], token=found["token"], warehouse_id=found["warehouse_id"])
    return Address(profile, found["lifeline"])


def _join(address: Address) -> tuple[bool, socket.socket | None]:
    """Attach to a server; return whether it is there, and the connection that it lives for."""
    if not _answers(str(address.profile.host)):
        return False, None
    if address.lifeline is None:
        return True, None
    try:
        lifeline = socket.create_connection(("127.0.0.1", address.lifeline), timeout=_ANSWER_SECONDS)
    except OSError:  # it has stopped since
        return False, None
    if _hears(lifeline, _ATTACHED):
        return True, lifeline
    lifeline.close()
    return False, None


def _hears(lifeline: socket.socket, word: bytes) -> bool:
    try:
        return lifeline.recv(1) == word
    except OSError:
        return False


def _answers(host: str) -> bool:
    """Return whether a workspace answers there; no token is sent, for it may be another program."""
    server = http.client.HTTPConnection(host.removeprefix("http://"), timeout=_ANSWER_SECONDS)
    try:
        server.request("GET", "/.well-known/databricks-config")
        return str(json.loads(server.getresponse().read())["oidc_endpoint"]).startswith(host)
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return False
    finally:
        server.close()


def _leave(lifeline: socket.socket) -> bool:
    """End a lifeline; return whether nobody else holds one."""
    with lifeline, contextlib.suppress(OSError):  # the server may have ended before
        lifeline.shutdown(socket.SHUT_WR)
        return not _hears(lifeline, _OTHERS)
    return True
