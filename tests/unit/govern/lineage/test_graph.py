"""The graph of lineage against one that is walked by hand."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakestead.core.names import InvalidName
from lakestead.govern.lineage.edges import SCHEMA, SEPARATOR, Direction, Level, Node, Root, root
from lakestead.govern.lineage.graph import LineageGraph, lineage_graph

NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def edge(source: str, target: str, **values: object) -> dict[str, object]:
    return {
        "source": source,
        "target": target,
        "first_seen": NOON,
        "last_seen": NOON,
        "events": 1,
        "tracked": False,
    } | values


def graph(*edges: dict[str, object], level: Level = Level.TABLE) -> LineageGraph:
    return lineage_graph(pa.Table.from_pylist(list(edges), schema=SCHEMA), level)


def names(found: LineageGraph) -> set[str]:
    return {str(one) for one in found.nodes}


def pairs(found: LineageGraph) -> set[tuple[str, str]]:
    return {(str(one.source), str(one.target)) for one in found.edges}


CHAIN = graph(edge("c.raw.a", "c.silver.b"), edge("c.silver.b", "c.gold.d"), edge("c.silver.e", "c.gold.d"))


def test_downstream_upstream_and_both() -> None:
    assert names(CHAIN.downstream("c.raw.a")) == {"c.raw.a", "c.silver.b", "c.gold.d"}
    assert names(CHAIN.upstream("c.gold.d")) == {"c.raw.a", "c.silver.b", "c.silver.e", "c.gold.d"}
    assert pairs(CHAIN.around("c.silver.b")) == {("c.raw.a", "c.silver.b"), ("c.silver.b", "c.gold.d")}
    assert pairs(CHAIN.around("c.gold.d", Direction.UPSTREAM, 1)) == {
        ("c.silver.b", "c.gold.d"),
        ("c.silver.e", "c.gold.d"),
    }


def test_a_catalog_and_a_schema_as_roots() -> None:
    assert pairs(CHAIN.downstream("c.silver", 1)) == {
        ("c.silver.b", "c.gold.d"),
        ("c.silver.e", "c.gold.d"),
    }
    assert len(CHAIN.around("c")) == 4
    assert len(CHAIN.around("c.sil")) == 0, "half a name is none"


def test_cycles_end() -> None:
    loop = graph(edge("c.s.a", "c.s.b"), edge("c.s.b", "c.s.a"), edge("c.s.b", "c.s.b"))
    assert pairs(loop.downstream("c.s.a")) == {
        ("c.s.a", "c.s.b"),
        ("c.s.b", "c.s.a"),
        ("c.s.b", "c.s.b"),
    }
    assert loop.distances("c.s.a") == {Node("c.s.a"): 0, Node("c.s.b"): 1}


def test_edges_of_several_sources_are_one() -> None:
    both = graph(
        edge("c.s.a", "c.s.b", first_seen=NOON, last_seen=NOON, events=3),
        edge("c.s.x", "c.s.y", events=9),
        edge("c.s.a", "c.s.b", first_seen=NOON - HOUR, last_seen=NOON - HOUR, tracked=True),
    )
    [found] = [one for one in both.edges if one.source == Node("c.s.a")]
    assert (found.first_seen, found.last_seen) == (NOON - HOUR, NOON)
    assert (found.events, found.tracked) == (3, True)
    [other] = [one for one in both.edges if one.source == Node("c.s.x")]
    assert (other.target, other.events, other.tracked) == (Node("c.s.y"), 9, False)


def test_columns() -> None:
    columns = graph(
        edge(f"c.s.a{SEPARATOR}id", f"c.s.b{SEPARATOR}key"),
        edge(f"c.s.a{SEPARATOR}name", f"c.s.b{SEPARATOR}label"),
        level=Level.COLUMN,
    )
    assert pairs(columns.downstream("c.s.a.id")) == {("c.s.a.id", "c.s.b.key")}
    assert columns.downstream("c.s.a").size == 2, "a table means all its columns"
    assert columns.downstream(Node("c.s.a", "name")).size == 1


def test_types_and_missing_tables() -> None:
    found = graph(
        edge("s3://bucket/x.csv", "c.s.a", source_type="PATH", target_type="TABLE"),
        edge("c.s.a", "c.s.v", target_type="VIEW"),
    )
    assert found.types == {
        Node("s3://bucket/x.csv"): "PATH",
        Node("c.s.a"): "TABLE",
        Node("c.s.v"): "VIEW",
    }
    assert not any(found.is_missing(one) for one in found.nodes), "nobody looked"
    checked = found.checked({"c.s.v"})
    assert [str(one) for one in checked.nodes if checked.is_missing(one)] == ["c.s.a"]
    part = checked.upstream("c.s.v", 1)
    assert part.is_missing(Node("c.s.a"))
    assert part.types == {Node("c.s.a"): "TABLE", Node("c.s.v"): "VIEW"}


def test_nothing() -> None:
    empty = graph()
    assert (len(empty), empty.size, list(empty.edges)) == (0, 0, [])
    assert len(empty.around("c.s.a")) == 0
    alone = lineage_graph(SCHEMA.empty_table(), alone=[Node("c.s.a")])
    assert names(alone.around("c.s.a")) == {"c.s.a"}


def test_distances_have_one_direction() -> None:
    with pytest.raises(ValueError, match="not both"):
        CHAIN.distances("c.raw.a", Direction.BOTH)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Main", ("main",)),
        ("main.`My Schema`".replace(" ", "_"), ("main", "my_schema")),
        ("a.b.c.`D e`", ("a", "b", "c", "d e")),
    ],
)
def test_roots(text: str, parts: tuple[str, ...]) -> None:
    assert root(text) == Root(parts)


@pytest.mark.parametrize("text", ["", "a.b.c.d.e", "a..b", "a.`b c`"])
def test_what_is_no_root(text: str) -> None:
    with pytest.raises(InvalidName):
        root(text)


def test_a_path_is_a_root() -> None:
    assert root("s3://Bucket/X.csv").node == Node("s3://Bucket/X.csv")


def walked(edges: set[tuple[int, int]], start: int, hops: int | None) -> dict[int, int]:
    distance, frontier, far = {start: 0}, {start}, 0
    while frontier and (hops is None or far < hops):
        far += 1
        frontier = {b for a, b in edges if a in frontier} - distance.keys()
        distance |= dict.fromkeys(frontier, far)
    return distance


@given(
    edges=st.sets(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=40),
    hops=st.none() | st.integers(1, 5),
)
def test_any_graph(edges: set[tuple[int, int]], hops: int | None) -> None:
    made = graph(*(edge(f"c.s.t{a}", f"c.s.t{b}") for a, b in edges), edge("c.s.t0", "c.s.t1"))
    edges = edges | {(0, 1)}
    distance = walked(edges, 0, hops)
    assert made.distances("c.s.t0", hops=hops) == {Node(f"c.s.t{n}"): far for n, far in distance.items()}
    limit = 99 if hops is None else hops
    assert pairs(made.downstream("c.s.t0", hops)) == {
        (f"c.s.t{a}", f"c.s.t{b}") for a, b in edges if distance.get(a, 99) < limit
    }
    back = walked({(b, a) for a, b in edges}, 0, hops)
    assert pairs(made.upstream("c.s.t0", hops)) == {
        (f"c.s.t{a}", f"c.s.t{b}") for a, b in edges if back.get(b, 99) < limit
    }
