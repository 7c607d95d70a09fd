"""Quartz cron expressions: the examples of Quartz' tutorial, and clocks that are put forward and back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.schedules.quartz import parse


def times(expression: str, after: str, count: int, zone: str = "UTC") -> list[str]:
    cron = parse(expression, zone)
    found: list[str] = []
    at: datetime | None = datetime.fromisoformat(after).replace(tzinfo=UTC)
    while at is not None and len(found) < count:
        at = cron.next(at)
        if at is not None:
            found.append(at.strftime("%m-%d %H:%M:%S"))
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("*/20 * * * * ?", ["01-01 00:00:20", "01-01 00:00:40", "01-01 00:01:00"]),
        ("0 /25 14 * * ?", ["01-01 14:00:00", "01-01 14:25:00", "01-01 14:50:00"]),
        ("0 0-5 14 * * ?", ["01-01 14:00:00", "01-01 14:01:00", "01-01 14:02:00"]),
        ("0 10,44 14 ? 3 WED", ["03-04 14:10:00", "03-04 14:44:00", "03-11 14:10:00"]),
        ("0 15 22-2/2 ? jan mon-fri", ["01-01 00:15:00", "01-01 02:15:00", "01-01 22:15:00"]),
        ("0 0 12 ? * 6-2", ["01-02 12:00:00", "01-03 12:00:00", "01-04 12:00:00"]),
        ("0 0 12 31 * ?", ["01-31 12:00:00", "03-31 12:00:00", "05-31 12:00:00"]),
        ("0 0 12 1/10 * ?", ["01-01 12:00:00", "01-11 12:00:00", "01-21 12:00:00"]),
        ("0 15 10 L * ?", ["01-31 10:15:00", "02-28 10:15:00", "03-31 10:15:00"]),
        ("0 15 10 L-2 * ?", ["01-29 10:15:00", "02-26 10:15:00", "03-29 10:15:00"]),
        ("0 0 12 LW * ?", ["01-30 12:00:00", "02-27 12:00:00", "03-31 12:00:00"]),
        ("0 0 12 1W * ?", ["01-01 12:00:00", "02-02 12:00:00", "03-02 12:00:00"]),
        ("0 0 12 15W * ?", ["01-15 12:00:00", "02-16 12:00:00", "03-16 12:00:00"]),
        ("0 15 10 ? * 6L", ["01-30 10:15:00", "02-27 10:15:00", "03-27 10:15:00"]),
        ("0 15 10 ? * 6#3", ["01-16 10:15:00", "02-20 10:15:00", "03-20 10:15:00"]),
        ("0 15 10 ? * FRI#5", ["01-30 10:15:00", "05-29 10:15:00", "07-31 10:15:00"]),
        ("0 0 0 1 1 ? 2026-2028", ["01-01 00:00:00", "01-01 00:00:00"]),
        ("0 0 0 30 2 ?", []),
    ],
)
def test_when_expressions_are_due(expression: str, expected: list[str]) -> None:
    assert times(expression, "2026-01-01", 3) == expected


def test_clocks_that_are_put_forward_and_back() -> None:
    paris = "Europe/Paris"
    # 02:30 is not there on 29 March, and comes an hour later: 03:30; on 25 October it is there twice.
    assert times("0 30 2 * * ?", "2026-03-28T12:00", 2, paris) == ["03-29 01:30:00", "03-30 00:30:00"]
    assert times("0 30 2 * * ?", "2026-10-24T12:00", 2, paris) == ["10-25 00:30:00", "10-26 01:30:00"]
    # What is due all the time goes on all the time.
    for day in ("03-29", "10-25"):
        found = times("0 0/30 * * * ?", f"2026-{day}T00:00", 6, paris)
        assert found == [f"{day} 0{one}:{half}:00" for one in range(4) for half in ("00", "30")][1:7]


@pytest.mark.parametrize(
    ("expression", "zone", "said"),
    [
        ("0 0 12 * * *", "UTC", "exactly one of"),
        ("0 0 12 ? * ?", "UTC", "exactly one of"),
        ("0 12 * * ?", "UTC", "5 fields"),
        ("0 0 24 * * ?", "UTC", "'24' is no hour: 0 to 23 are"),
        ("0 0 0 ? * 8", "UTC", "'8' is no day of the week"),
        ("0 0 0 ? FOO MON", "UTC", "'FOO' is no month"),
        ("0 0 0 ? * MON#6", "UTC", "up to 5"),
        ("0 0 0 32W * ?", "UTC", "'32' is no day of the month"),
        ("0 0 0 L,3 * ?", "UTC", "'L' is no day of the month"),
        ("0 0/0 0 * * ?", "UTC", "step"),
        ("0 1, 0 * * ?", "UTC", "'' is no minute"),
        ("0 - 0 * * ?", "UTC", "'-' is no minute"),
        ("0 0 0 * * ?", "Mars/Olympus", "'Mars/Olympus' is not a time zone"),
        ("0 0 0 * * ?", "../../etc/passwd", "is not a time zone"),
    ],
)
def test_what_is_no_schedule_is_refused(expression: str, zone: str, said: str) -> None:
    with pytest.raises(ApiError, match=said) as refused:
        parse(expression, zone)
    assert refused.value.code is ErrorCode.INVALID_REQUEST
