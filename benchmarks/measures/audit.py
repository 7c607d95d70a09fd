"""What the audit of a call costs: one small call of the REST API, and the making and writing of its row.

The row's time is the processor's, of all threads: it is made and written while the caller goes on.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.harness import Contender, Goal, Group, Size, compared, in_turns
from lakestead.testing import serve
from lakestead.workspace.system.audit.actions import action_of
from lakestead.workspace.system.audit.recorder import Audit, Audited
from lakestead.workspace.system.log import Log

_CALL = "GET of a catalog by the SDK, audited"
_ROW = "its row in the audit: made, chained, written"


def run(size: Size) -> list[Group]:
    """Measure."""
    count = size(2000, 50)
    with serve() as workspace, tempfile.TemporaryDirectory() as folder:
        catalogs = workspace.client().catalogs
        log = Log(Path(folder) / "system.db")
        contenders: dict[str, Contender] = {
            _CALL: lambda: _each(count, lambda: catalogs.get("main")),
            _ROW: lambda: _rows(log, count),
        }
        times = in_turns(contenders, rounds=size(5, 1))
        log.close()
    goals = {_ROW: Goal(0.1, of_ratio=True)}
    return [Group("The audit of one call", compared(times, "ms", lambda s: s * 1000, goals))]


def _each(count: int, call: Callable[[], object]) -> float:
    """Return the seconds of one call, when made many times."""
    start = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) / count


def _rows(log: Log, count: int) -> float:
    """Return the processor's seconds for one row."""
    audit = Audit(log)
    action = action_of("GET", "/api/2.1/unity-catalog/catalogs/{name}")
    request = Audited("admin", {"name": "main"}, b"", b"", "127.0.0.1", "databricks-sdk-py/0.1", None)
    start = time.process_time()
    for _ in range(count):
        audit.called(action, request, 200, None)
    log.flush()
    return (time.process_time() - start) / count
