"""DuckDB files as a source."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from lakestead.core.datatypes import parse_type
from lakestead.core.errors import ConnectionFailed, SourceError
from lakestead.ingest.sources import Request, Window
from lakestead.ingest.sources.duckdb import DuckDB

from .extracted import extracted

# DuckDB's type, type in Unity Catalog, and values.
TYPES = [
    ("BOOLEAN", "boolean", ["true"]),
    ("TINYINT", "tinyint", ["-128"]),
    ("UTINYINT", "smallint", ["255"]),
    ("USMALLINT", "int", ["65535"]),
    ("UINTEGER", "bigint", ["4294967295"]),
    ("BIGINT", "bigint", ["-9223372036854775808"]),
    ("UBIGINT", "decimal(20,0)", ["18446744073709551615"]),
    ("HUGEINT", "decimal(38,0)", ["-99999999999999999999999999999999999999"]),
    ("UHUGEINT", "decimal(38,0)", ["99999999999999999999999999999999999999"]),
    ("BIGNUM", "string", ["123456789012345678901234567890123456789012"]),
    ("FLOAT", "float", ["1.5", "'nan'"]),
    ("DOUBLE", "double", ["0.1", "1e-300"]),
    ("DECIMAL(38,10)", "decimal(38,10)", ["-1.0123456789"]),
    ("VARCHAR", "string", ["'é😀'"]),
    ("BLOB", "binary", ["'\\x00\\xFF'"]),
    ("DATE", "date", ["'0001-01-01'"]),
    ("TIMESTAMP", "timestamp_ntz", ["'2020-02-29 23:59:59.123456'"]),
    ("TIMESTAMP_S", "timestamp_ntz", ["'2020-02-29 23:59:59'"]),
    ("TIMESTAMP_NS", "timestamp_ntz", ["'2020-02-29 23:59:59.123456'"]),
    ("TIMESTAMPTZ", "timestamp", ["'2020-02-29 23:59:59.123456+05:30'"]),
    ("TIME", "string", ["'23:59:59.5'"]),
    ("INTERVAL", "string", ["'1 month 2 days 03:04:05'"]),
    ("UUID", "string", ["'6bc528cd-8841-4ed1-8610-83245ca0768b'"]),
    ("ENUM('a', 'b')", "string", ["'b'"]),
    ("BIT", "string", ["'101'"]),
    ("JSON", "string", ["'{\"b\": 1.10}'"]),
    ("INTEGER[]", "array<int>", ["[1, NULL]"]),
    ("INTEGER[2]", "array<int>", ["[1, 2]"]),
    (
        "STRUCT(a INTEGER, b DECIMAL(10,2)[])",
        "struct<a:int,b:array<decimal(10,2)>>",
        ["{'a': 1, 'b': [1.25]}"],
    ),
    ("MAP(VARCHAR, INTEGER)", "map<string,int>", ["MAP {'a': 1}"]),
    ("UNION(n INTEGER, s VARCHAR)", "string", ["'x'"]),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "shop.duckdb"
    columns = ", ".join(f"c{place} {declared}" for place, (declared, *_) in enumerate(TYPES))
    values = ", ".join(f"CAST({values[0]} AS {declared})" for declared, _, values in TYPES)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            f"""
            CREATE TABLE typed (id INTEGER, {columns}); INSERT INTO typed SELECT 1, {values};
            INSERT INTO typed (id) VALUES (2);
            CREATE SCHEMA "Sales Data";
            CREATE TABLE "Sales Data"."Order" ("Id" INTEGER, k VARCHAR, PRIMARY KEY (k, "Id"));
            COMMENT ON TABLE "Sales Data"."Order" IS 'who bought';
            COMMENT ON COLUMN "Sales Data"."Order"."Id" IS 'number';
            CREATE TABLE marked AS SELECT i AS id,
              TIMESTAMPTZ '2020-01-01 00:00:00Z' + to_days(i::INTEGER) AS at,
              DATE '2020-01-01' + i::INTEGER AS day FROM range(3) t(i);
            CREATE VIEW half AS SELECT id FROM marked WHERE id % 2 = 0;
            CREATE TABLE wide (h HUGEINT, n TIMESTAMP_NS);
            INSERT INTO wide
              VALUES (170141183460469231731687303715884105727, '2020-01-01 00:00:00.123456789');
            """
        )
    return path


@pytest.fixture
def source(path: Path) -> Iterator[DuckDB]:
    made = DuckDB("shop", {"path": str(path)})
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def test_types_arrive_exactly(path: Path, source: DuckDB, folder: Path) -> None:
    for request in (Request(table="typed"), Request(query="SELECT * FROM typed;")):
        shape = source.shape(request)
        assert [one.type.ddl for one in shape.columns[1:]] == [expected for _, expected, _ in TYPES]
        found = extracted(source, request, folder).sort_by("id")
        # Read again by DuckDB, and shown beside the truth as text.
        columns = ", ".join(
            f"CASE WHEN c{place} IS NOT NULL THEN CAST(CAST(c{place} AS {declared}) AS VARCHAR) END"
            for place, (declared, *_) in enumerate(TYPES)
        )
        plain = ", ".join(
            f"CASE WHEN c{place} IS NOT NULL THEN CAST(CAST({values[0]} AS {declared}) AS VARCHAR) END"
            for place, (declared, _, values) in enumerate(TYPES)
        )
        with duckdb.connect() as connection:
            connection.register("found", found)
            mine = connection.execute(f"SELECT {columns} FROM found ORDER BY id").fetchall()
            truth = connection.execute(f"SELECT {plain} FROM found ORDER BY id").fetchall()
        assert mine == truth
        assert mine[1] == (None,) * len(TYPES)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("h", r"the value 170141183460469231731687303715884105727 cannot be taken as decimal\(38,0\)"),
        ("n", r"the value 2020-01-01 00:00:00\.123456789 cannot be taken as timestamp_ntz"),
    ],
)
def test_a_value_that_no_type_holds_is_refused_and_can_be_had_as_text(
    source: DuckDB, folder: Path, column: str, words: str
) -> None:
    with pytest.raises(SourceError, match=f"table wide: column '{column}': {words}"):
        extracted(source, Request(table="wide", columns=(column,)), folder)
    assert list(folder.iterdir()) == []
    as_text = Request(table="wide", columns=(column,), types={column: parse_type("string")})
    assert extracted(source, as_text, folder)[0][0].as_py() in words.replace("\\", "")


def test_names_keys_comments_and_views(source: DuckDB, folder: Path) -> None:
    assert source.tables(None, "*") == ["half", "marked", "typed", "wide"]
    assert source.tables("S*", "*") == ["Sales Data.Order"]
    shape = source.shape(Request(table="Order", schema="Sales Data"))
    assert (shape.primary_key, shape.comment, shape.rows) == (("k", "Id"), "who bought", 0)
    assert (shape.columns[0].comment, shape.columns[0].nullable) == ("number", False)
    assert sorted(extracted(source, Request(table="half"), folder)["id"].to_pylist()) == [0, 2]
    assert extracted(source, Request(table="Order", schema="Sales Data"), folder).num_rows == 0


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (Window("at", datetime(2020, 1, 2, tzinfo=UTC), None), [1, 2]),
        (Window("at", None, "2020-01-02 00:00:00+00"), [0]),
        (Window("day", date(2020, 1, 2), date(2020, 1, 3)), [1]),
        (Window("id", 1, None), [1, 2]),
    ],
    ids=lambda one: str(one)[:60],
)
def test_a_window_holds_its_lower_bound_and_not_its_upper(
    source: DuckDB, folder: Path, window: Window, expected: list[int]
) -> None:
    request = Request(table="marked", window=window)
    assert sorted(extracted(source, request, folder)["id"].to_pylist()) == expected
    assert source.count(request) == len(expected)


def test_what_is_not_there_is_named(source: DuckDB, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"^DuckDB source 'shop' .*no such table.*'marked'"):
        source.shape(Request(table="market"))
    with pytest.raises(ConnectionFailed, match=r"does not exist.*'path' in \[sources.shop\]"):
        DuckDB("shop", {"path": tmp_path / "none.duckdb"}).check()
    assert not (tmp_path / "none.duckdb").exists()
