"""COPY INTO of Parquet files that become the table's data files as they are."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from databricks.sql.exc import ServerOperationError

from lakestead.testing import Workspace
from tests.contract.conftest import Sql

_SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64(), nullable=False),
        pa.field("price", pa.decimal128(10, 2)),
        pa.field("name", pa.string()),
        pa.field("day", pa.date32()),
        pa.field("at", pa.timestamp("us", tz="UTC")),
        pa.field("local", pa.timestamp("us")),
        pa.field("ratio", pa.float64()),
        pa.field("data", pa.binary()),
        pa.field("tags", pa.list_(pa.string())),
    ]
)
_COLUMNS = (
    "id BIGINT NOT NULL, price DECIMAL(10,2), name STRING, day DATE, at TIMESTAMP, local TIMESTAMP_NTZ,"
    " ratio DOUBLE, data BINARY, tags ARRAY<STRING>"
)


def _rows(first: int, last: int) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "id": n,
                "price": Decimal(n) / 4 if n % 3 else None,
                "name": f"name {n}" if n % 5 else None,
                "day": date(2024, 1, 1 + n % 28),
                "at": datetime(2024, 1, 1, 12, 0, n % 60, n, tzinfo=UTC),
                "local": datetime(2024, 1, 1, 12, 0, n % 60, n),  # noqa: DTZ001 - it has no zone
                "ratio": float("nan") if n == 7 else n / 8,
                "data": bytes([n % 256]),
                "tags": [str(n)] if n % 2 else None,
            }
            for n in range(first, last)
        ],
        _SCHEMA,
    )


def _put(workspace: Workspace, schema: str, name: str, rows: pa.Table) -> None:
    out = io.BytesIO()
    pq.write_table(rows, out, row_group_size=40)
    path = f"/Volumes/{schema.replace('.', '/')}/landing/{name}"
    out.seek(0)
    workspace.client().files.upload(path, out, overwrite=True)


@pytest.fixture
def landing(sql: Sql, schema: str) -> str:
    sql("CREATE VOLUME landing")
    return f"/Volumes/{schema.replace('.', '/')}/landing"


def _files(sql: Sql, table: str) -> int:
    return int(sql.records(f"DESCRIBE DETAIL {table}")[0]["numFiles"])


def test_rows_are_those_of_the_files(
    workspace_session: Workspace, sql: Sql, schema: str, landing: str
) -> None:
    sql(f"CREATE TABLE t ({_COLUMNS})")
    _put(workspace_session, schema, "a.parquet", _rows(0, 100))
    _put(workspace_session, schema, "b.parquet", _rows(100, 150))

    assert sql(f"COPY INTO t FROM '{landing}' FILEFORMAT = PARQUET")[0][:2] == (150, 150)
    # Were they written anew, they would be one file.
    assert _files(sql, "t") == 2
    with sql.connection.cursor() as cursor:
        found = cursor.execute("SELECT * FROM t ORDER BY id").fetchall_arrow()
    expected = pa.concat_tables([_rows(0, 100), _rows(100, 150)])
    assert str(found.cast(_SCHEMA).to_pydict()) == str(expected.to_pydict())


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ("id = 120", [120]),
        ("name = 'name 3'", [3]),
        ("price >= 37", [148, 149]),
        ("ratio BETWEEN 18.5 AND 18.6", [148]),
        ("day = DATE '2024-01-28'", [27, 55, 83, 111, 139]),
        ("at = TIMESTAMP '2024-01-01 12:00:59.000059Z'", [59]),
        ("local > TIMESTAMP_NTZ '2024-01-01 12:00:59.000118'", [119]),
    ],
)
def test_files_are_skipped_by_their_bounds_and_no_row_is_lost(
    workspace_session: Workspace, sql: Sql, schema: str, landing: str, condition: str, ids: list[int]
) -> None:
    sql(f"CREATE TABLE t ({_COLUMNS})")
    for first in range(0, 150, 50):
        _put(workspace_session, schema, f"{first}.parquet", _rows(first, first + 50))
    sql(f"COPY INTO t FROM '{landing}' FILEFORMAT = PARQUET")

    assert [row[0] for row in sql(f"SELECT id FROM t WHERE {condition} ORDER BY id")] == ids


def test_the_files_of_the_volume_stay_their_own(
    workspace_session: Workspace, sql: Sql, schema: str, landing: str
) -> None:
    sql(f"CREATE TABLE t ({_COLUMNS})")
    _put(workspace_session, schema, "a.parquet", _rows(0, 10))
    sql(f"COPY INTO t FROM '{landing}' FILEFORMAT = PARQUET")

    _put(workspace_session, schema, "a.parquet", _rows(500, 510))
    sql("DROP VOLUME landing")

    assert sql("SELECT min(id), max(id) FROM t") == [(0, 9)]


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        pytest.param(_COLUMNS.replace("id BIGINT", "id INT"), _rows(0, 9), id="another type"),
        pytest.param("extra INT, " + _COLUMNS, _rows(0, 9), id="a column more"),
        pytest.param(_COLUMNS.replace("name STRING", "NAME STRING"), _rows(0, 9), id="another case"),
        pytest.param(_COLUMNS, _rows(0, 9).select(_SCHEMA.names[:3]), id="a column less"),
    ],
)
def test_files_unlike_the_table_are_written_anew(
    workspace_session: Workspace, sql: Sql, schema: str, landing: str, columns: str, rows: pa.Table
) -> None:
    sql(f"CREATE TABLE t ({columns})")
    _put(workspace_session, schema, "a.parquet", rows)
    _put(workspace_session, schema, "b.parquet", rows)

    assert sql(f"COPY INTO t FROM '{landing}' FILEFORMAT = PARQUET")[0][0] == 18
    assert _files(sql, "t") == 1
    assert sql("SELECT count(*), sum(id) FROM t") == [(18, 72)]


def test_null_is_refused_where_the_table_takes_none(
    workspace_session: Workspace, sql: Sql, schema: str, landing: str
) -> None:
    sql(f"CREATE TABLE t ({_COLUMNS})")
    rows = _rows(0, 9)
    nulls = pa.array([None] * 9, pa.int64())
    _put(workspace_session, schema, "a.parquet", rows.set_column(0, pa.field("id", pa.int64()), nulls))

    with pytest.raises(ServerOperationError, match="NOT NULL constraint violated for column: id"):
        sql(f"COPY INTO t FROM '{landing}' FILEFORMAT = PARQUET")
    assert sql("SELECT count(*) FROM t") == [(0,)]


def test_checks_are_kept(workspace_session: Workspace, sql: Sql, schema: str, landing: str) -> None:
    sql(f"CREATE TABLE t ({_COLUMNS})")
    sql("ALTER TABLE t ADD CONSTRAINT small CHECK (id < 5)")
    _put(workspace_session, schema, "a.parquet", _rows(0, 9))

    with pytest.raises(ServerOperationError, match="CHECK constraint small"):
        sql(f"COPY INTO t FROM '{landing}' FILEFORMAT = PARQUET")
    assert sql("SELECT count(*) FROM t") == [(0,)]
