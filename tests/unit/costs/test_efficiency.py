"""The efficiency score: its values, and that no useless work raises it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakestead.costs.efficiency import Work, score

MONEY = st.decimals(0, 1000, places=2)
WORK = st.builds(
    Work,
    paid=MONEY,
    key=st.sampled_from([None, "a", "b", "c"]),
    useful=st.booleans(),
    used=st.decimals(0, 1, places=2),
)


def test_half_idle_a_quarter_failed() -> None:
    work = [Work(Decimal(25), "a"), Work(Decimal(25), "b", useful=False)]
    assert score(work, idle=Decimal(50)) == 25


def test_the_least_of_equal_work_counts() -> None:
    assert score([Work(Decimal(30), "a"), Work(Decimal(10), "a")]) == 25


def test_nothing_wastes_nothing() -> None:
    assert score([]) == 100
    assert score([], idle=Decimal(1)) == 0


@pytest.mark.parametrize("wrong", [{"paid": Decimal(-1)}, {"used": Decimal("1.1")}, {"used": Decimal(-1)}])
def test_impossible_work_is_refused(wrong: dict[str, Decimal]) -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        Work(**{"paid": Decimal(1), **wrong})


@given(st.lists(WORK), MONEY)
def test_it_is_a_percentage(work: list[Work], idle: Decimal) -> None:
    assert 0 <= score(work, idle) <= 100


@given(st.lists(WORK), MONEY, WORK)
def test_adding_useless_work_never_raises_it(work: list[Work], idle: Decimal, more: Work) -> None:
    assert score([*work, replace(more, useful=False)], idle) <= score(work, idle)


@given(st.lists(WORK), MONEY, WORK)
def test_work_that_fills_idle_time_uselessly_never_raises_it(
    work: list[Work], idle: Decimal, more: Work
) -> None:
    paid = min(more.paid, idle)
    filled = score([*work, replace(more, paid=paid, useful=False)], idle - paid)
    assert filled <= score(work, idle)


@given(st.lists(WORK, min_size=1), MONEY, MONEY, st.data())
def test_repeating_work_never_raises_it(
    work: list[Work], idle: Decimal, paid: Decimal, data: st.DataObject
) -> None:
    done = [one for one in work if one.useful and one.key is not None]
    if done:
        repeated = replace(data.draw(st.sampled_from(done)), paid=paid)
        assert score([*work, repeated], idle) <= score(work, idle)


@given(st.lists(WORK), st.randoms(use_true_random=False))
def test_the_order_of_work_does_not_matter(work: list[Work], random: object) -> None:
    shuffled = list(work)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert score(shuffled) == score(work)
