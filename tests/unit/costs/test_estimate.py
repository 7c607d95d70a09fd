"""Estimates: the rule of thumb, what plans name, what a history teaches."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from lakestead.core.errors import ConfigError
from lakestead.costs import get_pricing_calculator
from lakestead.costs.calibration import LEAST, Run, calibrate
from lakestead.costs.estimate import plan_tables


def test_the_rule_of_thumb() -> None:
    calculator = get_pricing_calculator()
    # 1 s + 5 × 250 GB × 4 s ÷ 16 workers, at 40 DBUs an hour and 0.70 a DBU.
    estimated = calculator.estimate_query_cost(
        query_complexity="complex", data_scanned_gb=250.0, warehouse_size="Large", region="us-west-2"
    )
    assert f"{estimated:.4f}" == f"{Decimal('313.5') * 40 / 3600 * Decimal('0.70'):.4f}"
    assert calculator.estimate_query_cost("simple", 1, "Small", "eu-west-1") == 12 * Decimal(
        "0.91"
    ) * 2 / Decimal(3600)


def test_a_bigger_query_costs_more_and_nothing_is_guessed() -> None:
    calculator = get_pricing_calculator()
    costs = [calculator.estimate_query_cost(kind, 100) for kind in ("simple", "medium", "complex")]
    assert costs == sorted(costs)
    with pytest.raises(ConfigError, match="no price of PREMIUM_SERVERLESS_SQL_COMPUTE_MOON"):
        calculator.estimate_query_cost("simple", 1, region="moon")
    with pytest.raises(ConfigError, match="unknown complexity 'hard'"):
        calculator.estimate_query_cost("hard", 1)


def test_plans_name_their_tables() -> None:
    assert plan_tables(
        "+- Relation main.raw.orders[id#1L,at#2] parquet, Statistics(sizeInBytes=8.0 EiB)\n"
        "TableScan: main.raw.orders projection=[id]\n   TableScan: main.`my raw`.items projection=[id]"
    ) == ("main.raw.orders", "main.my raw.items")


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_a_history_teaches_its_rule_and_its_error(noise: float) -> None:
    chance = random.Random(7)
    runs = []
    for _ in range(500):
        size = 10 ** chance.uniform(3, 10)
        work = (200 + 2e-6 * size) * (1 + chance.uniform(-noise, noise))
        runs.append(Run(size, work, work / 4))
    learnt = calibrate(runs)
    assert learnt is not None
    assert learnt.fixed == pytest.approx(200, rel=0.1)
    assert learnt.per_byte == pytest.approx(2e-6, rel=0.1)
    assert learnt.elapsed == pytest.approx(0.25)
    assert learnt.error == pytest.approx(noise / 2, abs=0.05)


def test_what_is_learnt_is_never_negative() -> None:
    falling = [Run(size, 1000 / size, 1) for size in range(1, 50)]
    learnt = calibrate(falling)
    assert learnt is not None
    assert learnt.per_byte == 0
    assert learnt.fixed > 0


def test_a_short_history_teaches_nothing() -> None:
    assert calibrate([Run(1, 1, 1)] * (LEAST - 1)) is None
