"""`lakestead up` in a process of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.servers.process import Memory, process
from benchmarks.servers.statements import Statements
from lakestead.client import Profile


@dataclass(frozen=True, slots=True)
class Lakestead:
    """A running workspace."""

    profile: Profile
    memory: Memory

    def statements(self) -> Statements:
        """Return a client of its Statement Execution API."""
        return Statements(self.profile)


@contextmanager
def lakestead(folder: Path | None = None) -> Iterator[Lakestead]:
    """Run a workspace.

    Args:
        folder: keeps it; a fresh one, removed in the end, by default.
    """
    if folder is None:
        with TemporaryDirectory(prefix="lakestead-bench-") as fresh, lakestead(Path(fresh)) as running:
            yield running
        return
    command = [sys.executable, "-m", "lakestead.cli", "up", str(folder), "--json"]
    with process(command) as running:
        assert running.stdout is not None
        line = running.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(command)} did not start (exit code {running.wait()})")
        address = json.loads(line)
        profile = Profile(host=address["host"], token=address["token"], warehouse_id=address["warehouse_id"])
        yield Lakestead(profile, Memory(address["pid"]))
