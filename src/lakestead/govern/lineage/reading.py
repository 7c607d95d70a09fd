"""The graph from where lineage is kept: all of it, or only as far from a root as is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from lakestead.client import Warehouse
from lakestead.govern.lineage.edges import Direction, Level, Root, Window, node, tracked
from lakestead.govern.lineage.edges import root as parse_root
from lakestead.govern.lineage.graph import LineageGraph, lineage_graph
from lakestead.govern.lineage.stores import LineageStore
from lakestead.govern.lineage.system import SystemLineage

# With more nodes than this to go on from, all edges are read at once: asking for each is no cheaper.
_MOST_NODES = 2_000


class Source(Protocol):
    """Has edges; the methods are those of `SystemLineage`."""

    def all(self, level: Level, window: Window) -> pa.Table: ...

    def of_root(self, level: Level, window: Window, side: str, root: Root) -> pa.Table: ...

    def of_nodes(self, level: Level, window: Window, side: str, keys: Collection[str]) -> pa.Table: ...


class TrackedLineage:
    """Edges that programs told of.

    Args:
        store: keeps them.
    """

    def __init__(self, store: LineageStore) -> None:
        self._store = store

    def all(self, level: Level, window: Window) -> pa.Table:
        return tracked(self._store.events(), level, window)

    def of_root(self, level: Level, window: Window, side: str, root: Root) -> pa.Table:
        edges = self.all(level, window)
        inside = [root.has(node(key)) for key in edges[side].to_pylist()]
        return edges.filter(pa.array(inside, pa.bool_()))

    def of_nodes(self, level: Level, window: Window, side: str, keys: Collection[str]) -> pa.Table:
        edges = self.all(level, window)
        return edges.filter(pc.is_in(edges[side], pa.array(list(keys), pa.string())))


def graph(
    store: LineageStore,
    warehouse: Warehouse | None,
    system: str | None,
    root: str | None,
    *,
    level: Level | str,
    direction: Direction | str,
    hops: int | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
) -> LineageGraph:
    """Return the graph of what was tracked and of what a workspace has; see `get_lineage_graph`.

    Args:
        store: has what was tracked.
        warehouse: the workspace, if there is one.
        system: the catalog with its lineage tables, if they are to be read.
    """
    start = None if root is None else parse_root(root)
    is_column = start is not None and start.node is not None and start.node.column is not None
    recorded = SystemLineage(warehouse, system) if warehouse is not None and system is not None else None
    found = read(
        [TrackedLineage(store), *([recorded] if recorded else [])],
        start,
        level=Level.COLUMN if is_column else Level(level),
        direction=Direction(direction),
        hops=hops,
        window=Window(since, until),
    )
    if recorded is None:
        return found
    catalogs = {one.table.partition(".")[0] for one in found.nodes if "/" not in one.table}
    return found.checked(recorded.present(sorted(catalogs)))


def read(
    sources: Sequence[Source],
    root: Root | None,
    *,
    level: Level = Level.TABLE,
    direction: Direction = Direction.BOTH,
    hops: int | None = None,
    window: Window | None = None,
) -> LineageGraph:
    """Return the graph around a root, or all of it.

    Args:
        sources: have the edges.
        root: where to start; all is read if None.
        level: what the nodes are.
        direction: where to go from the root.
        hops: how far; to the end if None.
        window: the time in which lineage must have been seen.
    """
    window = window or Window()
    if root is None:
        return lineage_graph(pa.concat_tables([source.all(level, window) for source in sources]), level)
    found = [_walk(sources, root, level, side, hops, window) for side in direction.sides]
    one = root.node
    alone = [one] if one is not None and (one.column is not None) == (level is Level.COLUMN) else []
    return lineage_graph(pa.concat_tables(found), level, alone).around(root, direction, hops)


def _walk(
    sources: Sequence[Source], root: Root, level: Level, side: str, hops: int | None, window: Window
) -> pa.Table:
    """Return the edges on all ways from a root; or all edges, if these are very many."""
    other = "target" if side == "source" else "source"
    edges = pa.concat_tables([source.of_root(level, window, side, root) for source in sources])
    found, known, far = [edges], set(edges[side].to_pylist()), 1
    while hops is None or far < hops:
        frontier = set(edges[other].to_pylist()) - known
        if not frontier:
            break
        if len(frontier) > _MOST_NODES:
            return pa.concat_tables([source.all(level, window) for source in sources])
        edges = pa.concat_tables([source.of_nodes(level, window, side, frontier) for source in sources])
        found.append(edges)
        known |= frontier
        far += 1
    return pa.concat_tables(found)
