"""MySQL as a source, shown by MariaDB: types, windows, ranges, errors, and a server that goes away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lakestead.core.datatypes import parse_type
from lakestead.core.errors import ConfigError, ConnectionFailed, SourceError
from lakestead.ingest.sources import Request, Window
from lakestead.ingest.sources.mysql import MySQL
from tests.servers.mariadb import MariaDBServer

from .extracted import extracted

MOMENT = datetime(2020, 1, 2, tzinfo=UTC)
# Column type, type in Unity Catalog, values, and how MariaDB is asked for them as text.
TYPES = [
    ("tinyint", "tinyint", ["-128", "127"], "{}"),
    ("tinyint unsigned", "smallint", ["255"], "{}"),
    ("boolean", "boolean", ["0", "1"], "if({}, 'True', 'False')"),
    ("smallint unsigned", "int", ["65535"], "{}"),
    ("mediumint unsigned", "int", ["16777215"], "{}"),
    ("int", "int", ["-2147483648"], "{}"),
    ("int unsigned", "bigint", ["4294967295"], "{}"),
    ("bigint", "bigint", ["-9223372036854775808"], "{}"),
    ("bigint unsigned", "decimal(20,0)", ["18446744073709551615"], "{}"),
    ("decimal(12,2)", "decimal(12,2)", ["-1234567890.12"], "{}"),
    ("decimal(10,2) unsigned", "decimal(10,2)", ["99999999.99"], "{}"),
    ("decimal(5,0)", "decimal(5,0)", ["-99999"], "{}"),
    ("decimal(38,0) unsigned", "decimal(38,0)", ["99999999999999999999999999999999999999"], "{}"),
    ("decimal(38,38)", "decimal(38,38)", ["-0.00000000000000000000000000000000000012"], "{}"),
    (
        "decimal(65,30)",
        "string",
        ["12345678901234567890123456789012345.000000000000000000000000000001"],
        "{}",
    ),
    ("float", "float", ["1.5", "16777216"], "cast({} as double)"),
    ("double", "double", ["0.1", "1e-300", "12345678.123456789"], "{}"),
    ("date", "date", ["'1000-01-01'", "'9999-12-31'"], "{}"),
    ("datetime(6)", "timestamp_ntz", ["'2020-02-29 23:59:59.123456'"], "{}"),
    ("datetime", "timestamp_ntz", ["'1000-01-01 00:00:00'"], "{}"),
    ("timestamp(3) null", "timestamp", ["'2020-02-29 23:59:59.123'"], "{}"),
    ("time(6)", "string", ["'838:59:59.999999'", "'-01:02:03'"], "{}"),
    ("year", "int", ["2155", "0"], "cast({} as signed)"),
    ("bit(1)", "boolean", ["b'0'", "b'1'"], "if({}, 'True', 'False')"),
    ("bit(10)", "bigint", ["b'1000000001'"], "{} + 0"),
    ("bit(64)", "decimal(20,0)", ["18446744073709551615"], "{} + 0"),
    ("char(5)", "string", ["'ab'"], "{}"),
    ("varchar(10)", "string", ["'é😀'", "''", "'it''s \"q\"'", "'pad  '"], "{}"),
    ("varchar(10) collate utf8mb4_bin", "string", ["'é😀'"], "{}"),
    ("varchar(10) character set latin1", "string", ["'é'"], "{}"),
    ("text", "string", ["'x'"], "{}"),
    ("enum('a','b c')", "string", ["'b c'"], "{}"),
    ("set('x','y')", "string", ["'x,y'", "''"], "{}"),
    ("json", "string", ['\'{"b": 1.10,  "a": []}\''], "{}"),
    ("uuid", "string", ["'6bc528cd-8841-4ed1-8610-83245ca0768b'"], "{}"),
    ("inet6", "string", ["'::1'"], "{}"),
    ("point", "string", ["point(1, 2.5)"], "st_astext({})"),
    ("binary(4)", "binary", ["x'01'"], "lower(hex({}))"),
    ("varbinary(4)", "binary", ["x'00ff'", "x''"], "lower(hex({}))"),
    ("blob", "binary", ["x'00ff'"], "lower(hex({}))"),
]


@pytest.fixture(scope="module")
def database(mariadb_server: MariaDBServer) -> str:
    name = mariadb_server.database()
    tables = []
    for place, (declared, _, values, _) in enumerate(TYPES):
        rows = ", ".join(f"({number}, {value})" for number, value in enumerate([*values, "NULL"]))
        tables.append(
            f"CREATE TABLE type_{place} (id int, c {declared}); INSERT INTO type_{place} VALUES {rows};"
        )
    mariadb_server.sql(
        "\n".join(tables)
        + """
        CREATE TABLE `Odd ``Name` (`Id` int COMMENT 'number', k varchar(9), PRIMARY KEY (k, `Id`))
          COMMENT 'why';
        CREATE TABLE many (id int NOT NULL, padding varchar(50));
        INSERT INTO many SELECT seq, repeat('x', 50) FROM seq_1_to_100000;
        CREATE VIEW half AS SELECT * FROM many WHERE id % 2 = 0;
        CREATE TABLE nothing (id int);
        CREATE TABLE marked (id int, at timestamp(6) NULL, local datetime(6), day date, amount decimal(9,2),
          name text);
        SET time_zone = '+00:00';
        INSERT INTO marked VALUES (1, '2020-01-01', '2020-01-01', '2020-01-01', 1, 'a'),
          (2, '2020-01-02', '2020-01-02', '2020-01-02', 2.5, 'b\\\\'''),
          (3, '2020-01-03', '2020-01-03', '2020-01-03', 3, 'c'), (4, NULL, NULL, NULL, NULL, NULL);
        SET sql_mode = '';
        CREATE TABLE zero (id int, d date, t datetime(6), b boolean);
        INSERT INTO zero VALUES (1, '0000-00-00', '0000-00-00', 2), (2, '2020-00-00', '2020-01-00', 1);
        """,
        name,
    )
    return name


@pytest.fixture
def source(mariadb_server: MariaDBServer, database: str) -> Iterator[MySQL]:
    made = MySQL("shop", mariadb_server.settings(database))
    yield made
    made.close()


def shown(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, Decimal):
        return format(value, "f")
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


@pytest.mark.parametrize("place", range(len(TYPES)), ids=[declared for declared, *_ in TYPES])
def test_a_type_arrives_exactly(
    mariadb_server: MariaDBServer, database: str, source: MySQL, tmp_path: Path, place: int
) -> None:
    _, expected, _, asked = TYPES[place]
    request = Request(table=f"type_{place}")
    assert source.shape(request).columns[1].type.ddl == expected
    found = extracted(source, request, tmp_path).sort_by("id")
    assert found.schema.field("c").type == parse_type(expected).to_arrow()
    text = asked.format("c")
    text = "date_format(c, '%Y-%m-%d %H:%i:%s.%f')" if expected.startswith("timestamp") else text
    query = f"SET time_zone = '+00:00'; SELECT if(c IS NULL, NULL, {text}) FROM type_{place} ORDER BY id"
    truth = mariadb_server.sql(query, database).split("\n")
    assert [shown(value) for value in found["c"].to_pylist()] == truth


def test_a_query_has_the_types_that_the_driver_tells(source: MySQL, tmp_path: Path) -> None:
    query = (
        "SELECT CAST(1 AS UNSIGNED) + 18446744073709551614 AS big, CAST(-99999 AS DECIMAL(5,0)) AS whole,"
        " CAST(1.25 AS DECIMAL(10,2)) AS part, 0.1e0 AS d, 'é' AS t, DATE'2020-01-01' AS day"
    )
    found = extracted(source, Request(query=query), tmp_path).to_pylist()[0]
    assert found == {
        "big": Decimal("18446744073709551615"),
        "whole": Decimal(-99999),
        "part": Decimal("1.25"),
        "d": 0.1,
        "t": "é",
        "day": date(2020, 1, 1),
    }
    with pytest.raises(SourceError, match=r"column 'c': the value 1234.* cannot be taken as double"):
        extracted(source, Request(query=f"SELECT c FROM type_{_place('decimal(65,30)')}"), tmp_path)


def _place(declared: str) -> int:
    return [one[0] for one in TYPES].index(declared)


@pytest.mark.parametrize(
    ("column", "row", "words"),
    [
        ("d", 1, "the value 0000-00-00 cannot be taken as date"),
        ("d", 2, "the value 2020-00-00 cannot be taken as date"),
        ("t", 1, r"the value 0000-00-00 00:00:00\.000000 cannot be taken as timestamp_ntz"),
        ("b", 1, "the value 2 cannot be taken as boolean"),
    ],
)
def test_a_value_that_no_type_holds_is_refused_and_can_be_had_as_text(
    source: MySQL, tmp_path: Path, column: str, row: int, words: str
) -> None:
    window = Window("id", row, row + 1)
    with pytest.raises(SourceError, match=f"table zero: column '{column}': {words}"):
        extracted(source, Request(table="zero", columns=(column,), window=window), tmp_path)
    as_text = Request(table="zero", columns=(column,), window=window, types={column: parse_type("string")})
    assert extracted(source, as_text, tmp_path)[0][0].as_py() in words.replace("\\", "")


def test_zero_dates_are_null_if_the_settings_say_so(
    mariadb_server: MariaDBServer, database: str, tmp_path: Path
) -> None:
    source = MySQL("shop", mariadb_server.settings(database) | {"zero_dates": "null"})
    request = Request(table="zero", columns=("d", "t"), window=Window("id", 1, 2))
    assert extracted(source, request, tmp_path).to_pylist() == [{"d": None, "t": None}]
    source.close()


def test_what_the_information_schema_says_is_in_the_shape(source: MySQL, tmp_path: Path) -> None:
    assert source.tables(None, "[Ohm]*") == ["Odd `Name", "half", "many", "marked"]
    request = Request(table="Odd `Name")
    shape = source.shape(request)
    assert [(one.name, one.nullable, one.comment) for one in shape.columns] == [
        ("Id", False, "number"),
        ("k", False, None),
    ]
    assert (shape.primary_key, shape.comment) == (("k", "Id"), "why")
    assert extracted(source, request, tmp_path).num_rows == 0


@pytest.mark.parametrize(
    ("request_", "rows"),
    [
        (Request(table="many"), 100_000),
        (Request(table="many", partition_column="id", partitions=3), 100_000),
        (Request(table="half"), 50_000),
        (Request(query="SELECT id FROM many WHERE id > 100;"), 99_900),
        (Request(table="many", window=Window("id", 5, 15)), 10),
        (Request(table="nothing", partition_column="id", partitions=2), 0),
    ],
    ids=["table", "ranges", "view", "query", "window", "empty"],
)
def test_every_row_comes_once(source: MySQL, tmp_path: Path, request_: Request, rows: int) -> None:
    found = extracted(source, request_, tmp_path)["id"].to_pylist()
    assert len(set(found)) == len(found) == rows
    assert source.count(request_) == rows


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (Window("at", MOMENT, None), [2, 3]),
        (Window("at", None, MOMENT), [1, 4]),
        (Window("local", MOMENT, None), [2, 3]),
        (Window("day", date(2020, 1, 2), date(2020, 1, 3)), [2]),
        (Window("amount", Decimal("2.5"), None), [2, 3]),
        (Window("name", "b\\'", None), [2, 3]),
        (Window("name", None, "b"), [1, 4]),
    ],
    ids=lambda one: str(one)[:40],
)
def test_a_window_holds_its_lower_bound_and_not_its_upper(
    source: MySQL, tmp_path: Path, window: Window, expected: list[int]
) -> None:
    request = Request(table="marked", window=window)
    assert sorted(extracted(source, request, tmp_path)["id"].to_pylist()) == expected
    assert source.count(request) == len(expected)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (Request(table="manny"), "table manny: there is no such table.*'many'"),
        (Request(table="x", schema="nowhere"), "no schema 'nowhere'"),
        (Request(table="many", columns=("idd",)), "has no column 'idd'; did you mean 'id'"),
        (Request(query="SELECT nope FROM many"), "the query: .*'nope'"),
    ],
    ids=["table", "schema", "column", "query"],
)
def test_what_is_not_there_is_named(source: MySQL, request_: Request, words: str) -> None:
    with pytest.raises(SourceError, match=f"(?s)^MySQL source 'shop' .*{words}"):
        source.shape(request_)


def test_without_a_database_the_schema_must_be_named(mariadb_server: MariaDBServer, database: str) -> None:
    settings = mariadb_server.settings(database)
    source = MySQL("shop", {key: value for key, value in settings.items() if key != "database"})
    assert source.count(Request(table="half", schema=database)) == 50_000
    with pytest.raises(ConfigError, match=r"schema_name nor \[sources.shop\].database"):
        source.shape(Request(table="half"))
    source.close()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"password": "s3cret'x"}, "Access denied"),
        ({"port": 1, "password": "s3cret'x"}, "127.0.0.1"),
        ({"database": "nowhere"}, "Unknown database 'nowhere'"),
    ],
    ids=["password", "port", "database"],
)
def test_who_is_not_let_in_is_told_what_to_check_and_no_password(
    mariadb_server: MariaDBServer, database: str, change: dict[str, Any], words: str
) -> None:
    source = MySQL("shop", mariadb_server.settings(database) | change)
    with pytest.raises(ConnectionFailed, match=f"(?s){words}.*\\[sources.shop\\]") as caught:
        source.check()
    shown_to_users = f"{caught.value!r} {source!r} {vars(source)!r}"
    assert mariadb_server.password not in shown_to_users
    assert "s3cret" not in shown_to_users
    source.close()


def test_a_server_that_goes_away_is_an_error_and_leaves_no_file(
    mariadb_server: MariaDBServer, database: str, source: MySQL, tmp_path: Path
) -> None:
    # The row in the middle ends the connection that reads it.
    mariadb_server.sql(
        "DELIMITER //\nCREATE FUNCTION ended(i int) RETURNS int NOT DETERMINISTIC\n"
        "BEGIN IF i = 90000 THEN KILL CONNECTION CONNECTION_ID(); END IF; RETURN i; END//",
        database,
    )
    with pytest.raises(SourceError, match=r"MySQL source 'shop'.*the query: "):
        extracted(source, Request(query="SELECT id, ended(id) AS e FROM many"), tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert source.count(Request(table="half")) == 50_000
