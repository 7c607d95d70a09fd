"""What a monitor tracks, where it keeps it, and what it counts; without a workspace."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lakestead.core.attribution import attribution
from lakestead.core.errors import SourceError
from lakestead.core.names import InvalidName
from lakestead.govern import DatabricksGovernanceMonitor, LineageSettings, get_governance_monitor
from lakestead.govern.lineage.edges import Node


def test_one_monitor_for_a_metastore() -> None:
    name = str(uuid.uuid4())
    with ThreadPoolExecutor(8) as pool:
        monitors = set(pool.map(lambda _: get_governance_monitor(name), range(64)))
    assert len(monitors) == 1
    assert get_governance_monitor(str(uuid.uuid4())) not in monitors


def test_many_threads_track_at_once() -> None:
    monitor = DatabricksGovernanceMonitor()
    with ThreadPoolExecutor(8) as pool:
        tracked = list(
            pool.map(
                lambda n: monitor.track_data_lineage("copy", "a", "s", f"t{n}", "a", "s", "u"), range(500)
            )
        )
    assert {one.event_id for one in monitor.store.events()} == {one.event_id for one in tracked}
    assert len({one.event_id for one in tracked}) == monitor.get_governance_summary().lineage_events == 500


def test_what_is_recorded() -> None:
    monitor = DatabricksGovernanceMonitor()
    with attribution(team="sales", data_classification="internal"):
        told = monitor.track_data_lineage(
            "transform", "Raw", "S", "A", "b", "s", "c", "SELECT 1", "ada", "bob", None, ["gdpr"], project="p"
        )
    assert (told.source, told.target) == ("raw.s.a", "b.s.c")
    assert (told.data_owner, told.data_steward, told.compliance_tags) == ("ada", "bob", ("gdpr",))
    assert told.data_classification == "internal"
    assert (told.attributes["team"], told.attributes["project"]) == ("sales", "p")
    with pytest.raises(TypeError):
        monitor.track_data_lineage("read", "a", "s", "t", nobody="x")


def test_names_that_are_none_are_counted() -> None:
    monitor = DatabricksGovernanceMonitor()
    for parts in (("a", "s", "x y"), ("a", "", "t")):
        with pytest.raises(InvalidName):
            monitor.track_data_lineage("read", *parts)
    monitor.track_data_lineage("read", "a", "s", "t")
    summary = monitor.get_governance_summary()
    assert (summary.schema_validation_pass, summary.schema_validation_fail) == (1, 2)


def test_a_file_keeps_it(tmp_path: Path) -> None:
    settings = LineageSettings(file=tmp_path / "lineage.jsonl", system=None)
    first = DatabricksGovernanceMonitor(settings=settings)
    told = [
        first.track_data_lineage("copy", "a", "s", "it's", "a", "s", "ü", "line\nline", columns={"x": ["y"]}),
        first.track_data_lineage("read", "a", "s", "t"),
    ]
    second = DatabricksGovernanceMonitor(settings=settings)
    assert list(second.store.events()) == told
    assert list(second.get_lineage_graph().nodes) == [Node("a.s.it's"), Node("a.s.ü")]
    with (tmp_path / "lineage.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"source": "x"}\n')
    with pytest.raises(SourceError, match=r"lineage\.jsonl:3"):
        list(second.store.events())
