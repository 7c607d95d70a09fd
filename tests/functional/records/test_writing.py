"""Records into tables: few and many, every mode, all or nothing."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from databricks.sql import Error

from lakestead.core.errors import SourceError
from lakestead.records import DatabricksConnector
from lakestead.testing import Workspace

MANY = 12_000
Staged = Callable[[], list[str]]


def people_of(count: int) -> Iterator[dict[str, Any]]:
    return ({"id": number, "name": f"n{number}"} for number in range(count))


def count(connector: DatabricksConnector, table: str) -> int:
    number: int = connector.read_records(f"SELECT count(*) AS n FROM {table}")[0]["n"]
    return number


VALUES: list[dict[str, Any]] = [
    {
        "whole": 2**62,
        "huge": 2**80,
        "real": 0.1,
        "none": math.nan,
        "exact": Decimal("12345678901234567890.123"),
        "text": "it's \\ \n ü 🜚 %(x)s",
        "bytes": b"\x00\xff",
        "day": dt.date(1969, 2, 28),
        "moment": dt.datetime(2024, 1, 1, 12, 0, 0, 1, tzinfo=dt.timezone(dt.timedelta(hours=5))),
        "clock": dt.datetime.fromisoformat("2024-01-01T12:00:00.000001"),
        "yes": True,
        "id": uuid.UUID(int=7),
        "list": [1, None, 3],
        "dict": {"a": 1, "b": {"c": ["x"]}},
    },
]
VALUES.append(dict.fromkeys(VALUES[0]))
KEPT = [
    {**VALUES[0], "huge": Decimal(2**80), "id": str(uuid.UUID(int=7)), "none": "nan"},
    {**VALUES[1], "none": None},
]


def without_nan(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows with text for NaN, which is not equal to itself; nulls come last."""
    named = [{key: "nan" if value != value else value for key, value in row.items()} for row in rows]
    return sorted(named, key=lambda row: row["whole"] is None)


def test_values_come_back_as_they_went(connector: DatabricksConnector, staged: Staged) -> None:
    assert connector.write_records(VALUES, "kinds", mode="create") == 2
    assert without_nan(connector.read_records("kinds")) == KEPT
    scalars = [{key: value for key, value in row.items() if key not in ("list", "dict")} for row in VALUES]
    connector.execute("TRUNCATE TABLE kinds")
    assert connector.write_records(scalars, "kinds") == 2  # bound, not staged
    expected = [{**row, "list": None, "dict": None} for row in KEPT]
    assert without_nan(connector.read_records("kinds")) == expected
    assert staged() == []


def test_variants_maps_and_structs(connector: DatabricksConnector) -> None:
    connector.execute(
        "CREATE TABLE kinds (id INT, v VARIANT, m MAP<STRING, INT>, s STRUCT<a: INT, b: STRING>)"
    )
    rows = [{"id": 1, "v": {"a": [1, "x"]}, "m": {"k": 1}, "s": {"b": "x"}}, {"id": 2, "v": "[1]"}]
    assert connector.write_records(rows, "kinds") == 2
    assert connector.write_records([{"id": 3, "v": 7}], "kinds") == 1
    found = connector.read_records("SELECT * FROM kinds ORDER BY id")
    assert [row["v"] for row in found] == ['{"a":[1,"x"]}', "[1]", "7"]
    assert [row["m"] for row in found] == [{"k": 1}, None, None]
    assert found[0]["s"] == {"a": None, "b": "x"}


@pytest.mark.parametrize(
    "frame",
    [
        pa.table({"id": [3], "name": ["Linus"]}),
        pa.RecordBatch.from_pylist([{"id": 3, "name": "Linus"}]),
        pa.table({"id": [3], "name": ["Linus"]}).to_reader(),
        pd.DataFrame({"id": [3], "name": ["Linus"]}),
        pl.DataFrame({"id": [3], "name": ["Linus"]}),
    ],
    ids=lambda frame: type(frame).__module__ + type(frame).__name__,
)
def test_frames(connector: DatabricksConnector, people: str, frame: Any) -> None:
    assert connector.write_records(frame, people) == 1
    assert connector.read_records(people, where="id = 3") == [{"id": 3, "name": "Linus", "age": None}]


def test_defaults_and_identities_stay_the_tables(connector: DatabricksConnector, staged: Staged) -> None:
    connector.execute(
        "CREATE TABLE kinds (n BIGINT GENERATED ALWAYS AS IDENTITY, id BIGINT, name STRING DEFAULT 'x')"
        " TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')"
    )
    connector.write_records([{"id": 1}], "kinds")
    connector.write_records(({"id": number} for number in range(MANY)), "kinds")
    found = connector.read_records("SELECT count(DISTINCT n) AS n, min(name) AS a, max(name) AS z FROM kinds")
    assert found == [{"n": MANY + 1, "a": "x", "z": "x"}]
    assert staged() == []


def test_many(connector: DatabricksConnector, people: str, staged: Staged) -> None:
    assert (
        repr(connector.write_records(people_of(MANY), people))
        == f"Changes(inserted={MANY}, updated=0, deleted=0)"
    )
    assert count(connector, people) == MANY + 2
    assert staged() == []


@pytest.mark.parametrize("records", [[], iter(()), pa.table({"id": pa.array([], pa.int64())})])
def test_nothing_to_append(connector: DatabricksConnector, people: str, records: Any) -> None:
    assert connector.write_records(records, people) == 0
    assert count(connector, people) == 2


@pytest.mark.parametrize("rows", [1, MANY])
def test_overwriting(connector: DatabricksConnector, people: str, rows: int) -> None:
    done = connector.write_records(people_of(rows), people, mode="overwrite")
    assert (done.inserted, done.deleted) == (rows, 2)
    assert count(connector, people) == rows
    assert (connector.write_records([], people, mode="overwrite").deleted, count(connector, people)) == (
        rows,
        0,
    )


@pytest.mark.parametrize("rows", [1, MANY])
def test_overwriting_where(connector: DatabricksConnector, people: str, rows: int) -> None:
    old = ({"id": number, "name": "%%", "age": 85} for number in range(rows))
    done = connector.write_records(
        old, people, mode="overwrite", where="age = %(age)s AND 7 %% 4 = 3", params={"age": 85}
    )
    assert (done.inserted, done.deleted) == (rows, 1)
    assert connector.read_records(people, where="age = 36") == [{"id": 1, "name": "Ada", "age": 36}]
    assert count(connector, people) == rows + 1
    with pytest.raises(Error, match="DELTA_REPLACE_WHERE_MISMATCH"):
        connector.write_records([{"id": 9, "age": 1}], people, mode="overwrite", where="age = 85")
    assert count(connector, people) == rows + 1
    emptied = connector.write_records([], people, mode="overwrite", where="age = 85")
    assert (emptied.deleted, count(connector, people)) == (rows, 1)


def test_creating(connector: DatabricksConnector, staged: Staged) -> None:
    assert connector.write_records(people_of(MANY), "fresh", mode="create", schema={"id": "INT"}) == MANY
    columns = connector.read_records("DESCRIBE TABLE fresh")
    assert [(one["col_name"], one["data_type"]) for one in columns] == [("id", "int"), ("name", "string")]
    with pytest.raises(Error, match="TABLE_OR_VIEW_ALREADY_EXISTS"):
        connector.write_records([{"id": 1}], "fresh", mode="create")
    assert staged() == []
    empty = pa.table({"id": pa.array([], pa.uint16()), "at": pa.array([], pa.timestamp("ns"))})
    assert connector.write_records(empty, "bare", mode="create") == 0
    columns = connector.read_records("DESCRIBE TABLE bare")
    assert [one["data_type"] for one in columns] == ["int", "timestamp_ntz"]


def test_a_created_table_is_whole_or_not_there(connector: DatabricksConnector, staged: Staged) -> None:
    def bad() -> Iterator[dict[str, Any]]:
        yield from people_of(MANY)
        yield {"id": "x"}

    with pytest.raises(SourceError, match=f"row {MANY}: column 'id'"):
        connector.write_records(bad(), "fresh", mode="create")
    with pytest.raises(Error, match="TABLE_OR_VIEW_NOT_FOUND"):
        connector.read_records("fresh")
    assert staged() == []


@pytest.mark.parametrize("mode", ["append", "overwrite"])
@pytest.mark.parametrize("rows", [1, MANY])
def test_new_columns(connector: DatabricksConnector, people: str, rows: int, mode: Any) -> None:
    records = [{"id": number, "city": "London", "seen": dt.date(2024, 1, 1)} for number in range(rows)]
    with pytest.raises(SourceError, match="no column 'city'"):
        connector.write_records(records, people, mode=mode)
    assert connector.write_records(records, people, mode=mode, evolve=True).inserted == rows
    columns = connector.read_records(f"DESCRIBE TABLE {people}")
    assert [one["data_type"] for one in columns] == ["bigint", "string", "int", "string", "date"]
    assert connector.read_records(people, where="city = 'London'", limit=1)[0]["seen"] == dt.date(2024, 1, 1)


def test_an_append_that_fails_adds_no_column(
    connector: DatabricksConnector, people: str, staged: Staged
) -> None:
    connector.execute(f"ALTER TABLE {people} ADD CONSTRAINT old CHECK (id >= 0)")
    with pytest.raises(Error, match="DELTA_VIOLATE_CONSTRAINT"):
        connector.write_records([{"id": -1, "city": "London"}], people, evolve=True)
    assert len(connector.read_records(f"DESCRIBE TABLE {people}")) == 3
    assert staged() == []


def test_a_source_that_fails_leaves_nothing(
    connector: DatabricksConnector, people: str, staged: Staged
) -> None:
    def dying() -> Iterator[dict[str, Any]]:
        yield from people_of(3 * MANY)
        raise OSError("the source is gone")

    with pytest.raises(OSError, match="the source is gone"):
        connector.write_records(dying(), people)
    assert count(connector, people) == 2
    assert staged() == []


def test_a_chosen_volume(
    workspace_session: Workspace, connector: DatabricksConnector, people: str, schema: str
) -> None:
    connector.execute("CREATE VOLUME parking")
    volume = f"main.{schema}.parking"
    connector.write_records(people_of(MANY), people, volume=volume)
    connector.write_records(people_of(MANY), people, volume=f"/Volumes/main/{schema}/parking")
    assert count(connector, people) == 2 * MANY + 2
    files = workspace_session.client().files
    assert list(files.list_directory_contents(f"/Volumes/main/{schema}/parking")) == []
    assert [one.name for one in workspace_session.client().volumes.list("main", schema)] == ["parking"]


def test_what_was_left_behind_is_swept(
    workspace_session: Workspace, connector: DatabricksConnector, people: str, schema: str, staged: Staged
) -> None:
    connector.write_records(people_of(MANY), people)
    volume = f"/Volumes/main/{schema}/_lakestead_staging"
    files = workspace_session.client().files
    now = dt.datetime.now(dt.UTC)
    old, young = ((now - dt.timedelta(hours=hours)).strftime("%Y%m%dT%H%M%SZ-left") for hours in (25, 23))
    for name in (old, young, "mine"):
        files.create_directory(f"{volume}/{name}")
        files.upload(f"{volume}/{name}/0.parquet", pa.BufferReader(b"PAR1"))
    connector.write_records(people_of(MANY), people)
    assert sorted(path.rstrip("/").rpartition("/")[2] for path in staged()) == [young, "mine"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"mode": "upsert"}, "mode is one of append, overwrite, create"),
        ({"where": "id = 1"}, "mode='overwrite'"),
        ({"mode": "overwrite", "where": " "}, "give a predicate"),
    ],
)
def test_contradictions(connector: DatabricksConnector, people: str, options: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        connector.write_records([{"id": 1}], people, **options)


def test_a_schema_is_explained(connector: DatabricksConnector) -> None:
    found = {
        one.name: (one.type, one.nulls, one.why) for one in connector.infer_schema([{"a": 1, "b": None}])
    }
    assert found == {
        "a": ("BIGINT", 0, "values of int in the first 1 rows"),
        "b": ("STRING", 1, "no value in the first 1 rows"),
    }
