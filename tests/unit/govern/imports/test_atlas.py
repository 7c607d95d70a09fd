"""What exports of Atlas say, as lineage."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from pathlib import Path

import pytest

from lakestead.core.errors import SourceError
from lakestead.core.names import InvalidName
from lakestead.govern import DatabricksGovernanceMonitor
from lakestead.govern.imports import migrate_atlas_lineage_to_genops
from lakestead.govern.imports.atlas import AtlasExport, read_atlas
from lakestead.govern.imports.atlas.export import parse_atlas
from lakestead.govern.imports.atlas.lineage import events
from lakestead.govern.imports.atlas.names import Names
from lakestead.govern.lineage.event import LineageMetrics

from .atlas_exports import bulk, entity, lineage, reference

NAMES = Names("main", {})


def pairs(found: list[LineageMetrics]) -> set[tuple[str, str | None]]:
    return {(event.source, event.target) for event in found}


def export(*said: object) -> AtlasExport:
    return parse_atlas([("test", one) for one in said])


def test_entities_with_processes() -> None:
    found = events(export(bulk()), NAMES)
    assert pairs(found) == {
        ("main.sales.raw", "main.sales.clean"),
        ("hdfs://nn:8020/in/raw.csv", "main.sales.clean"),
    }
    [event] = [one for one in found if one.source == "main.sales.raw"]
    assert event.columns == {"key": ["id"]}
    assert event.lineage_type == "createtable_as_select"
    assert event.transformation_logic == "create table clean as select id as key from raw"
    assert event.data_owner == "etl"
    assert event.event_time == dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)


def test_an_answer_on_lineage() -> None:
    found = events(export(lineage()), NAMES)
    assert pairs(found) == {
        ("main.sales.raw", "main.sales.clean"),
        ("s3a://bucket/in/raw.csv", "main.sales.clean"),
    }


def test_the_same_process_in_several_answers_is_one(tmp_path: Path) -> None:
    for number in range(2):
        (tmp_path / f"{number}.json").write_text(json.dumps(lineage()), encoding="utf-8")
    (tmp_path / "3.json").write_text(json.dumps(bulk()), encoding="utf-8")
    found = events(read_atlas(sorted(tmp_path.iterdir())), NAMES)
    assert len(found) == len({event.event_id for event in found}) == 4
    again = events(read_atlas(sorted(tmp_path.iterdir(), reverse=True)), NAMES)
    assert {event.event_id for event in again} == {event.event_id for event in found}


def test_an_archive(tmp_path: Path) -> None:
    said = bulk()
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("atlas-typesdef.json", json.dumps({"entityDefs": [{"name": "hive_table"}]}))
        archive.writestr("atlas-export-order.json", json.dumps([one["guid"] for one in said["entities"]]))
        archive.writestr(
            "atlas-export-info.json", json.dumps({"userName": "admin", "operationStatus": "SUCCESS"})
        )
        for one in said["entities"]:
            document = {"entity": one, "referredEntities": said["referredEntities"]}
            archive.writestr(f"{one['guid']}.json", json.dumps(document))
    found = events(read_atlas([tmp_path / "export.zip"]), NAMES)
    assert pairs(found) == pairs(events(export(said), NAMES))


def test_clusters_are_catalogs() -> None:
    found = events(export(bulk()), Names("other", {"cl1": "Lake"}))
    assert pairs(found) >= {("lake.sales.raw", "lake.sales.clean")}
    assert pairs(events(export(bulk()), Names("Other", {"cl2": "lake"}))) >= {
        ("other.sales.raw", "other.sales.clean")
    }


def test_deleted_things_are_left_out() -> None:
    said = bulk()
    said["entities"][2]["status"] = "DELETED"
    assert events(export(said), NAMES) == []
    assert export(said).deleted == 2


@pytest.mark.parametrize("name", ["nothing@cl1", "a.b/c@cl1", "@cl1"])
def test_names_that_are_none(name: str) -> None:
    attributes = {"inputs": [reference("1", "hive_table")], "outputs": [reference("1", "hive_table")]}
    process = entity("2", "hive_process", "p@cl1", attributes=attributes)
    with pytest.raises(SourceError, match="hive_table"):
        events(export({"entities": [entity("1", "hive_table", name), process]}), NAMES)


@pytest.mark.parametrize("said", [{}, [], {"entities": []}, {"guidEntityMap": {}, "relations": []}])
def test_nothing(said: object) -> None:
    with pytest.raises(SourceError, match="no entity of Apache Atlas"):
        export(said)


def test_an_entity_without_an_id() -> None:
    with pytest.raises(SourceError, match="test has an entity without"):
        export({"entities": [{"typeName": "hive_table"}]})


def entry(**more: object) -> dict[str, object]:
    names = {"catalog": "Raw", "schema": "s", "table": "a"}
    return {"process_type": "etl", "input_dataset": names, "output_dataset": {**names, "table": "b"}, **more}


def test_the_shape_of_programs() -> None:
    monitor = DatabricksGovernanceMonitor("atlas")
    tracked = migrate_atlas_lineage_to_genops(
        [entry(process_sql="SELECT 1"), entry(classification="public")], monitor
    )
    assert list(monitor.store.events()) == tracked
    assert pairs(tracked) == {("raw.s.a", "raw.s.b")}
    assert [one.data_classification for one in tracked] == ["internal", "public"]
    assert tracked[0].transformation_logic == "SELECT 1"
    assert monitor.get_governance_summary().lineage_events == 2


def test_an_entry_that_lacks_something() -> None:
    monitor = DatabricksGovernanceMonitor("atlas")
    with pytest.raises(SourceError, match=r"entry 1 .* no 'output_dataset'"):
        migrate_atlas_lineage_to_genops([entry(), {"process_type": "x", "input_dataset": {}}], monitor)
    with pytest.raises(InvalidName):
        migrate_atlas_lineage_to_genops(
            [entry(input_dataset={"catalog": "a b", "schema": "s", "table": "t"})], monitor
        )
