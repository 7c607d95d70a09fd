"""Statements judged by budgets: thresholds, exemptions, failures, the time between look-ups, many threads."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from lakestead.core.attribution import Attribution
from lakestead.core.guards import Attempt, Outcome
from lakestead.costs.budgets import Budget, BudgetGuard, Exemptions, Known, OnError, State
from lakestead.costs.budgets.periods import span

HOST = "https://example.cloud.databricks.com"
NOON = dt.datetime(2026, 5, 20, 12, tzinfo=dt.UTC)


def budget(**values: object) -> Budget:
    return Budget.model_validate({"name": "b", "team": "de", "amount": 100, **values})


def attempt(user: str = "ada@example.com", warehouse: str = "w1", **attribution: str) -> Attempt:
    return Attempt("SELECT 1", HOST, warehouse, user, Attribution(**{"team": "de", **attribution}))


class Clock:
    """A time that tests move."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> dt.datetime:
        return self.now


class Table:
    """What look-ups find, and how many there were."""

    def __init__(self, *budgets: Budget, spent: str = "0") -> None:
        self.budgets = budgets
        self.spent = Decimal(spent)
        self.newest: dt.datetime | None = None
        self.owners: dict[str, dict[str, str]] = {}
        self.failure: Exception | None = None
        self.looked = 0
        self.clock = Clock()

    def __call__(self) -> Known:
        self.looked += 1
        if self.failure:
            raise self.failure
        states = [State(one, span(one.period, self.clock.now), self.spent) for one in self.budgets]
        return Known(states, self.newest, self.owners)

    def guard(self, estimate: Callable[[Attempt], Decimal | None] | None = None) -> BudgetGuard:
        workspaces = {HOST: "1"}
        return BudgetGuard(
            self.budgets, self, seconds=30, estimate=estimate, workspaces=workspaces, clock=self.clock
        )


@pytest.mark.parametrize(
    ("spent", "outcome"),
    [
        ("49.99", Outcome.PASSED),
        ("50", Outcome.PASSED),
        ("79.99", Outcome.PASSED),
        ("80", Outcome.WARNING),
        ("99.99", Outcome.WARNING),
        ("100", Outcome.BLOCKED),
    ],
)
def test_thresholds(spent: str, outcome: Outcome) -> None:
    (verdict,) = Table(budget(), spent=spent).guard().judge(attempt())
    assert verdict.outcome is outcome
    assert bool(verdict.message) == (Decimal(spent) >= 50)


def test_a_refusal_says_everything() -> None:
    (verdict,) = Table(budget(contact="dana@example.com"), spent="1234.5").guard().judge(attempt())
    for part in ("1,234.50", "100.00 USD", "month from 2026-05-01", "2026-06-01", "dana@example.com"):
        assert part in verdict.message


@pytest.mark.parametrize(
    ("scope", "concerned"),
    [
        ({"team": "de"}, True),
        ({"team": "other"}, False),
        ({"team": None, "project": "p"}, True),
        ({"team": None, "cost_center": "c"}, True),
        ({"team": None, "warehouse": "w1"}, True),
        ({"team": None, "warehouse": "w2"}, False),
        ({"team": None, "workspace": "1"}, True),
        ({"team": None, "workspace": "2"}, False),
        ({"team": "de", "warehouse": "w2"}, False),
    ],
)
def test_who_is_concerned(scope: dict[str, str], concerned: bool) -> None:
    guard = Table(budget(**scope), spent="200").guard()
    assert len(guard.judge(attempt(project="p", cost_center="c"))) == concerned


def test_without_attribution_a_statement_is_its_warehouse_s() -> None:
    table = Table(budget(), spent="200")
    table.owners = {"w1": {"team": "de"}}
    guard = table.guard()
    assert len(guard.judge(Attempt("SELECT 1", HOST, "w1", None, Attribution()))) == 1
    assert len(guard.judge(Attempt("SELECT 1", HOST, "w2", None, Attribution()))) == 0
    assert len(guard.judge(attempt(team="other"))) == 0


@pytest.mark.parametrize(
    "exempt", [{"users": ["ada@example.com"]}, {"projects": ["p"]}, {"environments": ["production"]}]
)
def test_exemptions_are_warned(exempt: dict[str, Sequence[str]]) -> None:
    guard = Table(budget(exempt=Exemptions.model_validate(exempt)), spent="200").guard()
    (verdict,) = guard.judge(attempt(project="p", environment="production"))
    assert verdict.outcome is Outcome.WARNING
    (verdict,) = guard.judge(attempt(user="eve@example.com"))
    assert verdict.outcome is Outcome.BLOCKED


def test_a_look_up_counts_for_its_seconds() -> None:
    table = Table(budget())
    guard = table.guard()
    for _ in range(3):
        guard.judge(attempt())
    assert table.looked == 1
    table.spent = Decimal(100)
    table.clock.now += dt.timedelta(seconds=29)
    assert guard.judge(attempt())[0].outcome is Outcome.PASSED
    table.clock.now += dt.timedelta(seconds=1)
    assert guard.judge(attempt())[0].outcome is Outcome.BLOCKED
    assert table.looked == 2


def test_a_new_period_starts_at_once() -> None:
    table = Table(budget(), spent="100")
    table.clock.now = dt.datetime(2026, 5, 31, 23, 59, 59, tzinfo=dt.UTC)
    guard = table.guard()
    assert guard.judge(attempt())[0].outcome is Outcome.BLOCKED
    table.spent = Decimal(0)
    table.clock.now += dt.timedelta(seconds=1)
    assert guard.judge(attempt())[0].outcome is Outcome.PASSED


def test_a_failed_look_up_lets_through() -> None:
    table = Table(budget())
    table.failure = OSError("no route to host")
    guard = table.guard()
    for _ in range(2):
        (verdict,) = guard.judge(attempt())
        assert verdict.outcome is Outcome.WARNING
        assert "no route to host" in verdict.message
    assert table.looked == 1
    table.failure = None
    table.clock.now += dt.timedelta(seconds=30)
    assert guard.judge(attempt())[0].outcome is Outcome.PASSED


def test_a_failed_look_up_blocks_where_that_is_declared() -> None:
    table = Table(budget(on_error=OnError.BLOCK, exempt=Exemptions(users=frozenset({"root"}))))
    table.failure = OSError("no route to host")
    guard = table.guard()
    (verdict,) = guard.judge(attempt())
    assert verdict.outcome is Outcome.BLOCKED
    assert "on_error: block" in verdict.message
    assert guard.judge(attempt(user="root"))[0].outcome is Outcome.WARNING


def test_what_was_spent_stays_spent_when_a_look_up_fails() -> None:
    table = Table(budget(), spent="100")
    guard = table.guard()
    guard.judge(attempt())
    table.failure = OSError("no route to host")
    table.clock.now += dt.timedelta(seconds=30)
    assert guard.judge(attempt())[0].outcome is Outcome.BLOCKED


def test_metrics_are_told_after_each_look_up() -> None:
    table = Table(budget(), spent="90")
    told: list[tuple[str, Decimal, Decimal]] = []
    guard = BudgetGuard(table.budgets, table, tell=lambda *use: told.append(use), clock=table.clock)
    guard.judge(attempt())
    guard.judge(attempt())
    assert told == [("b", Decimal(90), Decimal(100))]


def test_other_errors_are_not_hidden() -> None:
    table = Table(budget())
    table.failure = KeyError("a mistake in the look-up")
    with pytest.raises(KeyError):
        table.guard().judge(attempt())


def test_the_look_up_s_own_statements_are_not_judged() -> None:
    table = Table(budget(), spent="200")
    inside: list[Sequence[object]] = []

    def look_up() -> Known:
        inside.append(guard.judge(attempt()))
        return table()

    guard = BudgetGuard(table.budgets, look_up, clock=table.clock)
    assert guard.judge(attempt())[0].outcome is Outcome.BLOCKED
    assert inside == [()]


def test_estimates_count_until_they_are_settled() -> None:
    table = Table(budget(), spent="90")
    guard = table.guard(lambda _: Decimal(6))
    first = attempt()
    assert guard.judge(first)[0].outcome is Outcome.WARNING
    assert guard.judge(attempt())[0].outcome is Outcome.BLOCKED
    guard.settle(first, Decimal(1))
    assert [state.spent for state in guard.states()] == [Decimal(91)]
    assert guard.judge(attempt())[0].outcome is Outcome.WARNING


def test_what_was_settled_counts_until_history_knows_it() -> None:
    table = Table(budget())
    guard = table.guard()
    guard.judge(attempt())
    guard.settle(attempt(), Decimal(100))
    table.clock.now += dt.timedelta(seconds=30)
    table.newest = NOON - dt.timedelta(minutes=5)
    assert guard.judge(attempt())[0].outcome is Outcome.BLOCKED
    table.clock.now += dt.timedelta(seconds=30)
    table.newest = NOON + dt.timedelta(seconds=10)
    assert guard.judge(attempt())[0].outcome is Outcome.PASSED


@pytest.mark.parametrize("estimated", [True, False])
def test_32_threads_exceed_a_limit_by_what_is_in_flight_at_most(estimated: bool) -> None:
    threads, cost = 32, Decimal(1)
    table = Table(budget())
    guard = table.guard((lambda _: cost) if estimated else None)
    start = threading.Barrier(threads)
    spent: list[Decimal] = []

    def work(number: int) -> None:
        mine = attempt(user=str(number))
        start.wait()
        while guard.judge(mine)[0].outcome is not Outcome.BLOCKED:
            spent.append(cost)
            guard.settle(mine, cost)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))
    assert 100 <= sum(spent) <= (100 if estimated else 100 + threads)
