"""The workspace as a running server: one folder, one process, one loopback port."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import threading
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import uvicorn

from lakestead.core.errors import ConfigError, WorkspaceLocked
from lakestead.engine.delta.log import awkward_character
from lakestead.workspace.app import Workspace, application
from lakestead.workspace.faults import Faults, FaultyApplication

ADDRESS_FILE = "address.json"
"""Where a folder's server is, for programs that use the folder: JSON, readable by the owner alone."""

_STARTUP_SECONDS = 30


class WorkspaceServer:
    """A workspace behind HTTP on loopback.

    Args:
        path: the folder that holds everything; made when it is not there.
        host: a loopback address.
        port: 0 takes a free one.
        lifeline: a port that is published with the address: the server lives while programs hold it.
        faults: what goes wrong on purpose, for tests.

    Raises:
        ConfigError: the engine cannot keep tables in a folder of this name.
        WorkspaceLocked: another server has this folder.
        OSError: the port is taken, or the folder cannot be written.
        ValueError: the host is not a loopback address.
    """

    def __init__(
        self,
        path: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        lifeline: int | None = None,
        faults: Faults | None = None,
    ) -> None:
        if host not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError(
                f"{host} is not a loopback address: the embedded workspace serves this machine only"
            )
        character = awkward_character(str(path.resolve()))
        if character is not None:
            raise ConfigError(
                f"The embedded workspace cannot be kept in '{path.resolve()}': the engine finds no tables in "
                f"a path with the character {character!r}. Choose another folder."
            )
        path.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(path / "server.lock")
        self._address = path / ADDRESS_FILE
        self._lifeline = lifeline
        with ExitStack() as taken:  # and let go again when something fails
            taken.callback(os.close, self._lock)
            # A server that was killed left its own.
            self._address.unlink(missing_ok=True)
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            self._socket = taken.enter_context(socket.create_server((host, port), family=family, backlog=512))
            # Connections inherit it. Without it every answer waits for the client's delayed acknowledgement.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.port: int = self._socket.getsockname()[1]
            self.url = f"http://{f'[{host}]' if ':' in host else host}:{self.port}"
            self.workspace = Workspace(path, self.url)
            taken.pop_all()
        served = application(self.workspace)
        config = uvicorn.Config(
            FaultyApplication(served, faults) if faults else served,
            log_config=None,
            access_log=False,
            proxy_headers=False,
            http="httptools",
            lifespan="on",
            timeout_graceful_shutdown=5,
            timeout_keep_alive=75,
        )
        self._uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._uvicorn.run, kwargs={"sockets": [self._socket]}, name="workspace-http", daemon=True
        )

    @property
    def token(self) -> str:
        """The admin's token."""
        return self.workspace.admin_token

    @property
    def warehouse_id(self) -> str:
        """Id of the default SQL warehouse."""
        return self.workspace.default_warehouse_id

    @property
    def http_path(self) -> str:
        """HTTP path of the default SQL warehouse, for the SQL connector."""
        return f"/sql/1.0/warehouses/{self.warehouse_id}"

    def start(self) -> None:
        """Serve, and return once requests are answered."""
        self._thread.start()
        deadline = threading.Event()
        for _ in range(_STARTUP_SECONDS * 1000):
            if self._uvicorn.started:
                self._publish()
                return
            if not self._thread.is_alive():
                break
            deadline.wait(0.001)
        raise OSError("the workspace's HTTP server did not start")

    def _publish(self) -> None:
        """Write the address; a reader finds all of it or nothing."""
        address = {
            "pid": os.getpid(),
            "host": self.url,
            "token": self.token,
            "warehouse_id": self.warehouse_id,
            "lifeline": self._lifeline,
        }
        draft = self._address.with_suffix(".new")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(address, file)
        draft.rename(self._address)

    def stop(self) -> None:
        """Finish what is under way, close everything, and let go of the folder."""
        self._address.unlink(missing_ok=True)
        self.workspace.stop_statements()
        self._uvicorn.should_exit = True
        if self._thread.ident is not None:
            self._thread.join()
        self._socket.close()
        self.workspace.close()
        os.close(self._lock)

    def __enter__(self) -> WorkspaceServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _lock(file: Path) -> int:
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        owner = os.pread(descriptor, 32, 0).decode(errors="replace").strip()
        os.close(descriptor)
        raise WorkspaceLocked(
            f"{file.parent} is served by another process"
            + (f" (pid {owner})" if owner else "")
            + "; stop it, or give another folder"
        ) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor
