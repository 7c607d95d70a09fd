"""Ranges of a column together hold every row, and no row twice."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakestead.core.errors import SourceError
from lakestead.ingest.sources import Window
from lakestead.ingest.sources.ranges import split

VALUES = st.one_of(
    st.lists(st.integers(-(2**70), 2**70), min_size=1),
    st.lists(st.decimals(-1000, 1000, allow_nan=False, places=3), min_size=1),
    st.lists(st.floats(-1e9, 1e9), min_size=1),
    st.lists(st.dates(), min_size=1),
    st.lists(st.datetimes(), min_size=1),
    st.lists(st.datetimes(timezones=st.just(UTC)), min_size=1),
)


@given(values=VALUES, parts=st.integers(1, 20))
def test_each_value_is_in_exactly_one_range(values: list[Any], parts: int) -> None:
    windows = split("c", min(values), max(values), parts)
    assert 1 <= len(windows) <= parts
    assert windows[0].lower is None
    assert windows[-1].upper is None
    for value in values:
        assert sum(_holds(window, value) for window in windows) == 1


def _holds(window: Window, value: Any) -> bool:
    above = window.lower is None or value >= window.lower
    return above and (window.upper is None or value < window.upper)


def test_ranges_are_of_equal_width() -> None:
    assert split("c", 0, 100, 4) == [
        Window("c", None, 25),
        Window("c", 25, 50),
        Window("c", 50, 75),
        Window("c", 75, None),
    ]
    assert split("c", date(2020, 1, 1), date(2020, 1, 11), 2)[1] == Window("c", date(2020, 1, 6), None)
    moments = split("c", datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 3, tzinfo=UTC), 2)
    assert moments[0].upper == datetime(2020, 1, 2, tzinfo=UTC)


def test_a_column_without_values_is_one_range() -> None:
    assert split("c", None, None, 4) == [Window("c")]


@pytest.mark.parametrize("value", ["text", True, float("nan"), Decimal("Infinity"), b"x"])
def test_what_has_no_ranges_is_refused(value: Any) -> None:
    with pytest.raises(SourceError, match=r"partition_column 'c' has the value .* set partitions to 1"):
        split("c", value, "zz" if isinstance(value, str) else b"zz", 4)
