"""Graphs from lineage tables of a workspace, and from what was tracked."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from databricks.sql.exc import Error

from lakestead.client import Warehouse
from lakestead.core.errors import ConfigError
from lakestead.core.names import InvalidName
from lakestead.govern import DatabricksGovernanceMonitor, LineageSettings
from lakestead.govern.lineage.edges import Node
from lakestead.govern.lineage.graph import LineageGraph

from .planted import NOON, Planted

DAY = dt.timedelta(days=1)


def pairs(graph: LineageGraph) -> set[tuple[str, str]]:
    return {(str(edge.source), str(edge.target)) for edge in graph.edges}


@pytest.fixture
def monitor(planted: Planted) -> DatabricksGovernanceMonitor:
    settings = LineageSettings(system=planted.catalog)
    return DatabricksGovernanceMonitor("one", warehouse=planted.warehouse, settings=settings)


def test_all_that_system_tables_have(monitor: DatabricksGovernanceMonitor, planted: Planted) -> None:
    planted.add(("a.s.one", "a.s.two"), ("s3://bucket/x", "a.s.one"), ("a.s.two", "b.s.three"))
    planted.add(("a.s.one", "a.s.two"), when=NOON + DAY)
    graph = monitor.get_lineage_graph()
    assert pairs(graph) == {("a.s.one", "a.s.two"), ("s3://bucket/x", "a.s.one"), ("a.s.two", "b.s.three")}
    [edge] = [one for one in graph.edges if one.source == Node("a.s.one")]
    assert (edge.events, edge.first_seen, edge.last_seen) == (2, NOON, NOON + DAY)
    assert graph.types[Node("s3://bucket/x")] == "PATH"


@pytest.mark.parametrize(
    ("root", "direction", "hops", "found"),
    [
        ("a.s.t1", "downstream", None, {(1, 2), (2, 3), (3, 4), (4, 1)}),
        ("A.S.T1", "downstream", 2, {(1, 2), (2, 3)}),
        ("a.s.t1", "upstream", 1, {(4, 1)}),
        ("a.s.t3", "both", 1, {(2, 3), (3, 4)}),
        ("b", "upstream", 1, {(8, 9)}),
        ("b.s", "both", None, {(8, 9)}),
        ("c", "both", None, set()),
    ],
)
def test_around_a_root(
    monitor: DatabricksGovernanceMonitor,
    planted: Planted,
    root: str,
    direction: str,
    hops: int | None,
    found: set[tuple[int, int]],
) -> None:
    names = {number: f"a.s.t{number}" for number in range(9)} | {9: "b.s.t9"}
    planted.add(*((names[a], names[b]) for a, b in ((1, 2), (2, 3), (3, 4), (4, 1), (5, 6), (8, 9))))
    graph = monitor.get_lineage_graph(root, direction=direction, hops=hops)
    assert pairs(graph) == {(names[a], names[b]) for a, b in found}
    assert {edge.events for edge in graph.edges} <= {1}


def test_tracked_and_recorded_lineage_are_one_graph(
    monitor: DatabricksGovernanceMonitor, planted: Planted
) -> None:
    planted.add(("a.s.one", "a.s.two"), ("a.s.three", "a.s.four"))
    monitor.track_data_lineage("transform", "A", "S", "Two", "a", "s", "three")
    graph = monitor.get_lineage_graph("a.s.one", direction="downstream")
    assert [edge.tracked for edge in sorted(graph.edges, key=lambda edge: edge.source)] == [
        False,
        False,
        True,
    ]
    assert graph.distances("a.s.one")[Node("a.s.four")] == 3


def test_columns(monitor: DatabricksGovernanceMonitor, planted: Planted) -> None:
    planted.add(("a.s.one.id", "a.s.two.key"), ("a.s.one.name", "a.s.two.label"))
    monitor.track_data_lineage("transform", "a", "s", "two", "a", "s", "three", columns={"Key": ["KEY"]})
    assert pairs(monitor.get_lineage_graph("a.s.one.id", direction="downstream")) == {
        ("a.s.one.id", "a.s.two.key"),
        ("a.s.two.key", "a.s.three.key"),
    }
    assert pairs(monitor.get_lineage_graph("a.s.one", level="column", hops=1)) == {
        ("a.s.one.id", "a.s.two.key"),
        ("a.s.one.name", "a.s.two.label"),
    }


def test_a_time(monitor: DatabricksGovernanceMonitor, planted: Planted) -> None:
    planted.add(("a.s.one", "a.s.two"), when=NOON)
    planted.add(("a.s.two", "a.s.three"), when=NOON + DAY)
    assert pairs(monitor.get_lineage_graph(since=NOON + DAY)) == {("a.s.two", "a.s.three")}
    assert pairs(monitor.get_lineage_graph(until=NOON + DAY)) == {("a.s.one", "a.s.two")}
    assert pairs(monitor.get_lineage_graph("a", since=NOON.replace(tzinfo=None), until=NOON)) == set()


def test_tables_that_are_gone(monitor: DatabricksGovernanceMonitor, planted: Planted) -> None:
    planted.warehouse.execute(f"CREATE TABLE {planted.catalog}.s.kept (x INT)").close()
    kept, gone = f"{planted.catalog}.s.kept", f"{planted.catalog}.s.gone"
    planted.add((gone, kept), ("/Volumes/a/b/c/x.csv", gone))
    graph = monitor.get_lineage_graph(kept, direction="upstream")
    assert {str(one): graph.is_missing(one) for one in graph.nodes} == {
        kept: False,
        gone: True,
        "/Volumes/a/b/c/x.csv": False,
    }


def test_what_is_asked_is_never_part_of_the_statement(
    monitor: DatabricksGovernanceMonitor, planted: Planted
) -> None:
    planted.add(("a.s.one", "a.s.two"))
    assert pairs(monitor.get_lineage_graph("s3://x' OR '1'='1")) == set()
    with pytest.raises(InvalidName):
        monitor.get_lineage_graph("a.s.one' OR 1=1")


def test_lineage_that_is_kept_in_a_table(warehouse: Warehouse, catalog: str) -> None:
    settings = LineageSettings(table_in=f"{catalog}.s", system=None)
    first = DatabricksGovernanceMonitor("one", warehouse=warehouse, settings=settings)
    told = first.track_data_lineage(
        "transform", "a", "s", "it's", "a", "s", "two", "SELECT 'x'", compliance_tags=["gdpr"], team="t"
    )
    second = DatabricksGovernanceMonitor("one", warehouse=warehouse, settings=settings)
    assert list(second.store.events()) == [told]
    second.store.add(told)
    assert warehouse.rows(f"SELECT source, target FROM {catalog}.s._lakestead_lineage") == [
        {"source": "a.s.it's", "target": "a.s.two"}
    ]
    assert pairs(second.get_lineage_graph("a")) == {("a.s.it's", "a.s.two")}


def test_system_tables_that_cannot_be_read(warehouse: Warehouse, catalog: str) -> None:
    settings = LineageSettings(system=catalog)
    monitor = DatabricksGovernanceMonitor("one", warehouse=warehouse, settings=settings)
    with pytest.raises(Error, match="access"):
        monitor.get_lineage_graph()


def test_a_schema_that_is_none(warehouse: Warehouse, tmp_path: Path) -> None:
    settings = LineageSettings(table_in="main")
    with pytest.raises(ConfigError, match=r"give catalog\.schema"):
        DatabricksGovernanceMonitor("one", warehouse=warehouse, settings=settings).track_data_lineage(
            "read", "a", "s", "one"
        )
    with pytest.raises(ValueError, match="not both"):
        LineageSettings(table_in="a.b", file=tmp_path / "x")
