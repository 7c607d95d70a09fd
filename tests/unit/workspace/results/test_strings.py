"""Columns as text."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakestead.core.datatypes import CALENDAR_INTERVAL, VARIANT, parse_type
from lakestead.workspace.results.strings import quoted, texts

JAVA_DOUBLES = [
    (0.0, "0.0"),
    (-0.0, "-0.0"),
    (1.0, "1.0"),
    (100.0, "100.0"),
    (0.1, "0.1"),
    (1 / 3, "0.3333333333333333"),
    (0.001, "0.001"),
    (0.00099, "9.9E-4"),
    (1.23e-4, "1.23E-4"),
    (1e-5, "1.0E-5"),
    (1.5e-6, "1.5E-6"),
    (1e-7, "1.0E-7"),
    (9999999.0, "9999999.0"),
    (9999999.5, "9999999.5"),
    (1e7, "1.0E7"),
    (12345678.25, "1.234567825E7"),
    (1.0000001e7, "1.0000001E7"),
    (123456789.0, "1.23456789E8"),
    (1e10, "1.0E10"),
    (1.7976931348623157e308, "1.7976931348623157E308"),
    (-2.5e-300, "-2.5E-300"),
    (float("nan"), "NaN"),
    (float("inf"), "Infinity"),
    (float("-inf"), "-Infinity"),
]


def text(values: list[Any], ddl: str, arrow: pa.DataType | None = None) -> list[str | None]:
    kind = parse_type(ddl)
    column = pa.array(values, arrow or kind.to_arrow())
    return texts(column, kind).to_pylist()  # type: ignore[no-any-return]


def test_doubles_as_java_writes_them() -> None:
    values = [value for value, _ in JAVA_DOUBLES]
    assert text([*values, None], "double") == [*(written for _, written in JAVA_DOUBLES), None]


@given(st.lists(st.floats(allow_nan=False)))
def test_doubles_are_read_back_as_they_were(values: list[float]) -> None:
    written = text(values, "double")
    assert [float(one or "") for one in written] == values
    for one in written:
        digits, _, exponent = (one or "").lstrip("-").partition("E")
        assert "." in digits or digits == "Infinity"
        if exponent:
            assert digits.index(".") == 1
            assert not -3 <= int(exponent) < 7


@given(st.lists(st.floats(width=32, allow_nan=False)))
def test_floats_are_read_back_as_they_were(values: list[float]) -> None:
    written = [float(one or "") for one in text(values, "float")]
    assert pa.array(written, pa.float32()).to_pylist() == values


@given(st.lists(st.text()))
def test_strings_in_json_are_read_back_as_they_were(values: list[str]) -> None:
    column = pa.array(values, pa.string())
    assert [json.loads(one) for one in quoted(column).to_pylist()] == values


@given(st.lists(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))))  # noqa: DTZ001
def test_timestamps_are_read_back_as_they_were(values: list[datetime]) -> None:
    zoned = [value.replace(tzinfo=UTC) for value in values]
    written = text(zoned, "timestamp")
    assert [datetime.fromisoformat(one or "") for one in written] == zoned
    assert all(one is not None and len(one) in (24, 27) and one.endswith("Z") for one in written)
    written = text(values, "timestamp_ntz")
    assert [datetime.fromisoformat(one or "") for one in written] == values


@pytest.mark.parametrize(
    ("ddl", "value", "written"),
    [
        ("decimal(10,7)", Decimal("0.0000001"), "0.0000001"),
        ("decimal(38,0)", Decimal("12345678901234567890"), "12345678901234567890"),
        ("boolean", False, "false"),
        ("tinyint", -1, "-1"),
        ("date", date(1, 1, 1), "0001-01-01"),
        ("binary", b"\x00\xff", "AP8="),
        ("interval day to second", timedelta(days=1, seconds=7384, milliseconds=500), "1 02:03:04.500000000"),
        ("interval day to second", -timedelta(days=1), "-1 00:00:00.000000000"),
        ("array<array<int>>", [[1], None, []], '[["1"],null,[]]'),
        ("struct<a:array<string>,b:int>", {"a": ["x,"], "b": None}, '{"a":["x,"],"b":null}'),
        ("map<string,map<int,date>>", [("k", [(1, date(2024, 1, 2))])], '{"k":{"1":"2024-01-02"}}'),
        ("map<string,int>", [], "{}"),
    ],
)
def test_values(ddl: str, value: Any, written: str) -> None:
    assert text([value, None], ddl) == [written, None]


def test_intervals_of_months() -> None:
    assert text([14, -14, 0, None], "interval year to month", pa.int32()) == ["1-2", "-1-2", "0-0", None]


def test_calendar_intervals() -> None:
    values = [
        pa.MonthDayNano([14, 25, 18_367_500_000_000]),
        pa.MonthDayNano([-1, 0, -1_500_000_000]),
        pa.MonthDayNano([0, 0, 0]),
    ]
    column = pa.array([*values, None], pa.month_day_nano_interval())
    assert texts(column, CALENDAR_INTERVAL).to_pylist() == [
        "1 years 2 months 25 days 5 hours 6 minutes 7.5 seconds",
        "-1 months -1.5 seconds",
        "0 seconds",
        None,
    ]


def test_variants() -> None:
    # {"a": [1, null, "x"]} in the Variant encoding of Apache Parquet.
    metadata = b"\x11\x01\x00\x01a"
    items = b"\x03\x03\x00\x02\x03\x05\x0c\x01\x00\x05x"
    value = b"\x02\x01\x00\x00" + bytes([len(items)]) + items
    column = pa.array([{"value": value, "metadata": metadata}, None], VARIANT.to_arrow())
    assert texts(column, VARIANT).to_pylist() == ['{"a":[1,null,"x"]}', None]


def test_parts_of_columns() -> None:
    kind = parse_type("array<struct<a:int>>")
    column = pa.array([[{"a": 1}], [{"a": 2}, {"a": 3}], None], kind.to_arrow())
    assert texts(column.slice(1, 2), kind).to_pylist() == ['[{"a":"2"},{"a":"3"}]', None]
