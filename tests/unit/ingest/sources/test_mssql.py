"""SQL Server's types, SQL and connection strings, as far as they can be told without a server."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from lakestead.core.datatypes import parse_type
from lakestead.core.errors import ConfigError
from lakestead.ingest.sources.mssql_login import connection_string, server
from lakestead.ingest.sources.mssql_types import SQLServerColumn, bound, reading
from lakestead.ingest.sources.settings import ServerSettings

TYPES = [
    (SQLServerColumn("c", "bit"), "boolean", "[c]"),
    (SQLServerColumn("c", "tinyint"), "smallint", "[c]"),
    (SQLServerColumn("c", "smallint"), "smallint", "[c]"),
    (SQLServerColumn("c", "int"), "int", "[c]"),
    (SQLServerColumn("c", "bigint"), "bigint", "[c]"),
    (SQLServerColumn("c", "decimal", 38, 10), "decimal(38,10)", "[c]"),
    (SQLServerColumn("c", "numeric", 5, 0), "decimal(5,0)", "[c]"),
    (SQLServerColumn("c", "money"), "decimal(19,4)", "CONVERT(decimal(19,4), [c])"),
    (SQLServerColumn("c", "smallmoney"), "decimal(10,4)", "CONVERT(decimal(10,4), [c])"),
    (SQLServerColumn("c", "real"), "float", "[c]"),
    (SQLServerColumn("c", "float"), "double", "[c]"),
    (SQLServerColumn("c", "date"), "date", "[c]"),
    (SQLServerColumn("c", "datetime"), "timestamp_ntz", "[c]"),
    (SQLServerColumn("c", "datetime2", 0, 6), "timestamp_ntz", "[c]"),
    (SQLServerColumn("c", "time", 0, 7), "string", "CONVERT(varchar(16), [c])"),
    (
        SQLServerColumn("c", "datetimeoffset", 0, 3),
        "timestamp",
        "CONVERT(datetime2(3), SWITCHOFFSET([c], '+00:00'))",
    ),
    (SQLServerColumn("c", "uniqueidentifier"), "string", "CONVERT(char(36), [c])"),
    (SQLServerColumn("c", "nvarchar"), "string", "[c]"),
    (SQLServerColumn("c", "xml"), "string", "CONVERT(nvarchar(max), [c])"),
    (SQLServerColumn("c", "rowversion"), "binary", "[c]"),
    (SQLServerColumn("c", "varbinary"), "binary", "[c]"),
    (SQLServerColumn("a]b", "geography"), "string", "[a]]b].STAsText()"),
    (SQLServerColumn("c", "hierarchyid"), "string", "[c].ToString()"),
]


@pytest.mark.parametrize(("column", "kind", "sql"), TYPES, ids=[one[0].base for one in TYPES])
def test_a_type_and_the_sql_that_reads_it(column: SQLServerColumn, kind: str, sql: str) -> None:
    made = reading(column)
    assert made.column.type.ddl == kind
    assert made.remote == sql


def test_a_hundredth_of_a_microsecond_is_refused_not_cut_off() -> None:
    sql = reading(SQLServerColumn("it's", "datetime2", 0, 7)).remote
    assert sql.startswith(
        "CASE WHEN [it's] = CONVERT(datetime2(6), [it's]) THEN CONVERT(datetime2(6), [it's])"
    )
    assert "column ''it''s'': the value ' + CONVERT(varchar(40), [it's], 121) + N' cannot be taken" in sql
    assert "||" not in sql


@pytest.mark.parametrize(
    ("column", "sql"),
    [
        (SQLServerColumn("c", "datetime2", 0, 7), "CONVERT(varchar(64), [c], 121)"),
        (SQLServerColumn("c", "float"), "CONVERT(varchar(64), [c], 3)"),  # 17 digits
        (SQLServerColumn("c", "varbinary"), "CONVERT(varchar(max), CONVERT(varbinary(max), [c]), 2)"),
        (SQLServerColumn("c", "int"), "CONVERT(varchar(64), [c])"),
    ],
)
def test_what_is_taken_as_text_is_made_text_by_the_server(column: SQLServerColumn, sql: str) -> None:
    assert reading(column, parse_type("string")).remote == sql


def test_bounds() -> None:
    moment = datetime(2020, 1, 1, 12, 30, 0, 123456, UTC)
    assert bound(moment, "datetimeoffset") == (
        "CONVERT(datetimeoffset(7), '2020-01-01T12:30:00.123456+00:00', 126)"
    )
    assert bound(moment, "datetime2") == "CONVERT(datetime2(6), '2020-01-01T12:30:00.123456', 126)"
    assert bound(date(2020, 1, 1), "date") == "CONVERT(date, '2020-01-01', 23)"
    assert bound(Decimal("1E+3"), "decimal") == "1000"
    assert bound("it's", "nvarchar") == "N'it''s'"
    assert bound(b"\x00\xff", "rowversion") == "0x00ff"


def test_a_connection_string_says_the_same_as_parts() -> None:
    text = "Driver={ODBC 18};Server=tcp:db.example.net,14330;Database=shop;UID=me;PWD={a;b}}c};Encrypt=yes"
    place = server(ServerSettings.read("erp", {"connection_string": text}), "erp")
    assert (place.host, place.port, place.database, place.username) == ("db.example.net", 14330, "shop", "me")
    assert place.secret == "a;b}c"
    assert connection_string(place) == (
        "Server=tcp:db.example.net,14330;Database=shop;UID=me;PWD={a;b}}c};encrypt=yes;"
    )
    assert "a;b" not in repr(place)


def test_a_url_and_parts() -> None:
    place = server(ServerSettings.read("erp", {"url": "mssql://me:p%40ss@db/shop?Encrypt=no"}), "erp")
    assert connection_string(place) == "Server=tcp:db,1433;Database=shop;UID=me;PWD={p@ss};Encrypt=no;"
    named = server(ServerSettings.read("erp", {"host": r"db\SQLEXPRESS", "database": "shop"}), "erp")
    assert connection_string(named) == "Server=db\\SQLEXPRESS;Database=shop;"


@pytest.mark.parametrize("text", ["Server=db;PWD={secret", "secret", "Database=secret;", "Server=db,secret"])
def test_a_connection_string_that_cannot_be_read_is_not_shown(text: str) -> None:
    with pytest.raises(ConfigError, match=r"\[sources.erp\].*connection_string") as caught:
        server(ServerSettings.read("erp", {"connection_string": text}), "erp")
    assert "secret" not in str(caught.value)
