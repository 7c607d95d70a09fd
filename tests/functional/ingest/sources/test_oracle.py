"""Oracle as a source, where LAKESTEAD_TEST_ORACLE_URL names a database in which tables can be made."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import oracledb
import pytest

from lakestead.core.errors import SourceError
from lakestead.ingest.sources import Request, Window
from lakestead.ingest.sources.oracle import Oracle, parameters
from lakestead.ingest.sources.settings import ServerSettings, login

from .extracted import extracted

URL = os.environ.get("LAKESTEAD_TEST_ORACLE_URL")
pytestmark = pytest.mark.skipif(not URL, reason="LAKESTEAD_TEST_ORACLE_URL names no Oracle database")
NTZ = datetime(2020, 2, 29, 23, 59, 59, 123456)  # noqa: DTZ001
COLUMNS = {
    "ID": ("NUMBER(9) NOT NULL PRIMARY KEY", "1", "decimal(9,0)", Decimal(1)),
    "AMOUNT": ("NUMBER(38,10)", "-.0123456789", "decimal(38,10)", Decimal("-0.0123456789")),
    "FREE": ("NUMBER", "12345678901234567890.5", "decimal(38,18)", Decimal("12345678901234567890.5")),
    "RATIO": ("BINARY_DOUBLE", "0.1", "double", 0.1),
    "WORDS": ("VARCHAR2(20 CHAR)", "'é😀'", "string", "é😀"),
    "PADDED": ("CHAR(5)", "'ab'", "string", "ab   "),
    "LONG_WORDS": ("CLOB", "'a'", "string", "a"),
    "CONTENT": ("RAW(10)", "HEXTORAW('00ff')", "binary", b"\x00\xff"),
    "DAY": ("DATE", "DATE '2020-02-29'", "timestamp_ntz", datetime(2020, 2, 29)),  # noqa: DTZ001
    "MOMENT": ("TIMESTAMP(6)", "TIMESTAMP '2020-02-29 23:59:59.123456'", "timestamp_ntz", NTZ),
    "ZONED": (
        "TIMESTAMP(6) WITH TIME ZONE",
        "TIMESTAMP '2020-01-01 02:00:00 +02:00'",
        "timestamp",
        datetime(2020, 1, 1, tzinfo=UTC),
    ),
    "SPAN": (
        "INTERVAL DAY TO SECOND",
        "INTERVAL '1 02:03:04' DAY TO SECOND",
        "string",
        "+01 02:03:04.000000",
    ),
}


@pytest.fixture
def table() -> Iterator[str]:
    name = f"TEST_{uuid.uuid4().hex[:12].upper()}"
    place = login(ServerSettings.read("shop", {"url": URL}), "shop", 1521)
    with oracledb.connect(**parameters(place)) as connection, connection.cursor() as cursor:
        columns = ", ".join(f"{column} {declared}" for column, (declared, *_) in COLUMNS.items())
        cursor.execute(f"CREATE TABLE {name} ({columns})")
        cursor.execute(f"INSERT INTO {name} VALUES ({', '.join(one[1] for one in COLUMNS.values())})")
        cursor.execute(f"INSERT INTO {name} (ID) VALUES (2)")
        connection.commit()
        yield name
        cursor.execute(f"DROP TABLE {name}")


@pytest.fixture
def source() -> Iterator[Oracle]:
    made = Oracle("shop", {"url": URL})
    yield made
    made.close()


def test_types_arrive_exactly(source: Oracle, table: str, tmp_path: Path) -> None:
    for request in (Request(table=table), Request(query=f"SELECT * FROM {table}")):
        shape = source.shape(request)
        assert [one.type.ddl for one in shape.columns] == [one[2] for one in COLUMNS.values()]
        found = extracted(source, request, tmp_path).sort_by("ID").to_pylist()
        assert found[0] == {name: one[3] for name, one in COLUMNS.items()}
        assert found[1] == {"ID": Decimal(2)} | {name: None for name in COLUMNS if name != "ID"}
    assert source.shape(Request(table=table)).primary_key == ("ID",)


def test_windows_ranges_and_names(source: Oracle, table: str, tmp_path: Path) -> None:
    assert table in source.tables(None, "TEST_*")
    assert source.count(Request(table=table, window=Window("ID", 2))) == 1
    assert source.count(Request(table=table, window=Window("ZONED", datetime(2020, 1, 1, tzinfo=UTC)))) == 1
    ranges = Request(table=table, columns=("ID",), partition_column="ID", partitions=2)
    assert sorted(extracted(source, ranges, tmp_path)["ID"].to_pylist()) == [1, 2]
    with pytest.raises(SourceError, match=f"no such table.*{table}"):
        source.shape(Request(table=f"{table}X"))
