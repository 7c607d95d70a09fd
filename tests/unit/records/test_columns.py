"""Values become Arrow of the column's type: kept exactly, or refused by row."""

from __future__ import annotations

import datetime as dt
import enum
import math
import uuid
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakestead.core.datatypes import parse_type
from lakestead.core.errors import SourceError
from lakestead.records.columns import column
from lakestead.records.types import cast, settled

PLUS_TWO = dt.timezone(dt.timedelta(hours=2))
NOON = dt.datetime.fromisoformat("2024-01-01T12:00:00")


class Colour(enum.StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("BIGINT", 2**62, 2**62),
        ("TINYINT", "7", 7),
        ("INT", 7.0, 7),
        ("DOUBLE", 3, 3.0),
        ("DOUBLE", Decimal("1.5"), 1.5),
        ("DECIMAL(10,2)", 1, Decimal("1.00")),
        ("DECIMAL(10,2)", 0.1, Decimal("0.10")),
        ("DECIMAL(10,2)", "1.5", Decimal("1.50")),
        ("BOOLEAN", True, True),
        ("BOOLEAN", "false", False),
        ("STRING", 7, "7"),
        ("STRING", Colour.RED, "red"),
        ("STRING", uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("STRING", dt.time(1, 2, 3), "01:02:03"),
        ("VARCHAR(5)", "abc", "abc"),
        ("BINARY", bytearray(b"x"), b"x"),
        ("DATE", dt.datetime.fromisoformat("2024-02-29T00:00:00"), dt.date(2024, 2, 29)),
        ("DATE", "2024-02-29", dt.date(2024, 2, 29)),
        ("TIMESTAMP", NOON.replace(tzinfo=PLUS_TWO), dt.datetime(2024, 1, 1, 10, tzinfo=dt.UTC)),
        ("TIMESTAMP", NOON, NOON.replace(tzinfo=dt.UTC)),
        ("TIMESTAMP", "2024-01-01T12:00:00+02:00", dt.datetime(2024, 1, 1, 10, tzinfo=dt.UTC)),
        ("TIMESTAMP", dt.date(2024, 1, 1), dt.datetime(2024, 1, 1, tzinfo=dt.UTC)),
        ("TIMESTAMP", pd.Timestamp("2024-01-01 12:00"), NOON.replace(tzinfo=dt.UTC)),
        ("TIMESTAMP_NTZ", "2024-01-01 12:00:00", NOON),
        ("ARRAY<INT>", (1, None), [1, None]),
        ("ARRAY<STRING>", [uuid.UUID(int=1)], ["00000000-0000-0000-0000-000000000001"]),
        ("MAP<STRING, INT>", {"a": 1}, [("a", 1)]),
        ("STRUCT<a: INT, b: STRING>", {"b": "x", "a": 1}, {"a": 1, "b": "x"}),
        ("STRUCT<a: INT, b: STRING>", {"a": 1}, {"a": 1, "b": None}),
        ("VARIANT", {"a": [1, Decimal("1.5"), dt.date(2024, 1, 1)]}, '{"a": [1, 1.5, "2024-01-01"]}'),
        ("VARIANT", "[1]", "[1]"),
        ("BIGINT", np.int64(5), 5),
        ("BIGINT", pd.NA, None),
        ("TIMESTAMP", pd.NaT, None),
    ],
)
def test_a_value_is_kept(kind: str, value: Any, kept: Any) -> None:
    assert column("c", [None, value], parse_type(kind)).to_pylist() == [None, kept]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("INT", 1.5),
        ("INT", 2**31),
        ("INT", "seven"),
        ("INT", True),
        ("INT", math.nan),
        ("BOOLEAN", 1),
        ("BIGINT", NOON),
        ("INT", dt.date(2024, 1, 1)),
        ("DECIMAL(4,2)", Decimal("123.45")),
        ("DECIMAL(4,2)", Decimal("1.234")),
        ("DECIMAL(4,2)", math.nan),
        ("DECIMAL(4,2)", Decimal("NaN")),
        ("DECIMAL(4,2)", True),
        ("DOUBLE", 2**53 + 1),
        ("STRING", b"x"),
        ("STRING", {"a": 1}),
        ("BINARY", "x"),
        ("DATE", NOON),
        ("DATE", 7),
        ("TIMESTAMP", "yesterday"),
        ("TIMESTAMP", 1.5),
        ("TIMESTAMP_NTZ", NOON.replace(tzinfo=dt.UTC)),
        ("ARRAY<INT>", [1.5]),
        ("ARRAY<INT>", 1),
        ("STRUCT<a: INT>", {"a": 1, "z": 2}),
        ("VARIANT", math.nan),
        ("VARIANT", {"a": object()}),
        ("STRING", object()),
    ],
)
def test_a_value_that_would_be_lost_is_refused(kind: str, value: Any) -> None:
    with pytest.raises(SourceError, match=r"row 12: column 'c' cannot take this"):
        column("c", [None, None, value], parse_type(kind), first_row=10)


def test_an_error_does_not_show_the_value() -> None:
    with pytest.raises(SourceError) as refused:
        column("c", ["4111-1111-1111-1111"], parse_type("INT"))
    assert "4111" not in str(refused.value)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, None], "BIGINT"),
        ([2**70], "DECIMAL(38,0)"),
        ([1, 2.5], "DOUBLE"),
        ([Decimal("1.50"), 2], "DECIMAL(38,2)"),
        (["x"], "STRING"),
        ([b"x"], "BINARY"),
        ([True], "BOOLEAN"),
        ([dt.date(2024, 1, 1)], "DATE"),
        ([NOON, dt.date(2024, 1, 1)], "TIMESTAMP_NTZ"),
        ([NOON.replace(tzinfo=PLUS_TWO)], "TIMESTAMP"),
        ([dt.time(1)], "STRING"),
        ([uuid.UUID(int=1)], "STRING"),
        ([None], "STRING"),
        ([[]], "ARRAY<STRING>"),
        ([[1], None], "ARRAY<BIGINT>"),
        ([{"a": 1}, {"b": None}], "STRUCT<a: BIGINT, b: STRING>"),
        ([[{"a": [Decimal("1.5")]}]], "ARRAY<STRUCT<a: ARRAY<DECIMAL(2,1)>>>"),
    ],
)
def test_a_type_is_found(values: list[Any], kind: str) -> None:
    assert settled("c", column("c", values, None).type).sql == kind


@pytest.mark.parametrize(
    "values",
    [
        [1, "a"],
        [True, 1],
        [b"x", "y"],
        [NOON, NOON.replace(tzinfo=dt.UTC)],
        [dt.date(2024, 1, 1), NOON.replace(tzinfo=dt.UTC)],
    ],
)
def test_mixed_values_have_no_type(values: list[Any]) -> None:
    with pytest.raises(SourceError, match="have no type in common"):
        column("c", values, None)


def test_intervals_have_no_column() -> None:
    with pytest.raises(SourceError, match="tables have no intervals"):
        column("c", [dt.timedelta(1)], None)
    with pytest.raises(SourceError, match="tables have no INTERVAL"):
        settled("c", pa.duration("us"))


def test_an_empty_dict_says_nothing_of_its_fields() -> None:
    with pytest.raises(SourceError, match="all its dicts are empty"):
        settled("c", column("c", [{}], None).type)


@given(st.lists(st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=4, max_value=10**9)))
def test_decimals_are_exact(values: list[Decimal | None]) -> None:
    small = [one if one is None or abs(one) < 10**20 else Decimal(0) for one in values]
    assert column("c", small, parse_type("DECIMAL(38,4)")).to_pylist() == small


@pytest.mark.parametrize(
    ("values", "kind", "kept"),
    [
        (pa.array([1], pa.uint8()), "SMALLINT", [1]),
        (pa.array(["x"]).dictionary_encode(), "STRING", ["x"]),
        (pa.array([NOON], pa.timestamp("ns")), "TIMESTAMP_NTZ", [NOON]),
        (pa.array([NOON], pa.timestamp("s", "+02:00")), "TIMESTAMP", [NOON.replace(tzinfo=dt.UTC)]),
        (pa.array([uuid.UUID(int=1)], pa.uuid()), "STRING", ["00000000-0000-0000-0000-000000000001"]),
        (pa.array([dt.time(1, 2)]), "STRING", ["01:02:00.000000"]),
    ],
)
def test_arrow_is_cast(values: pa.Array, kind: str, kept: list[Any]) -> None:
    assert cast("c", values, parse_type(kind)).to_pylist() == kept


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pa.array([300]), "TINYINT"),
        (pa.array([1.5]), "INT"),
        (pa.array([NOON], pa.timestamp("us", "UTC")), "TIMESTAMP_NTZ"),
        (pa.array([1], pa.timestamp("ns")), "TIMESTAMP_NTZ"),
    ],
)
def test_arrow_that_would_lose_is_refused(values: pa.Array, kind: str) -> None:
    with pytest.raises(SourceError, match="column 'c'"):
        cast("c", values, parse_type(kind))
