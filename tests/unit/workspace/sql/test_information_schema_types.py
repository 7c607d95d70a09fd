"""How INFORMATION_SCHEMA describes types."""

from __future__ import annotations

import pytest

from lakestead.core.datatypes import parse_type
from lakestead.workspace.sql.information_schema.types import TypeDetails, details, type_columns


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tinyint", TypeDetails("tinyint", "BYTE", 8, 2, 0)),
        ("smallint", TypeDetails("smallint", "SHORT", 16, 2, 0)),
        ("int", TypeDetails("int", "INT", 32, 2, 0)),
        ("bigint", TypeDetails("bigint", "LONG", 64, 2, 0)),
        ("float", TypeDetails("float", "FLOAT", 24, 2)),
        ("double", TypeDetails("double", "DOUBLE", 53, 2)),
        ("decimal(38,18)", TypeDetails("decimal(38,18)", "DECIMAL", 38, 10, 18)),
        ("date", TypeDetails("date", "DATE", datetime_precision=0)),
        ("timestamp", TypeDetails("timestamp", "TIMESTAMP", datetime_precision=3)),
        ("timestamp_ntz", TypeDetails("timestamp_ntz", "TIMESTAMP_NTZ", datetime_precision=3)),
        ("varchar(9)", TypeDetails("varchar(9)", "STRING")),
        ("array<int>", TypeDetails("array<int>", "ARRAY")),
        (
            "interval year to month",
            TypeDetails("interval year to month", "INTERVAL", None, None, None, 0, "YEAR TO MONTH"),
        ),
        (
            "interval day to second",
            TypeDetails("interval day to second", "INTERVAL", None, None, None, 3, "DAY TO SECOND"),
        ),
    ],
)
def test_each_type(text: str, expected: TypeDetails) -> None:
    assert details(parse_type(text)) == expected


def test_many_types_keep_their_order() -> None:
    columns = type_columns(["int", "decimal(4,1)", "int", "string"])
    assert columns["data_type"].to_pylist() == ["INT", "DECIMAL", "INT", "STRING"]
    assert columns["numeric_scale"].to_pylist() == [0, 1, 0, None]


def test_no_types() -> None:
    assert type_columns([])["full_data_type"].to_pylist() == []
