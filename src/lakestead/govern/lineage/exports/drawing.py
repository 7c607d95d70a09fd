"""A graph of lineage as text that Mermaid and Graphviz draw: tables are boxes, and hold their columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from lakestead.govern.lineage.edges import Level, Node
from lakestead.govern.lineage.graph import LineageGraph

# What would end a Mermaid label or mean something in it. Codes of characters mean themselves.
_MARKUP = re.compile(r'[#"<>&`\\;|{}\[\]()]|[^\S ]|[\x00-\x1f\x7f]')


def to_mermaid(graph: LineageGraph) -> str:
    """Return the graph as a Mermaid flow chart, from left to right. Missing tables have dashed borders."""
    ids = {one: f"n{number}" for number, one in enumerate(sorted(graph.nodes))}
    lines = ["flowchart LR"]
    for number, (table, nodes) in enumerate(_tables(graph)):
        if graph.level is Level.TABLE:
            lines += [f'  {ids[one]}["{_mermaid(one.table)}"]' for one in nodes]
        else:
            lines.append(f'  subgraph t{number}["{_mermaid(table)}"]')
            lines += [f'    {ids[one]}["{_mermaid(one.column or "")}"]' for one in nodes]
            lines.append("  end")
    lines += sorted(f"  {ids[edge.source]} --> {ids[edge.target]}" for edge in graph.edges)
    missing = [name for one, name in ids.items() if graph.is_missing(one)]
    if missing:
        lines += ["  classDef missing stroke-dasharray: 4 4", f"  class {','.join(missing)} missing"]
    return "\n".join(lines) + "\n"


def to_dot(graph: LineageGraph) -> str:
    """Return the graph in Graphviz' language. Missing tables have dashed borders."""
    ids = {one: f"n{number}" for number, one in enumerate(sorted(graph.nodes))}
    lines = ["digraph lineage {", "  rankdir=LR;", "  node [shape=box];"]
    for number, (table, nodes) in enumerate(_tables(graph)):
        if graph.level is Level.TABLE:
            lines += [f"  {ids[one]} [label={_quoted(one.table)}{_style(graph, one)}];" for one in nodes]
        else:
            lines += [f"  subgraph cluster_{number} {{", f"    label={_quoted(table)};"]
            lines += [
                f"    {ids[one]} [label={_quoted(one.column or '')}{_style(graph, one)}];" for one in nodes
            ]
            lines.append("  }")
    lines += sorted(f"  {ids[edge.source]} -> {ids[edge.target]};" for edge in graph.edges)
    return "\n".join([*lines, "}"]) + "\n"


def _tables(graph: LineageGraph) -> Iterator[tuple[str, Iterator[Node]]]:
    return groupby(sorted(graph.nodes), key=lambda one: one.table)


def _mermaid(text: str) -> str:
    return _MARKUP.sub(lambda match: f"#{ord(match.group())};", text)


def _quoted(text: str) -> str:
    """Return a label for Graphviz, which takes a backslash for the start of a code."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _style(graph: LineageGraph, one: Node) -> str:
    return ", style=dashed" if graph.is_missing(one) else ""
