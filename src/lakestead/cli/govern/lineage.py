"""`lakestead govern lineage`: where data comes from and where it goes."""

from __future__ import annotations

import datetime as dt
import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from lakestead.cli.govern.monitored import monitored
from lakestead.cli.output import complain, give, give_json
from lakestead.core.names import quote_name
from lakestead.govern import DatabricksGovernanceMonitor
from lakestead.govern.lineage.edges import Direction, Node, root
from lakestead.govern.lineage.exports.openlineage import emit as send
from lakestead.govern.lineage.graph import LineageGraph

_TOKEN = "OPENLINEAGE_API_KEY"


@dataclass(frozen=True, slots=True)
class Asked:
    """What part of the graph is asked for; the arguments of `get_lineage_graph`."""

    name: str
    level: str
    direction: str
    hops: int | None
    since: dt.datetime | None
    until: dt.datetime | None

    def of_tables(self) -> Asked:
        """Return the same with tables: that of a column instead of it."""
        one = root(self.name).node
        name = quote_name(*one.table.split(".")) if one is not None and one.column is not None else self.name
        return replace(self, name=name, level="table")

    def graph(self, monitor: DatabricksGovernanceMonitor) -> LineageGraph:
        """Return it."""
        return monitor.get_lineage_graph(
            self.name,
            level=self.level,
            direction=self.direction,
            hops=self.hops,
            since=self.since,
            until=self.until,
        )


def lineage(asked: Asked, form: str, emit: str | None, governance: Path, workspace: str | None) -> None:
    """Print a graph.

    Args:
        asked: which part of it.
        form: tree, json, mermaid, dot or openlineage.
        emit: an OpenLineage API that gets it, too.
        governance: the file of declarations.
        workspace: a profile of ~/.databrickscfg.
    """
    with monitored(governance, workspace) as (warehouse, monitor):
        graph = asked.graph(monitor)
        events = []
        if form == "openlineage" or emit:
            tables = asked.of_tables().graph(monitor)
            columns = replace(asked, level="column").graph(monitor)
            events = tables.to_openlineage(warehouse.profile.url, columns)
    if form == "openlineage":
        give_json(events)
    elif form == "json":
        give_json(graph.to_json())
    elif form == "tree":
        _print(graph, asked)
    else:
        give((graph.to_dot() if form == "dot" else graph.to_mermaid()).rstrip("\n"))
    if emit:
        sent = send(events, emit, os.environ.get(_TOKEN))
        complain(f"{sent} events were sent to {emit}")


def _print(graph: LineageGraph, asked: Asked) -> None:
    console = Console(highlight=False)
    if not graph.size:
        console.print(f"No lineage is known of {asked.name}.", markup=False)
        return
    for direction in Direction.UPSTREAM, Direction.DOWNSTREAM:
        if asked.direction in (direction, Direction.BOTH):
            part = graph.around(asked.name, direction, asked.hops)
            if part.size:
                title = "is made of" if direction is Direction.UPSTREAM else "goes into"
                console.print(_tree(part, asked.name, direction, title))


def _tree(graph: LineageGraph, name: str, direction: Direction, title: str) -> Tree:
    """Return what is reached from a name, each node with its own below it the first time it is shown."""
    below: dict[Node, list[Node]] = defaultdict(list)
    for edge in graph.edges:
        near, far = (
            (edge.source, edge.target) if direction is Direction.DOWNSTREAM else (edge.target, edge.source)
        )
        below[near].append(far)
    tree = Tree(Text(f"{name} {title}"))
    shown: set[Node] = set()
    distances = graph.distances(name, direction)
    roots = [node for node, far in distances.items() if far == 0 and below[node]]
    for start in sorted(roots):
        branch = tree if len(roots) == 1 else tree.add(_label(graph, start))
        _grow(branch, graph, start, below, shown)
    return tree


def _grow(
    tree: Tree, graph: LineageGraph, start: Node, below: Mapping[Node, list[Node]], shown: set[Node]
) -> None:
    pending = [(tree, start)]
    shown.add(start)
    while pending:
        branch, node = pending.pop()
        for one in sorted(below.get(node, ())):
            label = _label(graph, one)
            if one in shown and below.get(one):
                label.append(" (above)", style="dim")
                branch.add(label)
                continue
            shown.add(one)
            pending.append((branch.add(label), one))


def _label(graph: LineageGraph, one: Node) -> Text:
    label = Text(str(one))
    if graph.is_missing(one):
        label.append(" (not there)", style="yellow")
    return label
