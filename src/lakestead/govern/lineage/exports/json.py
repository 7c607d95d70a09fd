"""A graph of lineage as JSON."""

from __future__ import annotations

from typing import Any

from lakestead.govern.lineage.edges import Node
from lakestead.govern.lineage.graph import LineageGraph


def to_json(graph: LineageGraph) -> dict[str, Any]:
    """Return the graph: its level, its nodes, and its edges by the nodes' ids.

    A node has an id, its table, its column (null in graphs of tables), what the table is (null if that is not
    known), and whether it is missing. Times are ISO 8601 in UTC.
    """
    ids = {one: number for number, one in enumerate(graph.nodes)}
    return {
        "level": str(graph.level),
        "nodes": [_node(graph, one, number) for one, number in ids.items()],
        "edges": [
            {
                "source": ids[edge.source],
                "target": ids[edge.target],
                "first_seen": edge.first_seen.isoformat(),
                "last_seen": edge.last_seen.isoformat(),
                "events": edge.events,
                "tracked": edge.tracked,
            }
            for edge in graph.edges
        ],
    }


def _node(graph: LineageGraph, one: Node, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": str(one),
        "table": one.table,
        "column": one.column,
        "type": graph.types.get(one),
        "missing": graph.is_missing(one),
    }
