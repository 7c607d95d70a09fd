"""Usage: the DBUs of running warehouses, record by record."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakestead.workspace.system.billing.usage import DBUS, records

HOUR = 3600 * 1000
MINUTE = 60 * 1000
Row = dict[str, Any]


def change(at: int, size: str = "SMALL", kind: str = "PRO", warehouse: str = "w") -> Row:
    return {
        "warehouse_id": warehouse,
        "warehouse_type": kind,
        "warehouse_size": size,
        "tags": {"team": "data"},
        "change_time": at,
        "created_by": "me",
        "photon": True,
    }


def event(at: int, kind: str, warehouse: str = "w") -> Row:
    return {"warehouse_id": warehouse, "event_type": kind, "event_time": at}


def spans(rows: list[Row]) -> list[tuple[int, int]]:
    return [(row["usage_start_time"], row["usage_end_time"]) for row in rows]


def test_a_run_within_an_hour_is_one_record() -> None:
    events = [event(10 * MINUTE, "RUNNING"), event(40 * MINUTE, "STOPPED")]
    (row,) = records([change(0)], events, 0, HOUR)
    assert Decimal(row["usage_quantity"]) == Decimal(6)
    assert row["sku_name"] == "PREMIUM_SQL_PRO_COMPUTE_US_EAST_N_VIRGINIA"
    assert row["custom_tags"] == {"team": "data"}
    assert row["usage_metadata"] == {"warehouse_id": "w"}
    assert spans([row]) == [(10 * MINUTE, 40 * MINUTE)]


def test_runs_are_split_at_full_hours_and_given_when_these_are_over() -> None:
    events = [event(HOUR // 2, "RUNNING")]
    assert list(records([change(0)], events, 0, HOUR - 1)) == []
    first = list(records([change(0)], events, 0, HOUR))
    assert spans(first) == [(HOUR // 2, HOUR)]
    later = list(records([change(0)], events, HOUR, 3 * HOUR + 5))
    assert spans(later) == [(HOUR, 2 * HOUR), (2 * HOUR, 3 * HOUR)]
    stopped = [*events, event(3 * HOUR + 10, "STOPPED")]
    assert spans(list(records([change(0)], stopped, 3 * HOUR + 5, 4 * HOUR))) == [(3 * HOUR, 3 * HOUR + 10)]


def test_a_change_of_size_and_type_counts_from_when_it_was_made() -> None:
    changes = [change(0), change(HOUR + MINUTE, "LARGE", "SERVERLESS"), change(HOUR + 2 * MINUTE, "5X_LARGE")]
    events = [event(HOUR, "RUNNING"), event(HOUR + 10 * MINUTE, "STOPPED")]
    first, second = records(changes, events, 0, 2 * HOUR)
    assert spans([first, second]) == [(HOUR, HOUR + MINUTE), (HOUR + MINUTE, HOUR + 2 * MINUTE)]
    assert Decimal(first["usage_quantity"]) * 60 == DBUS["SMALL"]
    assert second["sku_name"].startswith("PREMIUM_SERVERLESS_SQL_COMPUTE")
    assert second["product_features"]["is_serverless"]


@pytest.mark.parametrize("kind", ["CLASSIC", "PRO", "SERVERLESS"])
def test_a_night_belongs_to_the_day_it_began(kind: str) -> None:
    events = [event(23 * HOUR, "RUNNING"), event(25 * HOUR, "STOPPED")]
    rows = list(records([change(0, kind=kind)], events, 0, 30 * HOUR))
    assert [row["usage_date"] for row in rows] == [0, 1]


@given(
    st.lists(st.tuples(st.integers(0, 300), st.booleans()), max_size=12),
    st.lists(st.integers(0, 400), max_size=8),
    st.lists(st.integers(0, 300), max_size=3),
)
def test_however_often_it_is_asked_each_moment_is_billed_once(
    steps: list[tuple[int, bool]], asked: list[int], changed: list[int]
) -> None:
    events = [event(at * MINUTE, "RUNNING" if on else "STOPPED") for at, on in sorted(steps)]
    changes = [change(-1), *(change(at * MINUTE) for at in sorted(changed))]
    end = 401 * MINUTE
    whole = list(records(changes, events, -1, end))
    marks = [-1, *(at * MINUTE for at in sorted(asked)), end]
    parts = [
        row
        for after, until in pairwise(marks)
        for row in records(
            [one for one in changes if one["change_time"] <= until],
            [one for one in events if one["event_time"] <= until],
            after,
            until,
        )
    ]
    key = lambda row: (row["usage_start_time"], row["usage_end_time"])  # noqa: E731
    assert sorted(parts, key=key) == sorted(whole, key=key)
    ids = [row["record_id"] for row in parts]
    assert len(ids) == len(set(ids))
    ordered = sorted(spans(parts))
    assert all(first[1] <= second[0] for first, second in pairwise(ordered))
