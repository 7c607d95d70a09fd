"""One of two workspaces is killed while records are made; each record is there once in the end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from lakestead.client import Profile, Warehouse
from lakestead.govern.workspaces import Failover, Member, Recorder, Spool

SECONDS = 60.0
"""No wait is so long unless something is wrong."""


class Server:
    """`lakestead up` in a process of its own, on the port that it had before."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.start(0)

    def start(self, port: int) -> None:
        command = [
            Path(sys.executable).with_name("lakestead"),
            "up",
            self._path,
            "--json",
            "--port",
            str(port),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the server did not start"
        found = json.loads(line)["env"]
        self.url = found["DATABRICKS_HOST"]
        self.profile = Profile(
            host=self.url, token=found["DATABRICKS_TOKEN"], warehouse_id=found["DATABRICKS_WAREHOUSE_ID"]
        )

    def again(self) -> None:
        port = urlsplit(self.url).port
        assert port is not None
        self.start(port)

    def end(self, how: signal.Signals) -> None:
        os.kill(self.process.pid, how)
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    made = (Server(tmp_path / "first"), Server(tmp_path / "second"))
    yield made
    for server in made:
        if server.process.poll() is None:
            server.end(signal.SIGTERM)


class Load:
    """Threads that record until they are stopped."""

    def __init__(self, recorder: Recorder, threads: int) -> None:
        self.ids: list[str] = []
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(recorder, number)) for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def more(self, number: int) -> None:
        """Wait until so many more are recorded."""
        with self._changed:
            wanted = len(self.ids) + number
            assert self._changed.wait_for(lambda: len(self.ids) >= wanted, SECONDS)

    def stop(self) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _run(self, recorder: Recorder, number: int) -> None:
        while not self._stopped.is_set():
            made = recorder.record("audit", {"by": number, "what": "it's ünïcode"})
            with self._changed:
                self.ids.append(made)
                self._changed.notify_all()
            # No faster than a program's audits: what a test records, it also has to deliver.
            self._stopped.wait(0.01)


@pytest.fixture
def until(servers: tuple[Server, Server]) -> Iterator[tuple[Failover, Callable[[Server], None]]]:
    """The two workspaces with one standing in for the other, and a wait until one is used."""
    changed = threading.Condition()
    first, second = servers
    failover = Failover(Member(first.url, first.profile), Member(second.url, second.profile), 0.2)

    def looked() -> None:
        with changed:
            changed.notify_all()

    def wait(server: Server) -> None:
        with changed:
            assert changed.wait_for(lambda: failover.active.url == server.url, SECONDS)

    failover.watch(looked)
    yield failover, wait
    failover.close()


def ids(*servers: Server) -> Counter[str]:
    """Return how often each record is in workspaces."""
    found: Counter[str] = Counter()
    for server in servers:
        warehouse = Warehouse(server.profile)
        rows = warehouse.rows("SELECT record_id FROM main.audits._lakestead_records")
        found.update(row["record_id"] for row in rows)
        warehouse.close()
    return found


@pytest.mark.slow
def test_a_killed_workspace_loses_and_doubles_nothing(
    servers: tuple[Server, Server], until: tuple[Failover, Callable[[Server], None]], tmp_path: Path
) -> None:
    first, second = servers
    failover, used = until
    recorder = Recorder(Spool(tmp_path / "spool.db"), failover, ("main", "audits"))
    failover.start()
    load = Load(recorder, 4)
    load.more(200)
    assert failover.active.url == first.url
    for _ in range(2):
        first.end(signal.SIGKILL)
        load.more(50)
        used(second)
        load.more(200)
        first.again()
        used(first)
        load.more(200)
    load.stop()
    assert recorder.flush(SECONDS)
    recorder.close()
    assert ids(first, second) == Counter(load.ids)
    assert ids(second)
    assert [one.url for one in failover.switches] == [second.url, first.url] * 2


@pytest.mark.slow
def test_records_wait_while_no_workspace_answers_and_outlive_the_program(
    servers: tuple[Server, Server], until: tuple[Failover, Callable[[Server], None]], tmp_path: Path
) -> None:
    first, second = servers
    failover, _ = until
    first.end(signal.SIGKILL)
    second.end(signal.SIGKILL)
    recorder = Recorder(Spool(tmp_path / "spool.db"), failover, ("main", "audits"))
    failover.look()
    made = [recorder.record("lineage", {"number": number}) for number in range(20)]
    assert recorder.waiting == 20
    recorder.close()
    second.again()
    recorder = Recorder(Spool(tmp_path / "spool.db"), failover, ("main", "audits"))
    assert recorder.waiting == 20
    failover.look()
    assert recorder.flush(SECONDS)
    recorder.close()
    assert ids(second) == Counter(made)
