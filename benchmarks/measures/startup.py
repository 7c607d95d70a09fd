"""The time until a workspace answers.

From nothing: a new process, until `select 1` was answered and its row fetched. The peer is a new Python
process that starts the engine and runs `select 1` in it. The client is loaded already.

Within a process that has a workspace running (as under the pytest plugin): a further, fresh workspace,
until `serve()` has it answering, until the first `select 1` by the SQL connector, and until it was stopped
and removed.
"""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from statistics import median

from benchmarks.harness import Contender, Figure, Goal, Group, Size, compared, in_turns
from benchmarks.servers.lakestead import lakestead
from benchmarks.servers.minilake import NotThere, install, minilake
from benchmarks.servers.process import process
from lakestead.testing import Workspace, serve

_LAKESTEAD = "lakestead up, first `select 1` by the SQL connector"
_ENGINE_ALONE = """
from lakestead.engine.sail import Engine
engine = Engine()
print(engine.session("bench").query("select 1").to_pylist(), flush=True)
engine.stop()
"""


def run(size: Size) -> list[Group]:
    """Measure."""
    return [_from_nothing(size(7, 1)), _in_process(size(15, 2))]


def _from_nothing(rounds: int) -> Group:
    contenders: dict[str, Contender] = {"engine alone": _engine_alone, _LAKESTEAD: _lakestead}
    absent: list[Figure] = []
    try:
        install()
        contenders["minilake, first `select 1` by the SDK"] = _minilake
    except NotThere as reason:
        absent.append(Figure("minilake", None, "s", note=str(reason)))
    figures = compared(in_turns(contenders, rounds), "s", lambda s: s, {_LAKESTEAD: Goal(2.5)})
    return Group("A new process, to its first answer", [*figures, *absent])


def _engine_alone() -> float:
    start = time.perf_counter()
    with process([sys.executable, "-c", _ENGINE_ALONE]) as running:
        assert running.stdout is not None
        running.stdout.readline()
        return time.perf_counter() - start


def _lakestead() -> float:
    start = time.perf_counter()
    with lakestead() as workspace, workspace.profile.sql_connection() as connection:
        connection.cursor().execute("select 1").fetchall()
        return time.perf_counter() - start


def _minilake() -> float:
    start = time.perf_counter()
    with minilake() as peer:
        peer.statements()("select 1")
        return time.perf_counter() - start


def _in_process(rounds: int) -> Group:
    serving, answering, gone = [], [], []
    with serve() as first:
        _select_one(first)
        for _ in range(rounds):
            with ExitStack() as stack:
                start = time.perf_counter()
                workspace = stack.enter_context(serve())
                serving.append(time.perf_counter() - start)
                _select_one(workspace)
                answering.append(time.perf_counter() - start)
                stopping = time.perf_counter()
            gone.append(time.perf_counter() - stopping)
    steps = {
        "serve(), until it is there": (serving, Goal(100)),
        "until its first `select 1` by the SQL connector": (answering, None),
        "stopping and removing it": (gone, None),
    }
    figures = [Figure(name, median(taken) * 1000, "ms", goal=goal) for name, (taken, goal) in steps.items()]
    return Group("A further workspace in a process that has one", figures)


def _select_one(workspace: Workspace) -> None:
    with workspace.connect() as connection, connection.cursor() as cursor:
        cursor.execute("select 1").fetchall()
