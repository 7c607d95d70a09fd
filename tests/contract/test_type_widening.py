"""ALTER COLUMN … TYPE: a column gets a type that holds all of its values."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from databricks.sql.exc import ServerOperationError

from tests.contract.conftest import Sql

_PROPERTY = "TBLPROPERTIES ('delta.enableTypeWidening' = 'true')"


@pytest.mark.parametrize(
    ("old", "new", "value", "then", "expected"),
    [
        ("TINYINT", "SMALLINT", "1", "300", [1, 300]),
        ("INT", "BIGINT", "1", "3000000000", [1, 3_000_000_000]),
        ("INT", "DOUBLE", "1", "1.5", [1.0, 1.5]),
        ("BIGINT", "DECIMAL(20,1)", "1", "2.5", [Decimal("1.0"), Decimal("2.5")]),
        ("FLOAT", "DOUBLE", "0.5", "1e300", [0.5, 1e300]),
        ("DECIMAL(4,2)", "DECIMAL(7,3)", "1.25", "1000.125", [Decimal("1.250"), Decimal("1000.125")]),
        (
            "DATE",
            "TIMESTAMP_NTZ",
            "DATE '2024-01-02'",
            "TIMESTAMP_NTZ '2024-01-02 03:04:05'",
            [datetime(2024, 1, 2), datetime(2024, 1, 2, 3, 4, 5)],  # noqa: DTZ001 - they have no zone
        ),
    ],
)
def test_a_column_gets_a_wider_type(
    sql: Sql, schema: str, old: str, new: str, value: str, then: str, expected: list[object]
) -> None:
    sql(f"CREATE TABLE t (id INT NOT NULL COMMENT 'key', v {old} COMMENT 'value') {_PROPERTY}")
    sql(f"INSERT INTO t VALUES (1, {value})")
    sql(f"ALTER TABLE t ALTER COLUMN v TYPE {new}")
    sql(f"INSERT INTO t VALUES (2, {then})")

    assert [row[0] for row in sql("SELECT v FROM t ORDER BY id")] == expected
    described = {row[0]: row[1:] for row in sql("DESCRIBE t")}
    assert described == {"id": ("int", "key"), "v": (new.lower(), "value")}
    # What the table was is still to be seen.
    assert sql("SELECT count(*) FROM t VERSION AS OF 1") == [(1,)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("BIGINT", "INT"),
        ("STRING", "INT"),
        ("INT", "STRING"),
        ("DECIMAL(7,3)", "DECIMAL(7,4)"),
        ("INT", "DATE"),
    ],
)
def test_what_loses_values_is_refused(sql: Sql, schema: str, old: str, new: str) -> None:
    sql(f"CREATE TABLE t (v {old}) {_PROPERTY}")

    with pytest.raises(ServerOperationError, match=r"DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP.*0AKDC"):
        sql(f"ALTER TABLE t ALTER COLUMN v TYPE {new}")


def test_it_has_to_be_switched_on(sql: Sql, schema: str) -> None:
    sql("CREATE TABLE t (v INT)")

    with pytest.raises(ServerOperationError, match=r"delta\.enableTypeWidening' to true first"):
        sql("ALTER TABLE t ALTER COLUMN v TYPE BIGINT")
    sql("ALTER TABLE t SET TBLPROPERTIES ('delta.enableTypeWidening' = 'true')")
    sql("ALTER TABLE t ALTER COLUMN v TYPE BIGINT")
    assert sql("DESCRIBE t")[0][1] == "bigint"


def test_what_depends_on_the_column_is_named(sql: Sql, schema: str) -> None:
    sql(f"CREATE TABLE t (v INT, d DATE) {_PROPERTY}")
    sql("ALTER TABLE t ADD CONSTRAINT small CHECK (v < 5)")

    with pytest.raises(ServerOperationError, match="used by the constraint small"):
        sql("ALTER TABLE t ALTER COLUMN v TYPE BIGINT")
    sql(f"CREATE TABLE other (d DATE, k DATE) PARTITIONED BY (d) {_PROPERTY}")
    with pytest.raises(ServerOperationError, match="partitioning"):
        sql("ALTER TABLE other ALTER COLUMN d TYPE TIMESTAMP_NTZ")
