"""SQL Server as a source, where LAKESTEAD_TEST_MSSQL_URL names a server on which tables can be made."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from lakestead.core.errors import SourceError
from lakestead.ingest.sources import Request, Window
from lakestead.ingest.sources.mssql import SQLServer
from lakestead.ingest.sources.mssql_login import connection_string, server
from lakestead.ingest.sources.settings import ServerSettings

from .extracted import extracted

URL = os.environ.get("LAKESTEAD_TEST_MSSQL_URL")
pytestmark = pytest.mark.skipif(not URL, reason="LAKESTEAD_TEST_MSSQL_URL names no SQL Server")
COLUMNS = {
    "id": ("int NOT NULL PRIMARY KEY", "1", "int", 1),
    "tiny": ("tinyint", "255", "smallint", 255),
    "truth": ("bit", "1", "boolean", True),
    "amount": ("decimal(38,10)", "-1234567890123456789.0123456789", "decimal(38,10)", None),
    "price": ("money", "922337203685477.5807", "decimal(19,4)", Decimal("922337203685477.5807")),
    "ratio": ("float", "0.1", "double", 0.1),
    "day": ("date", "'0001-01-01'", "date", date(1, 1, 1)),
    "moment": ("datetime2(6)", "'9999-12-31 23:59:59.123456'", "timestamp_ntz", None),
    "zoned": ("datetimeoffset(6)", "'2020-01-01 02:00:00.5 +02:00'", "timestamp", None),
    "clock": ("time(3)", "'23:59:59.123'", "string", "23:59:59.123"),
    "guid": ("uniqueidentifier", "'6BC528CD-8841-4ED1-8610-83245CA0768B'", "string", None),
    "words": ("nvarchar(20)", "N'é😀'", "string", "é😀"),
    "padded": ("char(5)", "'ab'", "string", "ab   "),
    "content": ("varbinary(10)", "0x00ff", "binary", b"\x00\xff"),
    "exact": ("datetime2(7)", "'2020-01-01 00:00:00.1234567'", "timestamp_ntz", None),
}
VALUES = {
    "amount": Decimal("-1234567890123456789.0123456789"),
    "moment": datetime(9999, 12, 31, 23, 59, 59, 123456),  # noqa: DTZ001
    "zoned": datetime(2020, 1, 1, 0, 0, 0, 500_000, UTC),
    "guid": "6BC528CD-8841-4ED1-8610-83245CA0768B",
}


@pytest.fixture
def table() -> Iterator[str]:
    import mssql_python

    name = f"test_{uuid.uuid4().hex[:12]}"
    place = server(ServerSettings.read("shop", {"url": URL}), "shop")
    with mssql_python.connect(connection_string(place), autocommit=True) as connection:
        columns = ", ".join(f"{column} {declared}" for column, (declared, *_) in COLUMNS.items())
        connection.execute(f"CREATE TABLE {name} ({columns})")
        connection.execute(f"INSERT INTO {name} VALUES ({', '.join(one[1] for one in COLUMNS.values())})")
        connection.execute(f"INSERT INTO {name} (id) VALUES (2)")
        yield name
        connection.execute(f"DROP TABLE {name}")


@pytest.fixture
def source() -> Iterator[SQLServer]:
    made = SQLServer("shop", {"url": URL})
    yield made
    made.close()


def test_types_arrive_exactly(source: SQLServer, table: str, tmp_path: Path) -> None:
    kept = tuple(name for name in COLUMNS if name != "exact")
    for request in (
        Request(table=table, columns=kept),
        Request(query=f"SELECT {', '.join(kept)} FROM {table}"),
    ):
        shape = source.shape(request)
        assert [one.type.ddl for one in shape.columns] == [COLUMNS[name][2] for name in kept]
        found = extracted(source, request, tmp_path).sort_by("id").to_pylist()
        assert found[0] == {name: VALUES.get(name, COLUMNS[name][3]) for name in kept}
        assert found[1] == {"id": 2} | {name: None for name in kept if name != "id"}
    assert source.shape(Request(table=table)).primary_key == ("id",)


def test_a_hundred_nanoseconds_are_refused(source: SQLServer, table: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"column 'exact'.*\.1234567 cannot be taken as timestamp_ntz"):
        extracted(source, Request(table=table, columns=("exact",)), tmp_path)


def test_windows_ranges_and_names(source: SQLServer, table: str, tmp_path: Path) -> None:
    assert table in source.tables(None, "test_*")
    assert source.count(Request(table=table, window=Window("id", 2))) == 1
    assert source.count(Request(table=table, window=Window("zoned", datetime(2020, 1, 1, tzinfo=UTC)))) == 1
    ranges = Request(table=table, columns=("id",), partition_column="id", partitions=2)
    assert sorted(extracted(source, ranges, tmp_path)["id"].to_pylist()) == [1, 2]
    with pytest.raises(SourceError, match=f"no such table.*{table}"):
        source.shape(Request(table=f"{table}x"))
