"""The time of `select 1`: what a statement costs beyond its work.

A statement is sent, answered and its row fetched, one after the other on one connection: by the SQL
connector (Thrift), by the SDK (Statement Execution), and by nothing but gRPC to the engine. minilake gets
the same through the same SDK. The figure is the median.
"""

from __future__ import annotations

from contextlib import ExitStack

from benchmarks.harness import Figure, Goal, Group, Size, compared, in_turns, timed
from benchmarks.servers.engine import bare_engine
from benchmarks.servers.lakestead import lakestead
from benchmarks.servers.minilake import NotThere, started

_SQL = "select 1"


def run(size: Size) -> list[Group]:
    """Measure."""
    with ExitStack() as stack:
        engine = stack.enter_context(bare_engine())
        workspace = stack.enter_context(lakestead())
        cursor = stack.enter_context(stack.enter_context(workspace.profile.sql_connection()).cursor())
        statements = workspace.statements()
        peer = started(stack)
        contenders = {
            "engine alone (gRPC)": timed(lambda: engine.query(_SQL).to_pylist()),
            "Thrift (SQL connector)": timed(lambda: cursor.execute(_SQL).fetchall()),
            "Statement Execution (SDK)": timed(lambda: statements(_SQL)),
        }
        if not isinstance(peer, NotThere):
            other = peer.statements()
            contenders["minilake, Statement Execution (SDK)"] = timed(lambda: other(_SQL))
        timings = in_turns(contenders, rounds=size(20, 2), calls=size(100, 20))
    figures = compared(timings, "ms", lambda s: s * 1000, {"Thrift (SQL connector)": Goal(3.5)})
    if isinstance(peer, NotThere):
        figures.append(Figure("minilake", None, "ms", note=str(peer)))
    return [Group("`select 1`, median", figures)]
