"""minilake, another local emulator of Databricks (DuckDB, REST only), installed in an environment of its own.

It needs an older DuckDB than the rest, so it is installed beside it, once, from where pip finds packages.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import urllib3

from benchmarks.harness import CACHE
from benchmarks.servers.process import Memory, process
from benchmarks.servers.statements import Statements
from lakestead.client import Profile

_START_SECONDS = 60
_ENVIRONMENT = CACHE / "minilake"


class NotThere(Exception):
    """Why minilake cannot be run here."""


@dataclass(frozen=True, slots=True)
class Minilake:
    """A running minilake."""

    profile: Profile
    memory: Memory

    def statements(self, catalog: str | None = None, schema: str | None = None) -> Statements:
        """Return a client of its Statement Execution API."""
        return Statements(self.profile, catalog, schema)


@contextmanager
def minilake() -> Iterator[Minilake]:
    """Run a fresh minilake.

    Raises:
        NotThere: it cannot be installed or does not start.
    """
    program = install()
    with TemporaryDirectory(prefix="minilake-bench-") as folder:
        port = _free_port()
        # The notebook server is not part of what is compared.
        settings = {"MINILAKE_DATA_DIR": folder, "MINILAKE_NOTEBOOK": "0"}
        with process([str(program), "--port", str(port)], settings) as running:
            host = f"http://127.0.0.1:{port}"
            _wait(host, running)
            yield Minilake(
                Profile(host=host, token="none", warehouse_id=_warehouse(host)), Memory(running.pid)
            )


def started(stack: ExitStack) -> Minilake | NotThere:
    """Run minilake for as long as a stack is open; return why not, where it cannot be run."""
    try:
        return stack.enter_context(minilake())
    except NotThere as reason:
        return reason


def install() -> Path:
    """Install minilake, if it is not yet, and return its program.

    Raises:
        NotThere: it cannot be installed.
    """
    program = _ENVIRONMENT / "bin" / "minilake"
    if program.exists():
        return program
    pip = [str(_ENVIRONMENT / "bin" / "python"), "-m", "pip", "install", "--quiet", "minilake"]
    for command in ([sys.executable, "-m", "venv", str(_ENVIRONMENT)], pip):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotThere(f"could not be installed: {_last_line(done.stderr)}")
    return program


def _wait(host: str, running: subprocess.Popen[str]) -> None:
    http = urllib3.PoolManager(retries=False)
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and running.poll() is None:
        try:
            http.request("GET", f"{host}/_minilake/health")
            return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.002)
    raise NotThere("did not start")


def _warehouse(host: str) -> str:
    body = {"name": "bench", "cluster_size": "Small"}
    made = urllib3.request("POST", f"{host}/api/2.0/sql/warehouses", json=body)
    return str(made.json()["id"])


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no reason given"
