"""PostgreSQL as a source: names, windows, ranges, snapshots, errors, and a server that goes away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lakestead.core.errors import ConfigError, ConnectionFailed, SourceError
from lakestead.ingest.sources import Request, Window
from lakestead.ingest.sources.postgres import Postgres
from tests.servers.postgres import PostgresServer

from .extracted import extracted

MOMENT = datetime(2020, 1, 2, tzinfo=UTC)
MANY = 200_000
SCHEMA = f"""
CREATE SCHEMA "Sales Data";
CREATE TABLE "Sales Data"."Order" ("Id" int, "it's" text, PRIMARY KEY ("it's", "Id"));
INSERT INTO "Sales Data"."Order" VALUES (1, 'a');
COMMENT ON TABLE "Sales Data"."Order" IS 'who bought';
COMMENT ON COLUMN "Sales Data"."Order"."Id" IS 'number';
CREATE TABLE many (id int, padding text NOT NULL);
INSERT INTO many SELECT i, repeat('x', 100) FROM generate_series(1, {MANY}) i;
CREATE TABLE parted (id int, region text, padding text) PARTITION BY LIST (region);
CREATE TABLE parted_a PARTITION OF parted FOR VALUES IN ('a');
CREATE TABLE parted_b (region text, padding text, id int);
ALTER TABLE parted ATTACH PARTITION parted_b FOR VALUES IN ('b');
INSERT INTO parted SELECT i, CASE WHEN i % 10 = 0 THEN 'b' ELSE 'a' END,
  repeat('x', 100) FROM generate_series(1, {MANY}) i;
CREATE VIEW half AS SELECT * FROM many WHERE id % 2 = 0;
CREATE MATERIALIZED VIEW kept AS SELECT id FROM many WHERE id <= 10;
CREATE TABLE nothing (id int);
CREATE TABLE bare ();
CREATE TABLE alike (a int, "A" int);
CREATE TABLE marked (id int, at timestamptz, local timestamp, day date, amount numeric, name text);
INSERT INTO marked VALUES (1, '2020-01-01Z', '2020-01-01', '2020-01-01', 1, 'a'),
  (2, '2020-01-02Z', '2020-01-02', '2020-01-02', 2.5, 'b'''),
  (3, '2020-01-03Z', '2020-01-03', '2020-01-03', 3, 'c'),
  (4, NULL, NULL, NULL, NULL, NULL);
CREATE INDEX ON marked (at);
ANALYZE;
"""


@pytest.fixture(scope="module")
def database(postgres_server: PostgresServer) -> str:
    name = postgres_server.database()
    postgres_server.sql(SCHEMA, name)
    return name


@pytest.fixture
def source(postgres_server: PostgresServer, database: str) -> Iterator[Postgres]:
    made = Postgres("shop", postgres_server.settings(database))
    yield made
    made.close()


def ids(source: Postgres, request: Request, folder: Path, column: str = "id") -> list[Any]:
    return sorted(extracted(source, request, folder)[column].to_pylist())


def test_tables_are_found_by_patterns(source: Postgres) -> None:
    assert source.tables(None, "m*") == ["many", "marked"]
    assert source.tables("Sales Data", "*") == ["Order"]
    assert source.tables("*", "[Oh]*") == ["Sales Data.Order", "public.half"]
    assert source.tables(None, "public.k?pt") == ["public.kept"]
    assert "parted" in source.tables(None, "part*")
    assert "parted_a" not in source.tables(None, "part*")  # its rows are the parent's


def test_what_the_catalog_says_is_in_the_shape(source: Postgres, tmp_path: Path) -> None:
    request = Request(table="Order", schema="Sales Data")
    shape = source.shape(request)
    assert [(one.name, one.type.ddl, one.nullable, one.comment) for one in shape.columns] == [
        ("Id", "int", False, "number"),
        ("it's", "string", False, None),
    ]
    assert (shape.primary_key, shape.comment, shape.rows) == (("it's", "Id"), "who bought", 1)
    assert extracted(source, request, tmp_path).to_pylist() == [{"Id": 1, "it's": "a"}]
    assert source.shape(Request(table="Order", schema="Sales Data", columns=("Id",))).primary_key == ()
    assert source.shape(Request(table="Sales Data.Order")).comment == "who bought"


@pytest.mark.parametrize(
    ("request_", "rows"),
    [
        (Request(table="many"), MANY),
        (Request(table="parted"), MANY),
        (Request(table="half"), MANY // 2),
        (Request(table="kept"), 10),
        (Request(query="SELECT id FROM many WHERE id > 100;"), MANY - 100),
        (Request(table="half", partition_column="id", partitions=3), MANY // 2),
        (Request(table="many", window=Window("id", 5, 15)), 10),
        (Request(table="many", window=Window("id", 5), partition_column="id", partitions=2), MANY - 4),
        (Request(table="nothing"), 0),
    ],
    ids=lambda one: str(one.table or "query") if isinstance(one, Request) else str(one),
)
def test_every_row_comes_once(source: Postgres, tmp_path: Path, request_: Request, rows: int) -> None:
    found = ids(source, request_, tmp_path)
    assert len(set(found)) == len(found) == rows
    assert source.count(request_) == rows


def test_a_large_table_comes_in_several_files_and_row_groups(source: Postgres, tmp_path: Path) -> None:
    staged = list(source.extract(Request(table="many", chunk_size=10_000), tmp_path))
    assert len(staged) == 2
    assert sorted(tmp_path.iterdir()) == sorted(one.path for one in staged)
    assert sum(one.rows for one in staged) == MANY


WINDOWS = [
    (Window("at", MOMENT, None), [2, 3]),
    (Window("at", None, MOMENT), [1, 4]),
    (Window("at", MOMENT.replace(tzinfo=None), MOMENT.replace(tzinfo=None, day=3)), [2]),  # in UTC
    (Window("at", "2020-01-02 00:00:00", None), [2, 3]),
    (Window("local", MOMENT, None), [2, 3]),
    (Window("day", date(2020, 1, 2), date(2020, 1, 3)), [2]),
    (Window("amount", Decimal("2.5"), None), [2, 3]),
    (Window("amount", None, 2.5), [1, 4]),
    (Window("name", "b'", "c"), [2]),
    (Window("name", None, "b"), [1, 4]),
    (Window("id", None, None), [1, 2, 3, 4]),
]


@pytest.mark.parametrize(("window", "expected"), WINDOWS, ids=lambda one: str(one)[:60])
def test_a_window_holds_its_lower_bound_and_not_its_upper(
    source: Postgres, tmp_path: Path, window: Window, expected: list[int]
) -> None:
    request = Request(table="marked", window=window)
    assert ids(source, request, tmp_path) == expected
    assert source.count(request) == len(expected)


def test_the_window_is_applied_by_postgresql(
    postgres_server: PostgresServer, database: str, tmp_path: Path
) -> None:
    source = Postgres("shop", postgres_server.settings(database) | {"options": {"application_name": "seen"}})
    staged = source.extract(Request(table="many", window=Window("id", 1, 150_000)), tmp_path)
    next(staged)
    running = postgres_server.sql(
        "SELECT query FROM pg_stat_activity WHERE application_name = 'seen'", database
    )
    assert """WHERE "id" >= '1'::integer AND "id" < '150000'::integer""" in running
    staged.close()  # type: ignore[attr-defined]
    source.close()


def test_one_extraction_sees_one_moment(
    postgres_server: PostgresServer, database: str, source: Postgres, tmp_path: Path
) -> None:
    # Two connections read; the rows that go and come after the first file are not seen.
    postgres_server.sql("CREATE TABLE moving AS SELECT id, padding FROM many", database)
    staged = source.extract(Request(table="moving"), tmp_path)
    rows = next(staged).rows
    postgres_server.sql("DELETE FROM moving WHERE id % 2 = 0; UPDATE moving SET id = -id", database)
    assert rows + sum(one.rows for one in staged) == MANY


def test_columns_are_chosen(source: Postgres, tmp_path: Path) -> None:
    request = Request(table="marked", columns=("name", "id"), window=Window("at", MOMENT))
    assert extracted(source, request, tmp_path).column_names == ["id", "name"]


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (Request(table="marke"), "table marke: there is no such table.*'marked'"),
        (Request(table="Order"), "table Order: there is no such table"),
        (Request(table="x", schema="sales data"), "no schema 'sales data'.*'Sales Data'"),
        (Request(table="many", columns=("idd",)), "table many has no column 'idd'; did you mean 'id'"),
        (Request(table="many", window=Window("Id")), "no column 'Id'; did you mean 'id'"),
        (
            Request(table="many", partition_column="no", partitions=2),
            "no column 'no'; its columns: id, padding",
        ),
        (Request(table="bare"), "table bare has no columns"),
        (Request(table="alike"), "columns 'a' and 'A', which are one name to Unity Catalog"),
        (Request(query="SELECT nope FROM many"), 'the query: column "nope" does not exist'),
        (Request(query="SELECT 1 AS a, 2 AS a"), 'the query.*"a"'),
        (Request(table="marked", window=Window("at", "noon")), 'invalid input syntax.*"noon"'),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_is_not_there_is_named(source: Postgres, tmp_path: Path, request_: Request, words: str) -> None:
    with pytest.raises(SourceError, match=f"(?s)^PostgreSQL source 'shop' .*{words}"):
        extracted(source, request_, tmp_path)


def test_neither_table_nor_query(source: Postgres) -> None:
    with pytest.raises(ConfigError, match="set table_name or query"):
        source.review(Request())
    with pytest.raises(ConfigError, match="either a table or a query"):
        source.shape(Request())
    source.review(Request(table="no matter which"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"password": "s3cret'x"}, "password authentication failed"),
        ({"port": 1, "password": "s3cret'x"}, "127.0.0.1:1"),
        ({"database": "nowhere"}, 'database "nowhere" does not exist'),
    ],
)
def test_who_is_not_let_in_is_told_what_to_check_and_no_password(
    postgres_server: PostgresServer, change: dict[str, Any], words: str
) -> None:
    source = Postgres("shop", postgres_server.settings() | change)
    with pytest.raises(ConnectionFailed, match=f"(?s){words}.*\\[sources.shop\\]") as caught:
        source.check()
    shown = f"{caught.value!r} {caught.value.__cause__!r} {source!r} {vars(source)!r}"
    assert postgres_server.password not in shown
    assert "s3cret" not in shown
    source.close()


def test_a_url_says_the_same_as_parts(postgres_server: PostgresServer) -> None:
    url = f"postgresql+psycopg2://postgres:p%40ss%20word%271@127.0.0.1:{postgres_server.port}/postgres"
    for settings in ({"url": url}, {"connection_string": f"{url}?sslmode=prefer"}):
        source = Postgres("shop", settings)
        source.check()
        source.close()


def test_a_server_that_goes_away_is_an_error_and_leaves_no_unfinished_file(
    postgres_server: PostgresServer, database: str, tmp_path: Path
) -> None:
    settings = postgres_server.settings(database) | {"options": {"application_name": "doomed"}}
    source = Postgres("shop", settings)
    # The row in the middle ends the connection that reads it.
    end = "CASE WHEN id = 100000 THEN pg_terminate_backend(pg_backend_pid()) END"
    with pytest.raises(SourceError, match=r"PostgreSQL source 'shop'.*the query: .*terminat"):
        list(source.extract(Request(query=f"SELECT id, {end} AS ended FROM many"), tmp_path))
    assert list(tmp_path.iterdir()) == []
    # All connections end after the first file: it is the caller's, and nothing unfinished is beside it.
    staged = source.extract(Request(table="many"), tmp_path)
    taken = [next(staged)]
    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'doomed'"
    postgres_server.sql(kill, database)
    with suppress(SourceError):  # unless the other part had been read
        taken.append(next(staged))
    staged.close()  # type: ignore[attr-defined]
    assert sorted(tmp_path.iterdir()) == sorted(one.path for one in taken)
    assert source.count(Request(table="kept")) == 10  # the source connects anew
    source.close()
