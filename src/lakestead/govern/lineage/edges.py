"""Edges of lineage as Arrow tables: what all sources of lineage give, and the graph is made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import pyarrow as pa

from lakestead.core.names import InvalidName, canonical, split_name
from lakestead.govern.lineage.event import LineageMetrics

# Between a table's name and a column's in a node's key: no name of a table has it.
SEPARATOR = "\x1f"
_TIME = pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema(
    [
        ("source", pa.string()),
        ("target", pa.string()),
        ("source_type", pa.string()),
        ("target_type", pa.string()),
        ("first_seen", _TIME),
        ("last_seen", _TIME),
        ("events", pa.int64()),
        ("tracked", pa.bool_()),
    ]
)


class Level(StrEnum):
    """What the nodes of a graph are."""

    TABLE = "table"
    COLUMN = "column"


class Direction(StrEnum):
    """Where one looks from a node: to what it is made of, to what is made of it, or to both."""

    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"
    BOTH = "both"

    @property
    def sides(self) -> tuple[str, ...]:
        """The ends of edges at which one starts."""
        sides = {Direction.UPSTREAM: ("target",), Direction.DOWNSTREAM: ("source",)}
        return sides.get(self, ("target", "source"))


class Node(NamedTuple):
    """A table, view or path; or a column of one."""

    table: str
    column: str | None = None

    @property
    def key(self) -> str:
        """The node as edges name it."""
        return self.table if self.column is None else self.table + SEPARATOR + self.column

    def __str__(self) -> str:
        return self.table if self.column is None else f"{self.table}.{self.column}"


def node(key: str) -> Node:
    """Return the node that a key names."""
    table, found, column = key.partition(SEPARATOR)
    return Node(table, column if found else None)


@dataclass(frozen=True, slots=True)
class Window:
    """A time, half open: from `since` until before `until`; without a zone they are UTC."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None

    def has(self, moment: dt.datetime) -> bool:
        """Return whether a moment, with its zone, is in the window."""
        since, until = utc(self.since), utc(self.until)
        return (since is None or moment >= since) and (until is None or moment < until)


def utc(moment: dt.datetime | None) -> dt.datetime | None:
    """Return a moment with its zone."""
    return moment.replace(tzinfo=dt.UTC) if moment is not None and moment.tzinfo is None else moment


@dataclass(frozen=True, slots=True)
class Root:
    """Where a walk starts: a catalog, a schema, a table, or a column.

    Args:
        parts: of its name, from the catalog on; or a path alone.
        path: whether it is a path.
    """

    parts: tuple[str, ...]
    path: bool = False

    @property
    def node(self) -> Node | None:
        """The node that it names; None for catalogs and schemas, which have many."""
        if self.path:
            return Node(self.parts[0])
        if len(self.parts) < 3:
            return None
        return Node(".".join(self.parts[:3]), self.parts[3] if len(self.parts) == 4 else None)

    def has(self, one: Node) -> bool:
        """Return whether a node is the root or in it."""
        if self.path:
            return one.table == self.parts[0]
        inside = (*one.table.split("."), *([one.column] if one.column else []))
        return inside[: len(self.parts)] == self.parts


def root(text: str) -> Root:
    """Return the root that a name means.

    Args:
        text: `catalog`, `catalog.schema`, `catalog.schema.table` or `catalog.schema.table.column`, with
            backticks where they are needed; or a path with `/`.

    Raises:
        InvalidName: when it is none.
    """
    if "/" in text:
        return Root((text,), path=True)
    parts = split_name(text)
    if len(parts) > 4:
        raise InvalidName(f"'{text}' has {len(parts)} parts: give catalog[.schema[.table[.column]]]")
    return Root((*(canonical(part) for part in parts[:3]), *(part.lower() for part in parts[3:])))


def tracked(events: Iterable[LineageMetrics], level: Level, window: Window) -> pa.Table:
    """Return the edges that tracked events tell of, each once; what was read only is none."""
    seen: dict[tuple[str, str], list[dt.datetime]] = {}
    for event in events:
        if event.target is not None and window.has(event.event_time):
            for source, target in _pairs(event, level):
                pair = Node(event.source, source).key, Node(event.target, target).key
                seen.setdefault(pair, []).append(event.event_time)
    rows = [
        {
            "source": source,
            "target": target,
            "first_seen": min(times),
            "last_seen": max(times),
            "events": len(times),
            "tracked": True,
        }
        for (source, target), times in seen.items()
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _pairs(event: LineageMetrics, level: Level) -> Sequence[tuple[str | None, str | None]]:
    if level is Level.TABLE:
        return [(None, None)]
    return [(source, target) for target, sources in event.columns.items() for source in sources]
