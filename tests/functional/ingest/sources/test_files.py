"""Files as a source: types, one schema over all files, new files only, bad lines, and every store."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakestead.core.datatypes import parse_type
from lakestead.core.errors import ConfigError, SourceError
from lakestead.ingest.sources.files import Files
from lakestead.ingest.sources.source import Cursor, Request, Window
from tests.servers.azurite import AzuriteServer
from tests.servers.s3 import S3Server


class Reading:
    """A source over a folder, and what it gives."""

    def __init__(self, root: Path, scratch: Path) -> None:
        self.root = root
        self.scratch = scratch
        self.source = Files("test", {"bucket_url": str(root)})
        self.cursor: Cursor | None = None
        self.rejects: list[dict[str, Any]] = []

    def write(self, name: str, content: str | bytes, at: datetime | None = None) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        if at is not None:
            os.utime(path, (at.timestamp(), at.timestamp()))

    def request(self, path: str = "**", window: Window | None = None, **options: Any) -> Request:
        request = {key: options.pop(key) for key in ("types", "columns", "chunk_size") if key in options}
        inner = {key: options.pop(key) for key in ("file_format", "incremental_by") if key in options}
        return Request(window=window, options={"path": path, "format_options": options, **inner}, **request)

    def types(self, request: Request) -> dict[str, str]:
        return {column.name: column.type.ddl for column in self.source.shape(request).columns}

    def rows(self, request: Request) -> list[dict[str, Any]]:
        folder = self.scratch / f"out-{len(os.listdir(self.scratch))}"
        folder.mkdir()
        rows: list[dict[str, Any]] = []
        self.rejects = []
        for staged in self.source.extract(request, folder):
            table = pq.read_table(staged.path)
            assert table.num_rows == staged.rows
            (self.rejects if staged.rejected else rows).extend(table.to_pylist())
            self.cursor = staged.cursor or self.cursor
            staged.path.unlink()
        assert list(folder.iterdir()) == []
        return rows


@pytest.fixture
def reading(tmp_path: Path) -> Iterator[Reading]:
    (tmp_path / "in").mkdir()
    (tmp_path / "scratch").mkdir()
    reading = Reading(tmp_path / "in", tmp_path / "scratch")
    yield reading
    reading.source.close()


def test_csv_types_are_those_that_lose_nothing(reading: Reading) -> None:
    reading.write(
        "a.csv",
        "id,amount,code,when,zoned,day,flag,ratio,big,name\n"
        "1,1.50,007,2025-01-31 10:00:00,2025-01-31T10:00:00Z,2025-01-31,true,1e-3,"
        '12345678901234567890,"x, ""y"""\n'
        "2,-20.125,,2025-01-31T10:00:00.123456,2025-01-31T10:00:00+02:00,2025-02-01,False,2.5,1,\n",
    )
    request = reading.request()
    assert reading.types(request) == {
        "id": "bigint",
        "amount": "decimal(18,3)",
        "code": "string",
        "when": "timestamp_ntz",
        "zoned": "timestamp",
        "day": "date",
        "flag": "boolean",
        "ratio": "double",
        "big": "decimal(38,0)",
        "name": "string",
    }
    first, second = sorted(reading.rows(request), key=lambda row: row["id"])
    assert first["amount"] == Decimal("1.500")
    assert first["code"] == "007"
    assert first["zoned"] == datetime(2025, 1, 31, 10, tzinfo=UTC)
    assert first["big"] == Decimal("12345678901234567890")
    assert first["name"] == 'x, "y"'
    assert second["when"] == datetime(2025, 1, 31, 10, 0, 0, 123456)  # noqa: DTZ001
    assert second["zoned"] == datetime(2025, 1, 31, 8, tzinfo=UTC)
    assert second["name"] is None
    assert second["flag"] is False


def test_a_type_shows_only_in_the_last_of_many_files(reading: Reading) -> None:
    for number in range(30):
        reading.write(f"{number:02d}.csv", f"id,value\n{number},{number}\n")
    reading.write("99.csv", "id,value,more\n99,not a number,x\n")
    request = reading.request("*.csv")
    assert reading.types(request) == {"id": "bigint", "value": "string", "more": "string"}
    rows = sorted(reading.rows(request), key=lambda row: row["id"])
    assert [row["value"] for row in rows] == [*map(str, range(30)), "not a number"]
    assert [row["more"] for row in rows] == [None] * 30 + ["x"]


def test_numbers_as_doubles_are_printed_are_doubles(reading: Reading) -> None:
    reading.write("a.csv", "x,y\n0.1,0.30000000000000004\n2.25,0.1\n")
    assert reading.types(reading.request()) == {"x": "decimal(18,2)", "y": "double"}


def test_types_that_are_asked_for_are_used(reading: Reading) -> None:
    reading.write("a.csv", "id,amount\n1,1.5\n2,3\n")
    types = {"ID": parse_type("string"), "amount": parse_type("decimal(20,4)")}
    request = reading.request(types=types)
    assert reading.types(request) == {"id": "string", "amount": "decimal(20,4)"}
    assert {row["amount"] for row in reading.rows(request)} == {Decimal("1.5000"), Decimal("3.0000")}
    with pytest.raises(SourceError, match="no column 'amnt'; did you mean 'amount'"):
        reading.types(reading.request(types={"amnt": parse_type("int")}))


def test_dialects(reading: Reading) -> None:
    reading.write("semi.csv", "a;b\n1,5;x\n2,25;'y;z'\n")
    request = reading.request("semi.csv", quote="'", decimal_separator=",")
    assert reading.types(request)["a"] == "decimal(18,2)"
    assert sorted((row["a"], row["b"]) for row in reading.rows(request)) == [
        (Decimal("1.50"), "x"),
        (Decimal("2.25"), "y;z"),
    ]
    reading.write("latin.csv", "stadt,größe\nKöln,1\n".encode("latin-1"))
    assert reading.rows(reading.request("latin.csv", encoding="latin-1")) == [{"stadt": "Köln", "größe": 1}]
    reading.write("tabs.tsv", "\ufeffa\tb\r\n1\tNA\r\n")
    assert reading.rows(reading.request("tabs.tsv", null_values=["", "NA"])) == [{"a": 1, "b": None}]
    reading.write("plain.csv", "# made by a machine\n1|31/12/2025\n")
    request = reading.request(
        "plain.csv", header=False, comment="#", names=["n", "d"], date_format="%d/%m/%Y"
    )
    assert reading.rows(request) == [{"n": 1, "d": date(2025, 12, 31)}]
    reading.write("nohead.csv", "1,x\n2,y\n")
    assert len(reading.rows(reading.request("nohead.csv", header=False))) == 2


def test_compressed_files_are_read(reading: Reading) -> None:
    reading.write("a.csv.gz", gzip.compress(b"id\n1\n"))
    reading.write("b.csv.zst", pa.compress(b"id\n2\n", codec="zstd", asbytes=True))
    assert sorted(row["id"] for row in reading.rows(reading.request())) == [1, 2]
    reading.write("json/a.jsonl.gz", gzip.compress(b'{"id": 3}\n'))
    assert reading.rows(reading.request("json/*.gz")) == [{"id": 3}]


def test_json_lines(reading: Reading) -> None:
    objects: list[dict[str, Any]] = [
        {"id": 1, "big": 2**70, "x": 1, "tags": ["a"], "at": "2025-01-31T10:00:00Z", "mixed": 1, "n": None},
        {"id": 2, "big": 1, "x": 0.5, "tags": {"k": "v"}, "at": None, "mixed": "one", "late": "2025-01-31"},
    ]
    reading.write("a.jsonl", json.dumps(objects[0]) + "\n\n")
    reading.write("b.ndjson", json.dumps(objects[1]))
    reading.write("c.json", json.dumps([{"id": 3}, {"id": 4}], indent=1))
    request = reading.request()
    assert reading.types(request) == {
        "id": "bigint",
        "big": "decimal(38,0)",
        "x": "double",
        "tags": "string",
        "at": "timestamp",
        "mixed": "string",
        "n": "string",
        "late": "date",
    }
    rows = sorted(reading.rows(request), key=lambda row: row["id"])
    assert [row["id"] for row in rows] == [1, 2, 3, 4]
    assert rows[0]["big"] == Decimal(2**70)
    assert json.loads(rows[0]["tags"]) == ["a"]
    assert json.loads(rows[1]["tags"]) == {"k": "v"}
    assert [row["mixed"] for row in rows[:2]] == ["1", "one"]
    nested = {"tags": parse_type("array<string>"), "x": parse_type("decimal(10,2)")}
    typed = reading.rows(reading.request("a.jsonl", types=nested))
    assert (typed[0]["tags"], typed[0]["x"]) == (["a"], Decimal("1.00"))


def test_parquet_files_that_fit_stay_as_they_are_unless_they_are_small(reading: Reading) -> None:
    rows = 2**20
    table = pa.table(
        {
            "id": pa.array(range(rows), pa.int64()),
            "amount": pa.array([Decimal("1.5"), None] * (rows // 2), pa.decimal128(9, 2)),
        }
    )
    small = table.slice(0, 5)
    for number in range(3):
        pq.write_table(small, reading.root / f"small-{number}.parquet")
        pq.write_table(table, reading.root / f"{number}.parquet", compression="none", use_dictionary=False)
    original = (reading.root / "0.parquet").read_bytes()
    request = reading.request()
    assert reading.types(request) == {"id": "bigint", "amount": "decimal(9,2)"}
    folder = reading.scratch / "as-they-are"
    folder.mkdir()
    staged = list(reading.source.extract(request, folder))
    found = sorted((file.path.read_bytes() == original, file.rows) for file in staged)
    assert found == [(False, 15), *[(True, rows)] * 3]
    assert (reading.root / "0.parquet").read_bytes() == original


def test_parquet_schemas_are_reconciled(reading: Reading) -> None:
    tables: list[Mapping[str, pa.Array]] = [
        {"id": pa.array([1], pa.int32()), "d": pa.array([Decimal("1.5")], pa.decimal128(5, 1))},
        {"id": pa.array([2**40], pa.int64()), "d": pa.array([Decimal("1.25")], pa.decimal128(4, 2))},
        {"ID": pa.array([3], pa.uint16()), "t": pa.array([0], pa.timestamp("ns"))},
        {"id": pa.array([4], pa.int32()), "of_day": pa.array([3_600_000], pa.time32("ms"))},
    ]
    for number, columns in enumerate(tables):
        pq.write_table(pa.table(columns), reading.root / f"{number}.parquet")
    request = reading.request()
    assert reading.types(request) == {
        "id": "bigint",
        "d": "decimal(6,2)",
        "t": "timestamp_ntz",
        "of_day": "string",
    }
    rows = sorted(reading.rows(request), key=lambda row: row["id"])
    assert [row["id"] for row in rows] == [1, 3, 4, 2**40]
    assert rows[0]["d"] == Decimal("1.50")
    assert rows[2]["of_day"] == "01:00:00"

    pq.write_table(pa.table({"id": ["x"]}), reading.root / "9.parquet")
    with pytest.raises(SourceError, match=r"column 'id' is bigint in .*\.parquet and string in .*9\.parquet"):
        reading.types(request)
    as_text = reading.request(types={"id": parse_type("string")})
    assert {row["id"] for row in reading.rows(as_text)} == {"1", "3", "4", str(2**40), "x"}


def test_columns_and_metadata_are_chosen(reading: Reading) -> None:
    at = datetime(2025, 1, 31, 10, tzinfo=UTC)
    reading.write("a.csv", "id,x,y\n1,2,3\n", at)
    request = reading.request(columns=("Y", "id"))
    assert reading.rows(request) == [{"y": 3, "id": 1}]
    [row] = reading.rows(reading.request(metadata_columns=True))
    assert row["_file_name"] == (reading.root / "a.csv").as_uri()
    assert row["_file_modified"] == at
    with pytest.raises(SourceError, match="did you mean 'id'"):
        reading.rows(reading.request(columns=("idd",)))


def test_a_window_over_a_column_of_the_rows(reading: Reading) -> None:
    reading.write("a.csv", "id,at\n1,2025-01-01\n2,2025-01-02\n3,2025-01-03\n4,\n")
    window = Window("at", date(2025, 1, 2), date(2025, 1, 3))
    assert [row["id"] for row in reading.rows(reading.request(window=window))] == [2]
    rows = reading.rows(reading.request(window=Window("at", None, date(2025, 1, 2))))
    assert sorted(row["id"] for row in rows) == [1, 4]
    assert reading.source.count(reading.request(window=window)) == 1


def again(cursor: Cursor | None, column: str, lag: timedelta | None = None) -> Window:
    """Return the window that a loader asks with after a cursor."""
    if cursor is None:
        return Window(column, lag=lag)
    return Window(column, cursor.value - lag if lag else cursor.value, None, cursor.seen, lag)


def test_new_files_by_time_are_neither_lost_nor_doubled(reading: Reading) -> None:
    noon = datetime(2025, 1, 31, 12, tzinfo=UTC)
    reading.write("a.csv", "id\n1\n", noon - timedelta(hours=1))
    reading.write("b.csv", "id\n2\n", noon)

    def new() -> list[int]:
        window = again(reading.cursor, "_file_modified")
        return sorted(
            row["id"] for row in reading.rows(reading.request(window=window, incremental_by="modified"))
        )

    assert new() == [1, 2]
    assert new() == []
    reading.write("c.csv", "id\n3\n", noon)  # as late as the last one that was read
    assert new() == [3]
    assert new() == []
    reading.write("a.csv", "id\n10\n", noon + timedelta(hours=1))  # written again
    assert new() == [10]
    assert reading.cursor == Cursor(noon + timedelta(hours=1), ((reading.root / "a.csv").as_uri(),))


def test_late_files_within_the_lag_are_read_once(reading: Reading) -> None:
    noon, lag = datetime(2025, 1, 31, 12, tzinfo=UTC), timedelta(hours=2)

    def new() -> list[int]:
        window = again(reading.cursor, "_file_modified", lag)
        return sorted(row["id"] for row in reading.rows(reading.request(window=window)))

    reading.write("a.csv", "id\n1\n", noon)
    assert new() == [1]
    reading.write("late.csv", "id\n2\n", noon - timedelta(hours=1))
    assert new() == [2]
    assert reading.cursor is not None
    assert reading.cursor.value == noon
    assert new() == []


def test_new_files_by_name_and_by_folder(reading: Reading) -> None:
    def new(column: str, **options: Any) -> list[int]:
        window = again(reading.cursor, column)
        return sorted(row["id"] for row in reading.rows(reading.request(window=window, **options)))

    reading.write("2025/01/30/a.csv", "id\n1\n")
    reading.write("2025/01/31/a.csv", "id\n2\n")
    assert new("_folder_date") == [1, 2]
    assert reading.cursor is not None
    assert reading.cursor.value == date(2025, 1, 31)
    reading.write("2025/01/31/b.csv", "id\n3\n")
    reading.write("2025/02/01/a.csv", "id\n4\n")
    assert new("_folder_date") == [3, 4]
    assert new("_folder_date") == []

    reading.cursor = None
    assert new("_file_name") == [1, 2, 3, 4]
    reading.write("2025/02/01/b.csv", "id\n5\n")
    assert new("_file_name") == [5]


def test_dates_of_folders_in_any_form(reading: Reading) -> None:
    reading.write("dt=2025-01-30/a.csv", "id\n1\n")
    reading.write("dt=2025-01-31/a.csv", "id\n2\n")
    window = Window("_folder_date", "2025-01-31")
    assert [row["id"] for row in reading.rows(reading.request(window=window))] == [2]
    window = Window("_folder_date", None, date(2025, 1, 31))
    own = reading.request(window=window, folder_date="dt=%Y-%m-%d")
    assert [row["id"] for row in reading.rows(own)] == [1]
    reading.write("other/a.csv", "id\n3\n")
    with pytest.raises(SourceError, match=r"other/a\.csv: no date in the path"):
        reading.rows(own)


def test_a_bad_line_is_named_or_rejected(reading: Reading) -> None:
    reading.write("good.csv", "id,name\n1,a\n")
    reading.write("bad.csv", "id,name\n2,b\n3,c,d\n4\n5,e\n")
    with pytest.raises(SourceError, match=r"bad\.csv, line 3: .*3,c,d.*on_bad_lines"):
        reading.rows(reading.request())
    rows = reading.rows(reading.request(on_bad_lines="reject"))
    assert sorted(row["id"] for row in rows) == [1, 2, 5]
    found = sorted((row["line"], row["row"]) for row in reading.rejects)
    assert found == [(3, "3,c,d"), (4, "4")]
    assert {row["file"] for row in reading.rejects} == {(reading.root / "bad.csv").as_uri()}


def test_a_bad_json_line_is_named_or_rejected(reading: Reading) -> None:
    good = "".join(json.dumps({"id": number}) + "\n" for number in range(5000))
    reading.write("a.jsonl", good)
    reading.write("b.jsonl", good + '{"id": \n[1]\n{"id": 5000}\n')
    with pytest.raises(SourceError, match=r"b\.jsonl, line 5001: .*on_bad_lines"):
        reading.rows(reading.request())
    rows = reading.rows(reading.request(on_bad_lines="reject"))
    assert len(rows) == 10_001
    assert [(row["line"], row["row"]) for row in reading.rejects] == [(5001, '{"id": '), (5002, "[1]")]


def test_what_cannot_be_is_refused(reading: Reading) -> None:
    with pytest.raises(SourceError, match="no file matches"):
        reading.types(reading.request("*.csv"))
    reading.write("a.csv", "id,ID\n1,2\n")
    with pytest.raises(SourceError, match="two columns are named 'ID'"):
        reading.types(reading.request())
    with pytest.raises(ConfigError, match="unknown key 'delimeter', did you mean 'delimiter'"):
        reading.types(reading.request(delimeter=";"))
    reading.write("b.jsonl", "{}")
    with pytest.raises(ConfigError, match="the suffixes say csv, jsonl"):
        reading.types(reading.request())
    reading.write("c/x.parquet", "no parquet")
    with pytest.raises(SourceError, match="not a readable Parquet file"):
        reading.types(reading.request("c"))


def test_tables_are_folders(reading: Reading) -> None:
    reading.write("orders/2025/a.csv", "id\n1\n")
    reading.write("customers/a.jsonl", '{"id": 2}')
    reading.write("_log/a.csv", "x")
    assert reading.source.tables(None, "*") == ["customers", "orders"]
    assert reading.source.tables(None, "o*") == ["orders"]
    assert reading.rows(Request(table="orders")) == [{"id": 1}]
    assert reading.source.count(Request(table="customers")) == 1


@pytest.mark.parametrize("where", ["s3", "az"])
def test_files_of_object_stores(where: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if where == "s3":
        server: S3Server = request.getfixturevalue("s3_server")
        bucket = server.bucket()
        put = server.put
        url = f"s3://{bucket}/raw"
        secrets: dict[str, Any] = {
            "aws_access_key_id": server.access_key,
            "aws_secret_access_key": server.secret_key,
            "endpoint_url": server.url,
            "region_name": server.region,
        }
    else:
        azurite: AzuriteServer = request.getfixturevalue("azurite")
        bucket = azurite.account.container()
        put = azurite.account.put
        url = f"az://{bucket}@{azurite.account.name}.dfs.core.windows.net/raw"
        secrets = {
            "azure_storage_sas_token": azurite.account.sas(bucket),
            "endpoint_url": azurite.account.url,
        }
    for number in range(20):
        put(bucket, f"raw/dt=2025-01-{number + 1:02d}/part.csv", f"id,x\n{number},{number}.5\n".encode())
    put(bucket, "raw/_SUCCESS", b"")
    source = Files("lake", {"bucket_url": url, "credentials": secrets})
    source.check()
    window = Window("_folder_date", date(2025, 1, 11))
    wanted = Request(options={"path": "**/*.csv"}, window=window)
    assert source.count(wanted) == 10
    shape = source.shape(wanted)
    assert [(column.name, column.type.ddl) for column in shape.columns] == [
        ("id", "bigint"),
        ("x", "decimal(18,1)"),
    ]
    staged = list(source.extract(wanted, tmp_path))
    ids = [row["id"] for file in staged for row in pq.read_table(file.path).to_pylist()]
    assert sorted(ids) == list(range(10, 20))
    assert staged[-1].cursor is not None
    assert staged[-1].cursor.value == date(2025, 1, 20)
    source.close()
