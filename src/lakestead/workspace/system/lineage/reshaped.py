"""PIVOT and UNPIVOT."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from lakestead.workspace.system.lineage.model import NONE, Dataset, Origins
from lakestead.workspace.system.lineage.rows import Output, Rows

OriginsOf = Callable[[Any], Origins]


def reshaped(node: Any, rows: Rows, origins: OriginsOf) -> Rows:
    """Return what PIVOT or UNPIVOT makes of rows.

    Args:
        node: the clause.
        rows: of the relation before it.
        origins: gives the columns that an expression is made of.
    """
    return _unpivoted(node, rows, origins) if node.unpivot else _pivoted(node, rows, origins)


def _pivoted(node: Any, rows: Rows, origins: OriginsOf) -> Rows:
    """The columns that are not mentioned, then for each value each aggregate."""
    mentioned = _columns(node.expressions) | _columns([field.this for field in node.fields])
    made = [origins(one) for one in node.expressions]
    names = node.args.get("columns")
    if not names:
        return Rows(rest=(NONE,))
    columns = tuple(Output(name.name.lower(), made[place % len(made)]) for place, name in enumerate(names))
    return _others(rows, mentioned).beside(Rows(columns))


def _unpivoted(node: Any, rows: Rows, origins: OriginsOf) -> Rows:
    """The columns that are not mentioned, the one with their names, and those with their values."""
    field = node.fields[0]
    groups = [
        _items(one.this if isinstance(one, exp.PivotAlias | exp.Alias) else one) for one in field.expressions
    ]
    mentioned = _columns([one for group in groups for one in group])
    values = [one for listed in node.expressions for one in _items(listed)]
    columns = [Output(field.this.name.lower(), NONE)]
    for place, value in enumerate(values):
        made = frozenset().union(*(origins(group[place]) for group in groups if place < len(group)))
        columns.append(Output(value.name.lower(), made))
    return _others(rows, mentioned).beside(Rows(tuple(columns)))


def _others(rows: Rows, mentioned: set[str]) -> Rows:
    # What is not mentioned of columns that nobody knows is not known either.
    rest = tuple(NONE if isinstance(one, Dataset) else one for one in rows.rest)
    return Rows(rows.without(mentioned).outputs, rest)


def _items(node: Any) -> list[Any]:
    return list(node.expressions) if isinstance(node, exp.Tuple) else [node]


def _columns(nodes: list[Any]) -> set[str]:
    return {column.name.lower() for node in nodes for column in node.find_all(exp.Column)}
