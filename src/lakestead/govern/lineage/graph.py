"""The graph of lineage: nodes are numbers, adjacency is in arrays; a million edges are walked in no time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lakestead.govern.lineage.edges import SEPARATOR, Direction, Level, Node, Root, node
from lakestead.govern.lineage.edges import root as parse_root
from lakestead.govern.lineage.interning import Interned, Places, intern

_UNREACHED = -1


@dataclass(frozen=True, slots=True)
class Edge:
    """That data goes from one node to another.

    Args:
        source: where it comes from.
        target: where it goes.
        first_seen: when that was first seen, in UTC.
        last_seen: when it was last seen.
        events: how often it was.
        tracked: whether a program told of it; else only the system tables do.
    """

    source: Node
    target: Node
    first_seen: dt.datetime
    last_seen: dt.datetime
    events: int
    tracked: bool


class LineageGraph:
    """Tables or columns, and which are made of which. It does not change.

    Args:
        interned: its nodes and edges; `lineage_graph` makes them of a table.
        level: what the nodes are.
        present: the tables that there are; None if that is not known.
    """

    def __init__(self, interned: Interned, level: Level, present: frozenset[str] | None = None) -> None:
        self.level = level
        self._interned = interned
        self._present = present

    def __len__(self) -> int:
        return len(self._interned.keys)

    def __contains__(self, one: Node) -> bool:
        return bool(pc.index(self._interned.keys, one.key).as_py() >= 0)

    def __repr__(self) -> str:
        return f"LineageGraph({len(self)} {self.level}s, {self.size} edges)"

    @property
    def size(self) -> int:
        """How many edges there are."""
        return len(self._interned.source)

    @cached_property
    def nodes(self) -> Sequence[Node]:
        """All nodes."""
        return [node(key) for key in self._interned.keys.to_pylist()]

    @property
    def edges(self) -> Iterator[Edge]:
        """All edges."""
        nodes, graph = self.nodes, self._interned
        rows = (row for batch in graph.facts.to_batches(10_000) for row in batch.to_pylist())
        for source, target, facts in zip(graph.source, graph.target, rows, strict=True):
            yield Edge(nodes[source], nodes[target], **facts)

    @cached_property
    def types(self) -> dict[Node, str]:
        """What nodes are (TABLE, VIEW, PATH, …), as far as that is known."""
        known = zip(self.nodes, self._interned.types.to_pylist(), strict=True)
        return {one: kind for one, kind in known if kind is not None}

    def is_missing(self, one: Node) -> bool:
        """Return whether a node's table is not there: it was dropped, or the user may not see it."""
        return self._present is not None and "/" not in one.table and one.table not in self._present

    def checked(self, present: Collection[str]) -> LineageGraph:
        """Return the graph with the tables that there are, so that it knows which are missing."""
        return LineageGraph(self._interned, self.level, frozenset(present))

    def upstream(self, root: Node | Root | str, hops: int | None = None) -> LineageGraph:
        """Return what a node is made of, with it; see `around`."""
        return self.around(root, Direction.UPSTREAM, hops)

    def downstream(self, root: Node | Root | str, hops: int | None = None) -> LineageGraph:
        """Return what is made of a node, with it; see `around`."""
        return self.around(root, Direction.DOWNSTREAM, hops)

    def around(
        self, root: Node | Root | str, direction: Direction = Direction.BOTH, hops: int | None = None
    ) -> LineageGraph:
        """Return the part of the graph that is reached from a node, or from all in a catalog or schema.

        Args:
            root: a node; or the name of a catalog, schema, table or column, or a path. A table's name means
                all its columns in a graph of columns.
            direction: where to go.
            hops: how many edges far; without end if None. Cycles end by themselves.

        Raises:
            InvalidName: when the root is no name.
        """
        graph = self._interned
        starts = self._starts(root)
        edges = np.zeros(self.size, dtype=bool)
        for side in direction.sides:
            distance = self._walk(starts, side, hops)
            near = distance[graph.source if side == "source" else graph.target]
            edges |= (near != _UNREACHED) & (near < (len(self) if hops is None else hops))
        return LineageGraph(graph.part(np.flatnonzero(edges), starts), self.level, self._present)

    def distances(
        self, root: Node | Root | str, direction: Direction = Direction.DOWNSTREAM, hops: int | None = None
    ) -> dict[Node, int]:
        """Return how many edges far each node is that is reached from a root; the root itself is 0.

        Args:
            root: as of `around`.
            direction: one of the two.
            hops: as of `around`.

        Raises:
            InvalidName: when the root is no name.
            ValueError: for both directions.
        """
        if direction is Direction.BOTH:
            raise ValueError("distances go upstream or downstream, not both")
        distance = self._walk(self._starts(root), direction.sides[0], hops)
        reached = np.flatnonzero(distance != _UNREACHED)
        keys = self._interned.keys.take(pa.array(reached)).to_pylist()
        return {node(key): int(far) for key, far in zip(keys, distance[reached], strict=True)}

    def to_json(self) -> dict[str, Any]:
        """Return the graph as JSON has it; see `lakestead.govern.lineage.exports.json`."""
        from lakestead.govern.lineage.exports.json import to_json

        return to_json(self)

    def to_mermaid(self) -> str:
        """Return the graph as a Mermaid flow chart; missing tables have dashed borders."""
        from lakestead.govern.lineage.exports.drawing import to_mermaid

        return to_mermaid(self)

    def to_dot(self) -> str:
        """Return the graph in Graphviz' language; missing tables have dashed borders."""
        from lakestead.govern.lineage.exports.drawing import to_dot

        return to_dot(self)

    def to_openlineage(self, host: str, columns: LineageGraph | None = None) -> list[dict[str, Any]]:
        """Return the graph as OpenLineage events; see `lakestead.govern.lineage.exports.openlineage`.

        Args:
            host: the workspace's URL.
            columns: the graph of the tables' columns, if it is to be told.

        Raises:
            ValueError: when this is no graph of tables, or `columns` none of columns.
        """
        from lakestead.govern.lineage.exports.openlineage import to_openlineage

        return to_openlineage(self, host, columns)

    def _walk(self, starts: Places, side: str, hops: int | None) -> npt.NDArray[np.int32]:
        """Return each node's distance from the nearest start."""
        first_of, neighbours = self._outgoing if side == "source" else self._incoming
        distance = np.full(len(self), _UNREACHED, dtype=np.int32)
        distance[starts] = 0
        frontier, far = starts, 0
        while len(frontier) and (hops is None or far < hops):
            far += 1
            first, count = first_of[frontier], first_of[frontier + 1] - first_of[frontier]
            # The places of all their neighbours: of each node a run of `count` from `first`.
            shift = np.repeat(first - np.cumsum(count) + count, count)
            found = neighbours[shift + np.arange(len(shift))]
            distance[found[distance[found] == _UNREACHED]] = far
            frontier = np.flatnonzero(distance == far)
        return distance

    @cached_property
    def _outgoing(self) -> tuple[Places, npt.NDArray[np.int32]]:
        return _adjacency(self._interned.source, self._interned.target, len(self))

    @cached_property
    def _incoming(self) -> tuple[Places, npt.NDArray[np.int32]]:
        return _adjacency(self._interned.target, self._interned.source, len(self))

    def _starts(self, root: Node | Root | str) -> Places:
        mask = self._named(parse_root(root) if isinstance(root, str) else root)
        found: Places = np.flatnonzero(mask.to_numpy(zero_copy_only=False))
        return found

    def _named(self, root: Node | Root) -> Any:
        """Return which keys a root names."""
        keys = self._interned.keys
        one = root if isinstance(root, Node) else root.node
        if one is None:
            assert isinstance(root, Root)
            return pc.starts_with(keys, ".".join(root.parts) + ".")
        exact = pc.equal(keys, one.key)
        if self.level is Level.TABLE or one.column is not None:
            return exact
        return pc.or_(exact, pc.starts_with(keys, one.key + SEPARATOR))


def lineage_graph(edges: pa.Table, level: Level = Level.TABLE, alone: Collection[Node] = ()) -> LineageGraph:
    """Return the graph of some edges; those between the same nodes become one.

    Args:
        edges: a table with the schema `lakestead.govern.lineage.edges.SCHEMA`.
        level: what the nodes are.
        alone: nodes that are in the graph even if they have no edge.
    """
    return LineageGraph(intern(edges, [one.key for one in alone]), level)


def _adjacency(
    ends: npt.NDArray[np.int32], others: npt.NDArray[np.int32], nodes: int
) -> tuple[Places, npt.NDArray[np.int32]]:
    """Return where each node's neighbours start in the array of all neighbours, and that array."""
    first = np.zeros(nodes + 1, dtype=np.int64)
    np.cumsum(np.bincount(ends, minlength=nodes), out=first[1:])
    return first, others[np.argsort(ends, kind="stable")]
