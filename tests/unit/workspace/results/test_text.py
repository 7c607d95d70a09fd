from __future__ import annotations

import datetime
import math
import struct
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakestead.core.datatypes import parse_type
from lakestead.workspace.results.text import floating, single, texts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (-2.5, "-2.5"),
        (0.001, "0.001"),
        (0.00099, "9.9E-4"),
        (9999999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (123456789.0, "1.23456789E8"),
        (1e300, "1.0E300"),
        (math.nan, "NaN"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
    ],
)
def test_numbers_are_written_as_java_writes_them(value: float, text: str) -> None:
    assert floating(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_back_as_itself(value: float) -> None:
    assert struct.pack("d", float(floating(value))) == struct.pack("d", value)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_number_of_single_precision_is_read_back_as_itself(value: float) -> None:
    assert struct.pack("f", float(single(value))) == struct.pack("f", value)
    assert len(single(value)) <= len(floating(value))


@pytest.mark.parametrize(
    ("ddl", "value", "text"),
    [
        ("boolean", True, "true"),
        ("int", -7, "-7"),
        ("decimal(10,3)", Decimal("0.500"), "0.500"),
        ("decimal(38,10)", Decimal("1E-10"), "0.0000000001"),
        ("string", 'a "b"', 'a "b"'),
        ("binary", b"ab", "ab"),
        ("date", datetime.date(2024, 2, 29), "2024-02-29"),
        ("array<string>", ['a "b"', None], '["a \\"b\\"",null]'),
        ("array<double>", [1.0, math.nan, None], '[1.0,"NaN",null]'),
        ("array<binary>", [b"\x00\xff"], '["AP8="]'),
        ("array<date>", [datetime.date(2024, 2, 29)], '["2024-02-29"]'),
        ("array<void>", [None], "[null]"),
        ("map<int,boolean>", [(1, True), (2, None)], '{"1":true,"2":null}'),
        ("map<string,array<int>>", [("k", None)], '{"k":null}'),
        (
            "struct<a:int,b:struct<c:decimal(3,1)>>",
            {"a": 1, "b": {"c": Decimal("2.0")}},
            '{"a":1,"b":{"c":2.0}}',
        ),
        ("struct<a:int>", {"a": None}, '{"a":null}'),
    ],
)
def test_values_as_text(ddl: str, value: object, text: str) -> None:
    kind = parse_type(ddl)
    assert texts(pa.array([value, None], kind.to_arrow()), kind) == [text, None]


def test_timestamps_have_the_digits_they_need() -> None:
    kind = parse_type("timestamp_ntz")
    noon = datetime.datetime(2024, 2, 29, 12)  # noqa: DTZ001 - it has no zone
    half = noon.replace(microsecond=500000)
    assert texts(pa.array([noon, half], kind.to_arrow()), kind) == [
        "2024-02-29 12:00:00",
        "2024-02-29 12:00:00.5",
    ]


def test_intervals() -> None:
    months = parse_type("interval year to month")
    assert texts(pa.array([14, -3, None], pa.int32()), months) == ["1-2", "-0-3", None]
    days = parse_type("interval day to second")
    spans = [datetime.timedelta(days=1, seconds=7384, microseconds=5), -datetime.timedelta(hours=1)]
    assert texts(pa.array(spans, pa.duration("us")), days) == [
        "1 02:03:04.000005000",
        "-0 01:00:00.000000000",
    ]
