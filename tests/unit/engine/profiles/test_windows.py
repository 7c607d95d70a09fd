from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakestead.engine.profiles import Granularity, Window

TEXTS = ["5 minutes", "30 minutes", "1 hour", "1 day", "1 week", "2 weeks", "4 weeks", "1 month", "1 year"]


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "instant", "start", "end"),
    [
        ("5 minutes", utc(2026, 3, 1, 10, 14, 59), utc(2026, 3, 1, 10, 10), utc(2026, 3, 1, 10, 15)),
        ("1 hour", utc(1969, 12, 31, 23, 30), utc(1969, 12, 31, 23), utc(1970, 1, 1)),
        # The last Sunday of March: nothing happens in UTC.
        ("1 day", utc(2026, 3, 29, 23, 59), utc(2026, 3, 29), utc(2026, 3, 30)),
        ("1 week", utc(2026, 11, 22, 23), utc(2026, 11, 16), utc(2026, 11, 23)),
        ("1 month", utc(2024, 2, 29, 12), utc(2024, 2, 1), utc(2024, 3, 1)),
        ("1 year", utc(2024, 12, 31, 23), utc(2024, 1, 1), utc(2025, 1, 1)),
        (
            "AGGREGATION_GRANULARITY_30_MINUTES",
            utc(2026, 1, 1, 0, 29),
            utc(2026, 1, 1),
            utc(2026, 1, 1, 0, 30),
        ),
    ],
)
def test_windows_begin_and_end_with_the_calendar(
    text: str, instant: dt.datetime, start: dt.datetime, end: dt.datetime
) -> None:
    granularity = Granularity.parse(text)
    assert granularity.window(instant) == Window(start, end)
    assert granularity.next(start) == end
    assert granularity.previous(end) == start
    assert (
        granularity.floor(np.array([instant.replace(tzinfo=None)], "datetime64[us]"))
        .item()
        .replace(tzinfo=dt.UTC)
        == start
    )


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(TEXTS),
    st.integers(-700_000, 4_000_000).map(
        lambda quarters: utc(1970, 1, 1) + dt.timedelta(minutes=15 * quarters)
    ),
)
def test_windows_cover_time_without_a_gap(text: str, instant: dt.datetime) -> None:
    granularity = Granularity.parse(text)
    window = granularity.window(instant)
    assert window.start <= instant < window.end
    assert granularity.window(window.end).start == window.end
    assert granularity.next(granularity.previous(window.start)) == window.start
    assert Granularity.parse(str(granularity)) == granularity


@pytest.mark.parametrize("text", ["", "day", "2 days", "10 minutes", "0 weeks", "-1 week", "3 months"])
def test_other_granularities_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no granularity"):
        Granularity.parse(text)
