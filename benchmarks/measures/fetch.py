"""The speed of a large result: 5 million rows of five columns, from the engine into Arrow in the client.

The rows are computed by the engine (no table is read), spooled by the workspace, and fetched whole: by the
SQL connector as links (cloud fetch), without and with its LZ4 compression, which is its default; by
Statement Execution as EXTERNAL_LINKS of ARROW_STREAM, downloaded by ten threads; and straight from the
engine over gRPC. The client has a process of its own; the server's memory is the most resident memory that
its process and the engine's ever had. minilake holds results as Python objects, so it gets a tenth of the
rows.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from statistics import median

import pyarrow as pa

from benchmarks.harness import Figure, Goal, Group, Size, compared, in_turns, timed
from benchmarks.servers.engine import bare_engine
from benchmarks.servers.lakestead import lakestead
from benchmarks.servers.minilake import Minilake, NotThere, started

_MEMORY_MB = 500
_SPEED = Goal(5, least=True)
_THRIFT, _STATEMENTS = "Thrift (SQL connector), no LZ4", "Statement Execution, EXTERNAL_LINKS"


def run(size: Size) -> list[Group]:
    """Measure."""
    rows = size(5_000_000, 500_000)
    sql = (
        "SELECT id, CAST(id % 1000 AS INT) AS number, id * 0.5D AS value, "
        f"concat('name ', id % 100000) AS name, timestamp_micros(id) AS at FROM range({rows})"
    )
    with ExitStack() as stack:
        engine = stack.enter_context(bare_engine())
        workspace = stack.enter_context(lakestead())
        plain = workspace.profile.sql_connection(enable_query_result_lz4_compression=False)
        plain_cursor = stack.enter_context(stack.enter_context(plain).cursor())
        packed_cursor = stack.enter_context(stack.enter_context(workspace.profile.sql_connection()).cursor())
        statements = workspace.statements()
        contenders: dict[str, Callable[[], pa.Table]] = {
            "engine alone (gRPC)": lambda: engine.query(sql),
            _THRIFT: lambda: plain_cursor.execute(sql).fetchall_arrow(),
            "Thrift (SQL connector), LZ4": lambda: packed_cursor.execute(sql).fetchall_arrow(),
            _STATEMENTS: lambda: statements.arrow(sql),
        }
        timings = in_turns(
            {name: timed(partial(_fetch, fetch, rows)) for name, fetch in contenders.items()},
            rounds=size(7, 1),
        )
        memory = workspace.memory.peak()
    speeds = compared(timings, "Mrows/s", lambda s: rows / s / 1e6, {_THRIFT: _SPEED, _STATEMENTS: _SPEED})
    other = _minilake(rows // 10, speeds[0].value or 0)
    title = f"{rows / 1e6:g} million rows of five columns"
    return [
        Group(title, [*speeds, other[0]]),
        Group(
            f"{title}: memory",
            [Figure("server and engine, peak", memory, "MB", goal=Goal(_MEMORY_MB)), other[1]],
        ),
    ]


def _fetch(fetch: Callable[[], pa.Table], rows: int) -> None:
    got = fetch().num_rows
    if got != rows:
        raise RuntimeError(f"{got} of {rows} rows arrived")


def _minilake(rows: int, engine: float) -> tuple[Figure, Figure]:
    """Return minilake's speed beside the engine's, and its memory."""
    speed, memory = "minilake, EXTERNAL_LINKS", "minilake, peak"
    with ExitStack() as stack:
        peer = started(stack)
        if isinstance(peer, NotThere):
            return Figure(speed, None, "Mrows/s", note=str(peer)), Figure(memory, None, "MB", note=str(peer))
        rate = _rate(peer, rows)
        note = f"{rows:,} rows"
        return (
            Figure(speed, rate, "Mrows/s", rate / engine, note=note),
            Figure(memory, peer.memory.peak(), "MB", note=note),
        )


def _rate(peer: Minilake, rows: int) -> float:
    statements = peer.statements()
    sql = (
        "SELECT range AS id, CAST(range % 1000 AS INT) AS number, range * 0.5::DOUBLE AS value, "
        f"concat('name ', range % 100000) AS name, make_timestamp(range) AS at FROM range({rows})"
    )
    timings = in_turns({"minilake": timed(partial(_fetch, lambda: statements.arrow(sql), rows))}, rounds=2)
    return rows / median(timings["minilake"]) / 1e6
