"""Files as relations of the engine: types, nested values, malformed records."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakestead.core.datatypes import DOUBLE, LONG, STRING, TIMESTAMP, VOID, Array, Decimal, Field, Struct
from lakestead.engine.files import (
    FilesError,
    FilesErrorKind,
    LocalTree,
    Options,
    Relation,
    Root,
    Scanner,
    file_format,
    find,
)
from lakestead.engine.files.inference import Inference, merged
from lakestead.engine.sail import EngineSession

UTC = ZoneInfo("UTC")


class Reader:
    """Reads what is in a folder."""

    def __init__(self, folder: Path, session: EngineSession) -> None:
        self.folder = folder / "files"
        self.scratch = folder / "scratch"
        self.folder.mkdir()
        self.scratch.mkdir()
        self.session = session

    def write(self, name: str, content: str | bytes | pa.Table) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, pa.Table):
            pq.write_table(content, path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def relation(self, form: str, *, infer: bool = False, lenient: bool = False, **options: str) -> Relation:
        parsed = Options.of(file_format(form), options.items())
        files = find(Root(LocalTree(self.folder), str(self.folder), "/shown"), parsed)
        scanner = Scanner(
            parsed, self.scratch, self.session.query, lambda: None, infer=infer, lenient=lenient
        )
        return scanner.scan(files).relation

    def rows(
        self, form: str, *, infer: bool = False, lenient: bool = False, **options: str
    ) -> list[dict[str, Any]]:
        relation = self.relation(form, infer=infer, lenient=lenient, **options)
        found: list[dict[str, Any]] = self.session.query(relation.select()).to_pylist()
        return found

    def types(self, form: str, **options: str) -> dict[str, str]:
        return {one.name: one.type.ddl for one in self.relation(form, infer=True, **options).columns}


@pytest.fixture
def reader(tmp_path: Path, session: EngineSession) -> Reader:
    return Reader(tmp_path, session)


def test_types_of_csv_columns(reader: Reader) -> None:
    reader.write(
        "a.csv", "i,l,d,b,day,at,s,n,z\n1,3000000000,1.5e3,true,2024-02-29,2024-01-02 03:04:05,1x,,007\n"
    )
    reader.write("b.csv", "i,l,d,b,day,at,s,n,z\n-2,4,NaN,FALSE,2024-1-1,2024-01-02T03:04:05Z,,,\n")
    assert reader.types("csv", header="true") == {
        "i": "int",
        "l": "bigint",
        "d": "double",
        "b": "boolean",
        "day": "date",
        "at": "timestamp",
        "s": "string",
        "n": "string",
        "z": "int",
    }
    assert set(reader.types("csv", header="true", dateFormat="dd/MM/yyyy").values()) >= {"timestamp"}
    strings = reader.relation("csv", header="true").columns
    assert {one.type.ddl for one in strings} == {"string"}


def test_formats_of_dates(reader: Reader) -> None:
    reader.write("a.csv", "29/02/2024;02.01.2024 03:04\n")
    options = {"sep": ";", "dateFormat": "dd/MM/yyyy", "timestampFormat": "dd.MM.yyyy HH:mm"}
    assert reader.rows("csv", infer=True, **options) == [
        {"_c0": date(2024, 2, 29), "_c1": datetime(2024, 1, 2, 3, 4, tzinfo=UTC)}
    ]


def test_columns_of_many_csv_files_go_by_name(reader: Reader) -> None:
    reader.write("a.csv", "x,y\n1,2\n")
    reader.write("b.csv", "z,X\n3,4\n")
    assert reader.rows("csv", header="true") == [
        {"x": "1", "y": "2", "z": None},
        {"x": "4", "y": None, "z": "3"},
    ]


def test_partitions_become_columns(reader: Reader) -> None:
    reader.write("day=2024-01-02/n=1/a.parquet", pa.table({"v": ["a"]}))
    reader.write("day=__HIVE_DEFAULT_PARTITION__/n=2/b.parquet", pa.table({"v": ["b"]}))
    assert sorted(reader.rows("parquet"), key=str) == [
        {"v": "a", "day": date(2024, 1, 2), "n": 1},
        {"v": "b", "day": None, "n": 2},
    ]


def test_json_keeps_numbers_and_nested_values_as_they_were(reader: Reader) -> None:
    document = (
        '{"exact": 12345678901234567890.10, "s": "é\\n", "o": {"a": [1,  2.50]}, "a b": true, "c.d": null}'
    )
    reader.write("a.json", document + "\n\n")
    (row,) = reader.rows("json")
    assert row == {
        "a b": "true",
        "c.d": None,
        "exact": "12345678901234567890.10",
        "o": '{"a": [1,  2.50]}',
        "s": "é\n",
    }


def test_types_of_json_members(reader: Reader) -> None:
    reader.write(
        "a.json", '{"n": 1, "o": {"x": [1], "at": "2024-01-02T03:04:05Z"}, "mixed": 1, "none": null}\n'
    )
    reader.write("b.json", '{"n": 2.5, "o": {"y": {"z": true}}, "mixed": [1]}\n')
    assert reader.types("json") == {
        "mixed": "string",
        "n": "double",
        "none": "string",
        "o": "struct<at:string,x:array<bigint>,y:struct<z:boolean>>",
    }
    first, second = reader.rows("json", infer=True, inferTimestamp="true")
    assert first["o"] == {"at": datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), "x": [1], "y": None}
    assert (second["n"], second["mixed"]) == (2.5, "[1]")
    assert set(reader.types("json", primitivesAsString="true").values()) >= {"string"}


def test_json_documents_of_many_lines(reader: Reader) -> None:
    reader.write("a.json", json.dumps([{"a": 1}, {"a": 2}], indent=2))
    reader.write("b.json", json.dumps({"a": 3}, indent=2))
    assert reader.rows("json", infer=True, multiLine="true") == [{"a": 1}, {"a": 2}, {"a": 3}]


def test_malformed_json(reader: Reader) -> None:
    reader.write("a.json", '{"a": 1}\n{"a": \n[2]\n')
    for options in ({}, {"mode": "FAILFAST"}):
        with pytest.raises(FilesError, match="Malformed records") as error:
            reader.rows("json", **options)
        assert error.value.kind is FilesErrorKind.MALFORMED
    assert reader.rows("json", mode="DROPMALFORMED") == [{"a": "1"}]
    assert reader.rows("json", mode="PERMISSIVE") == [{"a": "1"}, {"a": None}, {"a": None}]


def test_parquet_files_are_read_in_place_or_brought_together(reader: Reader) -> None:
    reader.write("a.parquet", pa.table({"a": [1], "at": pa.array([1], pa.timestamp("us"))}))
    at = datetime(1970, 1, 1, microsecond=1, tzinfo=UTC).replace(tzinfo=None)
    assert reader.rows("parquet") == [{"a": 1, "at": at}]
    assert not list(reader.scratch.glob("*.parquet"))
    reader.write(
        "b.parquet", pa.table({"A": pa.array([2], pa.uint8()), "x": pa.array(["y"]).dictionary_encode()})
    )
    assert sorted(reader.rows("parquet"), key=str)[1] == {"a": 2, "at": None, "x": "y"}
    reader.write("c.parquet", pa.table({"a": ["text"]}))
    with pytest.raises(FilesError, match=r"`a`.*c\.parquet") as error:
        reader.rows("parquet")
    assert error.value.kind is FilesErrorKind.SCHEMA


def test_text_and_binary_files(reader: Reader) -> None:
    reader.write("a.txt", "one\r\n\ntwo")
    assert reader.rows("text") == [{"value": "one"}, {"value": ""}, {"value": "two"}]
    assert reader.rows("text", wholetext="true") == [{"value": "one\r\n\ntwo"}]
    assert [row["value"] for row in reader.rows("text", lineSep="e")] == ["on", "\r\n\ntwo"]
    (row,) = reader.rows("binaryFile")
    assert (row["path"], row["length"], row["content"]) == ("/shown/a.txt", 9, b"one\r\n\ntwo")


def test_lenient_reading_gives_nulls(reader: Reader) -> None:
    reader.write("a.csv", "1\nx\n")
    relation = reader.relation("csv", lenient=True)
    query = relation.select([("n", relation.columns[0], LONG)])
    assert reader.session.query(query).to_pylist() == [{"n": 1}, {"n": None}]
    with pytest.raises(FilesError) as error:
        relation.select([("n", relation.columns[0], Array(LONG))])
    assert error.value.kind is FilesErrorKind.SCHEMA


def test_merged_types() -> None:
    assert merged(VOID, LONG) == LONG
    assert merged(LONG, DOUBLE) == DOUBLE
    assert merged(LONG, STRING) == STRING
    assert merged(Decimal(5, 2), Decimal(4, 3)) == Decimal(6, 3)
    assert merged(Decimal(5, 2), LONG) == Decimal(22, 2)
    assert merged(Decimal(38, 0), Decimal(38, 38)) == DOUBLE
    assert merged(Array(LONG), Array(VOID)) == Array(LONG)
    one, other = Struct((Field("a", LONG),)), Struct((Field("b", STRING),))
    assert merged(one, other) == Struct((Field("a", LONG), Field("b", STRING)))
    assert merged(one, LONG) == STRING


def test_inference_options() -> None:
    exact = Inference(Options.of("JSON", [("prefersDecimal", "true"), ("inferTimestamp", "true")]))
    exact.see(['{"a": 1.25, "b": 10000000000000000000, "t": "2024-01-02"}', "not json", "[1]", None])
    assert {one.name: one.type for one in exact.fields} == {
        "a": Decimal(3, 2),
        "b": Decimal(20, 0),
        "t": TIMESTAMP,
    }
