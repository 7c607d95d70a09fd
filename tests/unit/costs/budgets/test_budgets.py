"""What budgets declare, and when their periods start anew."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lakestead.core.errors import ConfigError
from lakestead.costs.budgets import Action, Budget, Length, Threshold, read_budgets
from lakestead.costs.budgets.periods import span


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("length", "start", "end"),
    [
        (Length.DAY, "2024-02-29", "2024-03-01"),
        (Length.WEEK, "2024-02-26", "2024-03-04"),
        (Length.MONTH, "2024-02-01", "2024-03-01"),
        (Length.QUARTER, "2024-01-01", "2024-04-01"),
    ],
)
def test_spans_of_a_leap_day(length: Length, start: str, end: str) -> None:
    found = span(length, at("2024-02-29T13:00"))
    assert (found.start, found.end) == (at(start), at(end))


def test_the_last_quarter_ends_with_the_year() -> None:
    assert span(Length.QUARTER, at("2025-12-31T23:59")).end == at("2026-01-01")
    assert span(Length.MONTH, at("2025-12-31T23:59")).end == at("2026-01-01")


def test_days_are_those_of_utc() -> None:
    moment = dt.datetime(2026, 1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    assert span(Length.DAY, moment).start == at("2025-12-31")


@given(st.sampled_from(Length), st.integers(0, 4_000_000_000))
def test_spans_follow_each_other(length: Length, seconds: int) -> None:
    moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    found = span(length, moment)
    assert found.start <= moment < found.end
    assert span(length, found.end).start == found.end


def test_the_strictest_reached_threshold_counts() -> None:
    budget = Budget(
        name="b",
        team="t",
        amount=Decimal(100),
        thresholds=(
            Threshold(at=Decimal("0.9"), action=Action.BLOCK),
            Threshold(at=Decimal(1), action=Action.REPORT),
        ),
    )
    assert budget.reached(Decimal("89.99")) is None
    for spent in (90, 100, 200):
        reached = budget.reached(Decimal(spent))
        assert reached is not None
        assert reached.action is Action.BLOCK


def test_an_estimate_may_fill_a_threshold_but_not_exceed_it() -> None:
    budget = Budget(name="b", team="t", amount=Decimal(100))
    reached = budget.reached(Decimal(90), Decimal(10))
    assert reached is not None
    assert reached.action is Action.WARN
    reached = budget.reached(Decimal(90), Decimal("10.01"))
    assert reached is not None
    assert reached.action is Action.BLOCK


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({}, "what the budget is for"),
        ({"team": "t", "amount": 0}, "greater than 0"),
        ({"team": "t", "currency": "dollars"}, "pattern"),
        ({"team": "t", "rollover": True}, "Extra inputs"),
        ({"team": "t", "thresholds": [{"at": 1, "action": "warn"}] * 2}, "same share"),
    ],
)
def test_wrong_budgets_are_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Budget.model_validate({"name": "b", "amount": 1, **wrong})


def test_from_governance_yaml(tmp_path: Path) -> None:
    path = tmp_path / "governance.yaml"
    assert read_budgets(path) == ()
    path.write_text("policies: []\n", encoding="utf-8")
    assert read_budgets(path) == ()
    path.write_text(
        "budgets:\n  - {name: a, team: de, period: week, amount: 1000.50, currency: EUR}\n", encoding="utf-8"
    )
    (budget,) = read_budgets(path)
    assert (budget.period, budget.amount, budget.currency) == (Length.WEEK, Decimal("1000.5"), "EUR")
    path.write_text("budgets:\n  - {name: a, team: de, periode: week, amount: 1}\n", encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r"governance.yaml:2:\d+: unknown key 'periode'; did you mean 'period'"
    ):
        read_budgets(path)
    path.write_text(
        "budgets:\n  - {name: a, team: de, amount: 1}\n  - {name: a, team: x, amount: 1}\n", encoding="utf-8"
    )
    with pytest.raises(ConfigError, match="two budgets are named 'a'"):
        read_budgets(path)
