"""Every type of PostgreSQL arrives as PostgreSQL itself writes its values, or is refused by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakestead.core.datatypes import parse_type
from lakestead.core.errors import SourceError
from lakestead.ingest.sources import Request
from lakestead.ingest.sources.postgres import Postgres
from tests.servers.postgres import PostgresServer

from .extracted import extracted, shown

# Column type at the source; type in Unity Catalog; values; how psql is asked for them, if not as they are.
TYPES = [
    ("boolean", "boolean", ["true", "false"], None),
    ("smallint", "smallint", ["-32768", "32767"], None),
    ("integer", "int", ["-2147483648", "2147483647"], None),
    ("bigint", "bigint", ["-9223372036854775808", "9223372036854775807"], None),
    ("real", "float", ["1.5", "'NaN'", "'-Infinity'"], None),
    ("double precision", "double", ["0.1", "1e-300", "'NaN'", "'Infinity'"], None),
    ("numeric(12,2)", "decimal(12,2)", ["1234567890.12", "-0.01", "0"], None),
    ("numeric(38,10)", "decimal(38,10)", ["-1234567890123456789012345678.0123456789"], None),
    ("numeric(39,0)", "string", ["123456789012345678901234567890123456789"], None),
    ("numeric(3,-2)", "decimal(5,0)", ["12345"], None),
    ("numeric(3,5)", "decimal(5,5)", ["0.00123"], None),
    ("numeric", "decimal(38,18)", ["12345678901234567890.123456789012345678", "-1.5"], "{}::numeric(38,18)"),
    ("text", "string", ["'a'", "''", "'é😀 \"q\" \\ '", "E'two\\nlines'"], "replace({}, E'\\n', '⏎')"),
    ("varchar(10)", "string", ["'abc'", "'abc  '"], None),
    ("char(5)", "string", ["'ab'", "'abcde'"], None),
    ('"char"', "string", ["'x'"], None),
    ("name", "string", ["'x'"], None),
    ("bytea", "binary", ["'\\x00ff'", "''"], None),
    ("date", "date", ["'0001-01-01'", "'9999-12-31'", "'1969-12-31'"], None),
    ("timestamp", "timestamp_ntz", ["'2020-02-29 23:59:59.123456'", "'1969-12-31 23:59:59.5'"], None),
    ("timestamp(0)", "timestamp_ntz", ["'2020-02-29 23:59:59'"], None),
    ("timestamptz", "timestamp", ["'2020-02-29 23:59:59.123456+05:30'", "'1883-01-01 00:00:00-08'"], None),
    ("time", "string", ["'23:59:59.123456'", "'24:00:00'"], None),
    ("timetz", "string", ["'12:00:00+05:30'"], None),
    ("interval", "string", ["'1 year 2 months 3 days 04:05:06.7'", "'-1 days'"], None),
    ("uuid", "string", ["'6BC528CD-8841-4ED1-8610-83245CA0768B'"], None),
    ("json", "string", ['\'{"b": 1,  "a": [1.10, null]}\''], None),
    ("jsonb", "string", ['\'{"b": 1,  "a": [1.10, null]}\''], None),
    ("money", "string", ["-1234.5"], None),
    ("inet", "string", ["'192.168.0.1/24'", "'::1'"], None),
    ("cidr", "string", ["'10.0.0.0/8'"], None),
    ("macaddr", "string", ["'08:00:2b:01:02:03'"], None),
    ("bit(3)", "string", ["B'101'"], None),
    ("varbit", "string", ["B'10'"], None),
    ("oid", "bigint", ["4294967295"], None),
    ("point", "string", ["'(1,2.5)'"], None),
    ("tsvector", "string", ["'a fat cat'"], None),
    ("int4range", "string", ["'[1,5)'"], None),
    ("datemultirange", "string", ["'{[2020-01-01,2020-02-01)}'"], None),
    ("mood", "string", ["'sad'", "'so so'"], None),
    ("pair", "string", ["ROW(1, 'two words')"], None),
    ("posint", "int", ["5"], None),
    ("price", "decimal(10,2)", ["5.25"], None),
    ("int[]", "array<int>", ["'{1,NULL,3}'", "'{}'"], None),
    ("text[]", "array<string>", ["'{a,b}'", "'{NULL}'"], None),
    ("numeric(10,2)[]", "array<decimal(10,2)>", ["'{1.25,NULL}'"], None),
    ("numeric[]", "array<decimal(38,18)>", ["'{1.25,NULL}'"], "{}::numeric(38,18)[]"),
    ("date[]", "array<date>", ["'{2020-01-01}'"], None),
    ("uuid[]", "array<string>", ["'{6bc528cd-8841-4ed1-8610-83245ca0768b}'"], None),
    ("mood[]", "array<string>", ["'{sad}'"], None),
    ("char(3)[]", "array<string>", ["'{abc}'"], None),
    ("bool[]", "array<boolean>", ["'{t,f,NULL}'"], None),
    ("int[][]", "array<array<int>>", ["'{{1,2},{3,NULL}}'"], None),
    ("numeric(10,2)[][]", "array<array<decimal(10,2)>>", ["'{{1.25},{2}}'"], None),
    (
        "timestamptz[][]",
        "array<array<timestamp>>",
        ["'{{2020-01-01 00:00:00+00}}'"],
        "replace({}::text, '\"', '')",
    ),
]
# PostgreSQL says of a query's columns neither how many dimensions an array has nor these precisions.
TABLES_ONLY = ("numeric(39,0)", "numeric(3,-2)", "numeric(3,5)")


@pytest.fixture(scope="module")
def database(postgres_server: PostgresServer) -> str:
    name = postgres_server.database()
    postgres_server.sql(
        "CREATE TYPE mood AS ENUM ('sad', 'so so'); CREATE TYPE pair AS (a int, b text);"
        " CREATE DOMAIN posint AS int CHECK (VALUE > 0); CREATE DOMAIN money_amount AS numeric(10,2);"
        " CREATE DOMAIN price AS money_amount NOT NULL DEFAULT 0;",
        name,
    )
    return name


@pytest.fixture(scope="module")
def source(postgres_server: PostgresServer, database: str) -> Iterator[Postgres]:
    made = Postgres("shop", postgres_server.settings(database))
    yield made
    made.close()


@pytest.mark.parametrize("place", range(len(TYPES)), ids=[declared for declared, *_ in TYPES])
def test_a_type_arrives_exactly(
    postgres_server: PostgresServer, database: str, source: Postgres, tmp_path: Path, place: int
) -> None:
    declared, expected, values, asked = TYPES[place]
    nulls = [] if declared == "price" else ["NULL"]
    rows = ", ".join(f"({number}, {value})" for number, value in enumerate([*values, *nulls]))
    table = f"type_{place}"
    postgres_server.sql(
        f"CREATE TABLE {table} (id int, c {declared}); INSERT INTO {table} VALUES {rows}", database
    )
    request = Request(table=table)
    shape = source.shape(request)
    assert shape.columns[1].type.ddl == expected
    found = extracted(source, request, tmp_path).sort_by("id")
    assert found.schema.field("c").type == column_type(expected)
    column = (asked or "{}").format("c")
    truth = postgres_server.sql(f"SET TimeZone = 'UTC'; SELECT {column} FROM {table} ORDER BY id", database)
    mine = [shown(value).replace("\n", "⏎") for value in found.column("c").to_pylist()]
    assert mine == truth.split("\n")
    if declared not in TABLES_ONLY and "[][]" not in declared:
        query = Request(query=f"SELECT id, c FROM {table};")
        assert source.shape(query).columns[1].type.ddl == expected
        again = extracted(source, query, tmp_path).sort_by("id")
        assert again.schema == found.schema
        assert str(again.to_pylist()) == str(found.to_pylist())  # NaN is not equal to itself


def column_type(ddl: str) -> object:
    # Parquet's lists have elements of this name, and Delta's too.
    return parse_type(ddl).to_arrow()


REFUSED = [
    ("numeric(10,2)", "'NaN'", "the value NaN cannot be taken as decimal\\(10,2\\)"),
    ("numeric", "1e20", "the value 100000000000000000000 cannot be taken as decimal\\(38,18\\)"),
    ("numeric", "1.0000000000000000001", "1.0000000000000000001 cannot be taken as decimal"),
    ("numeric", "'-Infinity'", "the value -Infinity cannot be taken as decimal"),
    ("numeric(10,2)[]", "'{1,NaN}'", "the value \\{1.00,NaN\\} cannot be taken as array<decimal"),
    ("int[]", "'{{1},{2}}'", "the value \\{\\{1\\},\\{2\\}\\} cannot be taken as array<int>"),
    ("int[][]", "'{1,2}'", "the value \\{1,2\\} cannot be taken as array<array<int>>"),
    ("date", "'infinity'", r"outside of the years 1 to 9999 \(infinity\)"),
    ("date", "'0044-03-15 BC'", "about the year 44 BC"),
    ("timestamp", "'-infinity'", r"outside of the years 1 to 9999 \(-infinity\)"),
    ("timestamptz", "'10000-06-01'", "about the year 10000"),
    ("date[]", "'{2020-01-01,infinity}'", "outside of the years 1 to 9999"),
]


@pytest.mark.parametrize("place", range(len(REFUSED)), ids=[f"{one[0]} {one[1]}" for one in REFUSED])
def test_a_value_that_no_type_holds_is_refused_and_can_be_had_as_text(
    postgres_server: PostgresServer, database: str, source: Postgres, tmp_path: Path, place: int
) -> None:
    declared, value, words = REFUSED[place]
    table = f"refused_{place}"
    postgres_server.sql(
        f'CREATE TABLE {table} ("it\'s" {declared}); INSERT INTO {table} VALUES (NULL), ({value})', database
    )
    with pytest.raises(SourceError, match=rf"table {table}: column 'it's'.*{words}.*types: {{it's: string}}"):
        extracted(source, Request(table=table), tmp_path)
    assert list(tmp_path.iterdir()) == []
    as_text = Request(table=table, types={"it's": parse_type("string")})
    truth = postgres_server.sql(f"SET TimeZone = 'UTC'; SELECT * FROM {table}", database).split("\n")
    assert [shown(one) for one in extracted(source, as_text, tmp_path)[0].to_pylist()] == truth


OVERRIDES = [
    ("numeric", "1.5", "decimal(20,4)", "1.5000", "12345.00001"),
    ("integer", "5", "smallint", "5", "40000"),
    ("integer", "5", "decimal(5,2)", "5.00", "1000"),
    ("text", "'12'", "int", "12", "'x'"),
    ("text", "'1.25'", "decimal(10,2)", "1.25", "'1.255'"),
    ("text", "'2020-01-01'", "date", "2020-01-01", "'2020-02-30'"),
    ("double precision", "1", "bigint", "1", "1.5"),
    ("timestamp", "'2020-01-01'", "date", "2020-01-01", "'2020-01-01 01:00'"),
    ("jsonb", "'{\"a\": 1}'", "variant", '{"a": 1}', None),
    (
        "uuid",
        "'6bc528cd-8841-4ed1-8610-83245ca0768b'",
        "varchar(36)",
        "6bc528cd-8841-4ed1-8610-83245ca0768b",
        None,
    ),
]


@pytest.mark.parametrize("place", range(len(OVERRIDES)), ids=[f"{one[0]} {one[2]}" for one in OVERRIDES])
def test_a_column_taken_in_another_type_changes_no_value(
    postgres_server: PostgresServer, database: str, source: Postgres, tmp_path: Path, place: int
) -> None:
    declared, good, wanted, expected, bad = OVERRIDES[place]
    table = f"override_{place}"
    postgres_server.sql(
        f"CREATE TABLE {table} (c {declared}); INSERT INTO {table} VALUES ({good}), (NULL)", database
    )
    request = Request(table=table, types={"c": parse_type(wanted)})
    assert source.shape(request).columns[0].type.ddl == wanted
    assert [shown(one) for one in extracted(source, request, tmp_path)[0].to_pylist()] == [expected, "∅"]
    if bad is not None:
        postgres_server.sql(f"INSERT INTO {table} VALUES ({bad})", database)
        with pytest.raises(SourceError, match=r"column 'c': the value .* cannot be taken as"):
            extracted(source, request, tmp_path)
