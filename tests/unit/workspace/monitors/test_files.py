"""Which tables are read by their files, and which of their files."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from lakestead.engine.profiles import Granularity
from lakestead.workspace.monitors.refreshes.files import is_direct, source_of

_START = datetime(2024, 1, 1, tzinfo=UTC)


def _day(day: int) -> pa.Table:
    at = pa.array([_START + timedelta(days=day), None], pa.timestamp("us", "UTC"))
    return pa.table({"at": at, "shop": ["a b", "c"], "n": [day, day]})


def test_files_of_windows(tmp_path: Path) -> None:
    for day in range(3):
        write_deltalake(tmp_path, _day(day), mode="append", partition_by=["shop"])
    table = DeltaTable(tmp_path)
    everything = source_of(table, "at", None)
    assert everything.rows == 6
    assert {one for piece in everything.column("shop") for one in piece.to_pylist()} == {"a b", "c"}
    window = Granularity.parse("1 day").window(_START + timedelta(days=1))
    # One day's file, and those of which the log does not say when their rows were.
    found = source_of(table, "at", [window])
    assert sorted(one for piece in found.column("n") for one in piece.to_pylist()) == [0, 1, 1, 2]


@pytest.mark.parametrize(
    ("reader", "features", "properties"),
    [
        (2, {}, {"delta.columnMapping.mode": "name"}),
        (3, {"readerFeatures": ["deletionVectors"], "writerFeatures": ["deletionVectors"]}, {}),
    ],
)
def test_tables_that_only_the_engine_reads(
    tmp_path: Path, reader: int, features: dict[str, Any], properties: dict[str, str]
) -> None:
    write_deltalake(tmp_path, _day(0))
    assert is_direct(DeltaTable(tmp_path))
    [first] = (tmp_path / "_delta_log").glob("*.json")
    lines = [json.loads(line) for line in first.read_text().splitlines()]
    for line in lines:
        if "protocol" in line:
            versions = {"minReaderVersion": reader, "minWriterVersion": 7 if features else 5}
            line["protocol"] = {**versions, **features}
        if "metaData" in line:
            line["metaData"]["configuration"] = properties
            schema = json.loads(line["metaData"]["schemaString"])
            for number, field in enumerate(schema["fields"]):
                mapped = {"id": number, "physicalName": f"col-{number}"}
                field["metadata"] = {f"delta.columnMapping.{key}": value for key, value in mapped.items()}
            line["metaData"]["schemaString"] = json.dumps(schema)
    first.write_text("\n".join(map(json.dumps, lines)))
    assert not is_direct(DeltaTable(tmp_path))
