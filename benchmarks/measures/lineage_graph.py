"""The time in which a graph of lineage is walked: a million edges between 200,000 tables, five hops far.

The walk returns the part of the graph that is reached downstream. Beside it networkx, which finds the same
tables by breadth first search and makes their subgraph.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import networkx as nx
import numpy as np
import pyarrow as pa

from benchmarks.harness import Goal, Group, Size, compared, in_turns, timed
from lakestead.govern.lineage.edges import SCHEMA
from lakestead.govern.lineage.graph import LineageGraph, lineage_graph

_HOPS = 5
_SEED = 20_260_101


def run(size: Size) -> list[Group]:
    """Measure."""
    edges = _edges(size(1_000_000, 10_000), size(200_000, 2_000))
    graph, theirs = lineage_graph(edges), _networkx(edges)
    start = max(graph.nodes[:20], key=lambda one: len(graph.downstream(one, _HOPS)))
    builds = {"networkx": timed(lambda: _networkx(edges)), "lakestead": timed(lambda: lineage_graph(edges))}
    made = compared(in_turns(builds, rounds=1), "s", lambda s: s)
    return [
        _walked(graph, theirs, start.key, size),
        Group(f"A graph of {edges.num_rows:,} edges made of an Arrow table, median", made),
    ]


def _walked(graph: LineageGraph, theirs: Any, start: str, size: Size) -> Group:
    reached = len(graph.downstream(start, _HOPS))
    assert len(_reached(theirs, start)) == reached, "both find the same"
    walks: dict[str, Callable[[], object]] = {
        "networkx": lambda: _reached(theirs, start),
        "lakestead": lambda: graph.downstream(start, _HOPS),
    }
    timings = in_turns({name: timed(work) for name, work in walks.items()}, rounds=size(10, 2))
    goals, notes = {"lakestead": Goal(50.0)}, {"lakestead": f"{reached:,} tables are reached"}
    title = f"Lineage of {graph.size:,} edges, {_HOPS} hops downstream, median"
    return Group(title, compared(timings, "ms", lambda s: s * 1000, goals, notes))


def _networkx(edges: pa.Table) -> Any:
    return nx.DiGraph(zip(edges["source"].to_pylist(), edges["target"].to_pylist(), strict=True))


def _reached(graph: Any, start: str) -> Any:
    near = nx.single_source_shortest_path_length(graph, start, cutoff=_HOPS)
    return graph.subgraph(near).copy()


def _edges(number: int, tables: int) -> pa.Table:
    random = np.random.default_rng(_SEED)
    names = pa.array([f"main.s{one % 500}.table_{one}" for one in range(tables)])
    moment = pa.array(np.zeros(number, "datetime64[us]"))
    columns = {
        "source": names.take(pa.array(random.integers(0, tables, number))),
        "target": names.take(pa.array(random.integers(0, tables, number))),
        "source_type": pa.nulls(number, pa.string()),
        "target_type": pa.nulls(number, pa.string()),
        "first_seen": moment.cast(SCHEMA.field("first_seen").type),
        "last_seen": moment.cast(SCHEMA.field("last_seen").type),
        "events": pa.array(np.ones(number, np.int64)),
        "tracked": pa.array(np.zeros(number, bool)),
    }
    return pa.table(columns, schema=SCHEMA)
