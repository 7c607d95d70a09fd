"""Starts and ends the engine's process.

The engine is apart from the program that uses it, because it is native code that can end a process: a stack
overflow on a statement of extreme depth would take the program with it. Apart, it costs one statement, and is
started again.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading

_ENVIRONMENT = {
    "RUST_LOG": "error",
    # Sessions live as long as the client's session does; the workspace releases them.
    "SAIL_SPARK__SESSION_TIMEOUT_SECS": str(30 * 24 * 3600),
    # Expressions of some thousand terms need more than the usual 8 MiB; what is not used costs nothing.
    "SAIL_RUNTIME__STACK_SIZE": str(128 * 1024 * 1024),
    # Some operators (large cross joins) never yield, on as many threads as there are cores; with no more,
    # the engine would not even take a cancel before they are done.
    "TOKIO_WORKER_THREADS": str(2 * (os.cpu_count() or 1) + 4),
    # Its allocator gives memory back at once: a third less at the peak of a large result, a little slower.
    "MIMALLOC_PURGE_DELAY": "0",
}
_START_SECONDS = 60.0


class EngineProcess:
    """A process that serves the engine; it is on its way when this returns."""

    def __init__(self) -> None:
        # Sail's Unity provider would read the credentials of a real workspace: the engine must not see them.
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("DATABRICKS_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lakestead.engine.host"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_ENVIRONMENT | inherited,
            # Ctrl-C in a terminal is for the program; it ends the engine when it is done with it.
            start_new_session=True,
        )

    def port(self) -> int:
        """Wait until the engine serves; return its port on loopback.

        Raises:
            OSError: it did not start.
        """
        assert self._process.stdout is not None
        late = threading.Timer(_START_SECONDS, self._process.kill)
        late.start()
        try:
            line = self._process.stdout.readline()
        finally:
            late.cancel()
        if not line:
            raise OSError(f"the engine did not start (exit code {self._process.wait()})")
        return int(line)

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End the process; statements that run are not waited for."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
