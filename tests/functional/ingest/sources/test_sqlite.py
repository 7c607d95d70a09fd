"""SQLite files as a source: what is declared, and values that are something else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lakestead.core.datatypes import parse_type
from lakestead.core.errors import ConfigError, ConnectionFailed, SourceError
from lakestead.ingest.sources import Request, Window
from lakestead.ingest.sources.sqlite import SQLite

from .extracted import extracted

# Declared type, type in Unity Catalog, a value in SQL, and the same in Python.
TYPES: list[tuple[str, str, str, Any]] = [
    ("INTEGER", "bigint", "9223372036854775807", 2**63 - 1),
    ("TINYINT", "bigint", "-1", -1),
    ("REAL", "double", "0.1", 0.1),
    ("DOUBLE PRECISION", "double", "1e300", 1e300),
    ("NUMERIC", "decimal(38,18)", "1.25", Decimal("1.250000000000000000")),
    ("DECIMAL(10, 2)", "decimal(10,2)", "1.25", Decimal("1.25")),
    ("DECIMAL(10,2)", "decimal(10,2)", "7", Decimal("7.00")),
    ("DECIMAL(50,2)", "string", "1.25", "1.25"),
    ("BOOLEAN", "boolean", "1", True),
    ("TEXT", "string", "'é😀'", "é😀"),
    ("VARCHAR(10)", "string", "'a'", "a"),
    ("JSON", "string", "'{\"a\": 1}'", '{"a": 1}'),
    ("BLOB", "binary", "x'00ff'", b"\x00\xff"),
    ("DATE", "date", "'0001-01-01'", date(1, 1, 1)),
    ("DATETIME", "timestamp_ntz", "'2020-02-29T23:59:59.123456'", datetime(2020, 2, 29, 23, 59, 59, 123456)),  # noqa: DTZ001
    ("TIMESTAMP", "timestamp_ntz", "'2020-02-29 23:59'", datetime(2020, 2, 29, 23, 59)),  # noqa: DTZ001
    ("TIME", "string", "'23:59:59'", "23:59:59"),
    ("", "bigint", "5", 5),
    ("", "double", "5.5", 5.5),
    ("", "string", "'a'", "a"),
    ("", "binary", "x'00'", b"\x00"),
]
# Declared type, and a value that it does not hold.
MISFITS = [
    ("INTEGER", "'text'"),
    ("INTEGER", "1.5"),
    ("BIGINT", "1e300"),
    ("REAL", "'text'"),
    ("DECIMAL(10,2)", "1.235"),
    ("DECIMAL(10,2)", "123456789.5"),
    ("NUMERIC", "'NaN'"),
    ("BOOLEAN", "2"),
    ("BOOLEAN", "'yes'"),
    ("TEXT", "x'00'"),
    ("BLOB", "'text'"),
    ("DATE", "'2020-02-30'"),
    ("DATE", "20200101"),
    ("DATETIME", "1577836800"),
    ("DATETIME", "'2020-01-01 00:00:00+02:00'"),
    ("DATETIME", "'2020-01-01 00:00:00.1234567'"),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "shop.sqlite"
    run(
        path,
        """
        CREATE TABLE "Odd ""Name" (id INT NOT NULL, k TEXT, twice INT AS (id * 2), PRIMARY KEY (k, id));
        INSERT INTO "Odd ""Name" VALUES (1, 'a');
        CREATE TABLE marked (id INTEGER PRIMARY KEY, at DATETIME, day DATE, amount REAL, name TEXT);
        INSERT INTO marked VALUES (1, '2020-01-01 00:00:00', '2020-01-01', 1, 'a'),
          (2, '2020-01-02T00:00:00.000', '2020-01-02', 2.5, 'b'''),
          (3, '2020-01-02 00:00:00.5', '2020-01-03', 3, 'c'),
          (4, NULL, NULL, NULL, NULL);
        CREATE VIEW some AS SELECT id, name, count(*) OVER () AS n FROM marked;
        CREATE TABLE vacant (id INT);
        """,
    )
    return path


def run(path: Path, script: str) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()


@pytest.fixture
def source(path: Path) -> Iterator[SQLite]:
    made = SQLite("shop", {"path": str(path)})
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.mark.parametrize("place", range(len(TYPES)), ids=[f"{one[0]} {one[2]}" for one in TYPES])
def test_a_type_arrives_exactly(path: Path, source: SQLite, folder: Path, place: int) -> None:
    declared, expected, value, wanted = TYPES[place]
    run(path, f"CREATE TABLE typed (id INT, c {declared}); INSERT INTO typed VALUES (1, {value}), (2, NULL)")
    for request in (Request(table="typed"), Request(query="SELECT * FROM typed;")):
        assert source.shape(request).columns[1].type.ddl == expected
        found = extracted(source, request, folder)
        assert found.schema.field("c").type == parse_type(expected).to_arrow()
        assert found["c"].to_pylist() == [wanted, None]


@pytest.mark.parametrize("place", range(len(MISFITS)), ids=[" ".join(one) for one in MISFITS])
def test_a_value_of_another_type_is_reported_and_can_be_had_as_text(
    path: Path, source: SQLite, folder: Path, place: int
) -> None:
    declared, value = MISFITS[place]
    run(path, f"CREATE TABLE typed (c {declared}); INSERT INTO typed VALUES (NULL), ({value})")
    words = (
        rf"table typed: column 'c' is declared {declared.partition('(')[0]}.*cannot be taken as.*c: string"
    )
    with pytest.raises(SourceError, match=words):
        extracted(source, Request(table="typed"), folder)
    assert list(folder.iterdir()) == []
    as_text = Request(table="typed", types={"c": parse_type("string")})
    assert isinstance(extracted(source, as_text, folder)["c"][1].as_py(), str)


def test_a_column_without_a_type_and_with_values_of_several_is_text(
    path: Path, source: SQLite, folder: Path
) -> None:
    run(path, "CREATE TABLE mixed (c); INSERT INTO mixed VALUES (1), (1.5), ('a'), (x'ff'), (NULL)")
    found = extracted(source, Request(table="mixed"), folder)
    assert found["c"].to_pylist() == ["1", "1.5", "a", "ff", None]


def test_text_can_be_taken_in_another_type(path: Path, source: SQLite, folder: Path) -> None:
    run(path, "CREATE TABLE typed (c TEXT); INSERT INTO typed VALUES ('12'), (NULL)")
    request = Request(table="typed", types={"c": parse_type("int")})
    assert extracted(source, request, folder)["c"].to_pylist() == [12, None]
    run(path, "INSERT INTO typed VALUES ('x')")
    with pytest.raises(SourceError, match="column 'c' is declared TEXT, and has the value 'x'"):
        extracted(source, request, folder)


def test_names_keys_and_views(source: SQLite, folder: Path) -> None:
    assert source.tables(None, "*o*") == ["some"]
    assert source.tables("main", "Odd*") == ['Odd "Name']
    shape = source.shape(Request(table='Odd "Name'))
    assert [(one.name, one.nullable) for one in shape.columns] == [
        ("id", False),
        ("k", True),
        ("twice", True),
    ]
    assert shape.primary_key == ("k", "id")
    assert extracted(source, Request(table='Odd "Name'), folder).to_pylist() == [
        {"id": 1, "k": "a", "twice": 2}
    ]
    assert extracted(source, Request(table="some", columns=("n",)), folder)["n"].to_pylist() == [4] * 4
    assert extracted(source, Request(table="vacant"), folder).num_rows == 0


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (Window("at", datetime(2020, 1, 2, tzinfo=UTC), None), [2, 3]),
        (Window("at", None, datetime(2020, 1, 2, tzinfo=UTC)), [1, 4]),
        (Window("at", datetime(2020, 1, 2, 0, 0, 0, 500_000, UTC), None), [3]),
        (Window("at", None, datetime(2020, 1, 2, 0, 0, 0, 500_000, UTC)), [1, 2, 4]),
        (Window("day", date(2020, 1, 2), date(2020, 1, 3)), [2]),
        (Window("amount", Decimal("2.5"), None), [2, 3]),
        (Window("name", "b'", None), [2, 3]),
        (Window("id", 2, 4), [2, 3]),
    ],
    ids=lambda one: str(one)[:60],
)
def test_a_window_holds_its_lower_bound_and_not_its_upper(
    source: SQLite, folder: Path, window: Window, expected: list[int]
) -> None:
    request = Request(table="marked", window=window)
    assert extracted(source, request, folder)["id"].to_pylist() == expected
    assert source.count(request) == len(expected)


def test_the_file_is_not_written(path: Path, source: SQLite) -> None:
    before = path.read_bytes()
    with pytest.raises(SourceError, match="the query"):
        source.count(Request(query="DELETE FROM marked"))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (Request(table="market"), "table market: there is no such table.*'marked'"),
        (Request(table="marked", columns=("idd",)), "no column 'idd'; did you mean 'id'"),
        (Request(query="SELECT nope FROM marked"), "the query: no such column: nope"),
    ],
    ids=["table", "column", "query"],
)
def test_what_is_not_there_is_named(source: SQLite, request_: Request, words: str) -> None:
    with pytest.raises(SourceError, match=f"^SQLite source 'shop' .*{words}"):
        source.shape(request_)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ConnectionFailed, match=r"unable to open.*'path' in \[sources.shop\]"):
        SQLite("shop", {"path": tmp_path / "none.sqlite"}).check()
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "text").write_text("no database at all, but a text of some length\n" * 100)
    with pytest.raises(ConnectionFailed, match="not a database"):
        SQLite("shop", {"path": tmp_path / "text"}).check()
    with pytest.raises(ConfigError, match=r"\[sources.shop\]: unknown key 'pathh', did you mean 'path'"):
        SQLite("shop", {"pathh": "x", "path": "y"})
