"""Budgets against planted system tables: what is spent, exactly, and statements that are blocked for it."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from pathlib import Path

import pytest

from lakestead.client import Warehouse
from lakestead.core.attribution import Attribution
from lakestead.core.guards import Attempt, Outcome
from lakestead.costs.budgets import Books, Budget, Length, State, budget_guard
from lakestead.costs.budgets.billed import read_billed
from lakestead.costs.budgets.periods import span
from lakestead.costs.declared import Attribution as Tags
from lakestead.costs.declared import Fallback, Prices, Rate
from lakestead.costs.usage import ledgers

from .planted import SKU, System, at

NINE = at("2026-11-02T09:00")
HOUR = dt.timedelta(hours=1)
HOURLY = Decimal("8.4")  # a Small warehouse's 12 DBUs at 0.70 USD


def budget(name: str, **values: object) -> Budget:
    return Budget.model_validate({"name": name, "amount": 100, **values})


@pytest.fixture
def system() -> System:
    """A warehouse of the team `platform` that ran for two hours, one and a half of them billed and idle."""
    made = System()
    made.add_warehouse("w1", tags={"team": "platform", "cost_center": "42"})
    made.run_warehouse("w1", NINE, NINE + 2 * HOUR, {"team": "platform", "cost_center": "42"})
    return made


def states(
    warehouse: Warehouse, catalog: str, system: System, *budgets: Budget, **how: object
) -> list[State]:
    system.write(warehouse, catalog)
    return Books([warehouse], catalog, **how).states(budgets, NINE + 8 * HOUR)  # type: ignore[arg-type]


def test_a_record_is_divided_by_task_time(warehouse: Warehouse, catalog: str, system: System) -> None:
    system.run_statement("w1", NINE, 60, query_tags={"team": "a", "project": "p"})
    system.run_statement("w1", NINE, 10, total_task_duration_ms=180_000, query_tags={"team": "b"})
    found = states(
        warehouse,
        catalog,
        system,
        budget("a", team="a"),
        budget("p", project="p"),
        budget("b", team="b"),
        budget("platform", team="platform"),
        budget("center", cost_center="42"),
        budget("warehouse", warehouse="w1"),
        budget("workspace", workspace="1"),
        budget("both", team="a", warehouse="w2"),
    )
    spent = [state.spent for state in found]
    assert spent == [HOURLY / 4, HOURLY / 4, HOURLY * 3 / 4, HOURLY, *[2 * HOURLY] * 3, 0]
    assert all(state.unbilled == 0 and state.unpriced == 0 for state in found)


def test_a_statement_counts_in_each_hour_that_it_ran_in(
    warehouse: Warehouse, catalog: str, system: System
) -> None:
    system.run_statement("w1", NINE + HOUR / 2, 3600, query_tags={"team": "a"})
    system.run_statement("w1", NINE, 1800, query_tags={"team": "b"})
    found = states(warehouse, catalog, system, budget("a", team="a"), budget("b", team="b"))
    assert [state.spent for state in found] == [HOURLY * 3 / 2, HOURLY / 2]


def test_what_runs_since_the_newest_record_is_estimated(
    warehouse: Warehouse, catalog: str, system: System
) -> None:
    later = NINE + 3 * HOUR
    system.run_statement("w1", later, 1800, query_tags={"team": "a"})
    system.run_statement("w1", later, 3600, query_tags={"team": "b"})
    system.run_statement("w1", later + 2 * HOUR, 0, query_tags={"team": "b"})
    found = states(warehouse, catalog, system, budget("a", team="a"), budget("b", team="b"))
    assert [round(state.spent, 9) for state in found] == [HOURLY / 3, HOURLY * 2 / 3]
    assert all(state.unbilled == state.spent for state in found)


def test_a_warehouse_without_records_has_its_kind_s_price(warehouse: Warehouse, catalog: str) -> None:
    system = System()
    system.add_warehouse("new", warehouse_type="SERVERLESS")
    system.run_statement("new", NINE, 3600)
    (state,) = states(warehouse, catalog, system, budget("new", warehouse="new"))
    assert (round(state.spent, 9), state.unpriced) == (HOURLY, 0)
    # Another region's price: which of them will it be?
    system.add_price("PREMIUM_SERVERLESS_SQL_COMPUTE_EUROPE_IRELAND", Decimal("0.91"))
    (state,) = states(warehouse, catalog, system, budget("new", warehouse="new"))
    assert (state.spent, state.unpriced) == (0, 1)


def test_the_parts_sum_up_to_the_whole(warehouse: Warehouse, catalog: str, system: System) -> None:
    chance = random.Random(7)
    for _ in range(60):
        start = NINE + chance.random() * 2 * HOUR
        tags = chance.choice([{}, {"team": "a"}, {"team": "b", "project": "p"}])
        system.run_statement("w1", start, chance.randint(0, 3000), query_tags=tags)
    system.write(warehouse, catalog)
    when = span(Length.MONTH, NINE)
    (ledger,) = ledgers([warehouse], when.days, catalog)
    parts = read_billed(ledger, when, Tags())
    assert {part.team for part in parts} == {"a", "b", "platform"}
    assert round(sum(part.money for part in parts), 9) == 2 * HOURLY


def test_corrections_count_and_the_price_of_its_time_does(
    warehouse: Warehouse, catalog: str, system: System
) -> None:
    system.rows["billing.list_prices"].clear()
    system.add_price(SKU, Decimal("0.50"), end="2026-11-02T10:00")
    system.add_price(SKU, Decimal("0.80"), start="2026-11-02T10:00")
    system.add_usage(NINE, NINE + HOUR / 2, Decimal(-3), warehouse_id="w1")
    (state,) = states(warehouse, catalog, system, budget("w", warehouse="w1"))
    # The records end at 10:00 and 11:00, both in the time of the new price; the correction before it.
    assert state.spent == 24 * Decimal("0.80") - 3 * Decimal("0.50")


def test_what_has_no_price_or_no_rate_is_told(warehouse: Warehouse, catalog: str, system: System) -> None:
    system.add_usage(NINE, NINE + HOUR, Decimal(5), sku="UNHEARD_OF", tags={"team": "platform"})
    team = {"team": "platform", "currency": "EUR"}
    (state,) = states(warehouse, catalog, system, budget("eur", **team))
    assert (state.spent, state.foreign, state.unpriced) == (0, {"USD": 2 * HOURLY}, 1)
    rates = (Rate(currency="USD", rate=Decimal("0.5")),)
    prices = Prices(currency="EUR", rates=rates)
    (state,) = Books([warehouse], catalog, prices=prices).states([budget("eur", **team)], NINE + HOUR)
    assert (state.spent, state.foreign, state.unpriced) == (HOURLY, {}, 1)


def test_tags_by_other_names(warehouse: Warehouse, catalog: str, system: System) -> None:
    system.run_statement("w1", NINE, 60, query_tags={"Owner": "a"})
    tags = Tags(team=("Owner", "team"))
    found = states(warehouse, catalog, system, budget("a", team="a"), attribution=tags)
    assert [state.spent for state in found] == [HOURLY]


def test_fallbacks(warehouse: Warehouse, catalog: str, system: System) -> None:
    system.add_warehouse("w2")
    system.run_warehouse("w2", NINE, NINE + HOUR)
    system.run_statement("w1", NINE, 60, executed_by="etl@example.com")
    system.run_statement("w2", NINE + 3 * HOUR, 3600)
    tags = Tags(
        fallbacks=(
            Fallback(user="etl@example.com", team="loading", project="p"),
            Fallback(warehouse="w2", team="b"),
        )
    )
    wanted = [budget(name, team=name) for name in ("loading", "platform", "b")]
    found = states(warehouse, catalog, system, *wanted, budget("p", project="p"), attribution=tags)
    assert [state.spent for state in found] == [HOURLY, HOURLY, 2 * HOURLY, HOURLY]
    owners = Books([warehouse], catalog, attribution=tags).owners()
    assert owners == {"w1": {"team": "platform", "cost_center": "42"}, "w2": {"team": "b"}}


def test_only_the_period_counts(warehouse: Warehouse, catalog: str, system: System) -> None:
    earlier = at("2026-10-31T23:00")
    system.run_warehouse("w1", earlier, earlier + HOUR, {"team": "platform"})
    team = {"team": "platform"}
    found = states(
        warehouse,
        catalog,
        system,
        budget("month", **team),
        budget("quarter", period="quarter", **team),
        budget("day", period="day", **team),
    )
    assert [state.spent for state in found] == [2 * HOURLY, 3 * HOURLY, 2 * HOURLY]


def test_a_guard_from_governance_yaml(
    warehouse: Warehouse, catalog: str, system: System, tmp_path: Path
) -> None:
    now = dt.datetime.now(dt.UTC).replace(minute=0, second=0, microsecond=0)
    system.run_warehouse("w1", now - HOUR, now, {"team": "platform"})
    system.write(warehouse, catalog)
    path = tmp_path / "governance.yaml"
    path.write_text(
        f"budgets:\n  - {{name: b, workspace: '{warehouse.client.get_workspace_id()}', amount: 1000}}\n"
        "  - {name: platform, team: platform, period: quarter, amount: 1, contact: dana}\n",
        encoding="utf-8",
    )
    guard = budget_guard([warehouse], path, catalog)
    assert guard.states() == []
    attempt = Attempt("SELECT 1", warehouse.profile.url, "w1", None, Attribution())
    allowed, blocked = guard.judge(attempt)
    assert (allowed.rule, allowed.outcome) == ("b", Outcome.PASSED)
    assert (blocked.rule, blocked.outcome) == ("platform", Outcome.BLOCKED)
    assert "ask dana" in blocked.message
    assert [state.over for state in guard.states()] == [False, True]


def test_tables_that_cannot_be_read_let_statements_through(warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "governance.yaml"
    path.write_text("budgets: [{name: b, team: t, amount: 1}]\n", encoding="utf-8")
    guard = budget_guard([warehouse], path, "no_such_catalog")
    (verdict,) = guard.judge(Attempt("SELECT 1", "", None, None, Attribution(team="t")))
    assert verdict.outcome is Outcome.WARNING
    assert "no_such_catalog" in verdict.message
