"""`lakestead costs budgets`, `forecast`, `anomalies` and `recommend`, against planted system tables."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from lakestead.client import Warehouse
from lakestead.testing import Workspace
from tests.functional.command import lakestead
from tests.functional.costs.planted import System

DAY = dt.timedelta(days=1)
TODAY = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
SPIKE = TODAY - 20 * DAY


@pytest.fixture(scope="module")
def catalog(workspace_session: Workspace) -> Iterator[str]:
    """Eight weeks of a warehouse that runs for ten hours each day, busy for one of them, and one long day."""
    system = System()
    system.add_warehouse("w1", auto_stop_minutes=60)
    for n in range(56, 0, -1):
        start = TODAY - n * DAY
        hours = 20 if start == SPIKE else 10 - n % 2
        system.run_warehouse("w1", start, start + dt.timedelta(hours=hours), {"team": "a"})
        system.run_statement("w1", start, 3600)
    # What was used today, so that yesterday is known to be complete.
    system.add_usage(TODAY, TODAY + DAY / 24, Decimal(0))
    name = f"system_{uuid.uuid4().hex[:12]}"
    with closing(Warehouse(workspace_session.profile)) as warehouse:
        warehouse.client.catalogs.create(name)
        system.write(warehouse, name)
        yield name
        warehouse.client.catalogs.delete(name, force=True)


@pytest.fixture
def costs(workspace_session: Workspace, catalog: str, tmp_path: Path) -> Callable[..., str]:
    """Runs `lakestead costs …` and returns what it wrote."""

    def run(*arguments: str, code: int = 0) -> str:
        environment = {**workspace_session.env(), "COLUMNS": "160"}
        done = lakestead("costs", *arguments, "--catalog", catalog, folder=tmp_path, environment=environment)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout or done.stderr

    return run


def test_budgets(costs: Callable[..., str], tmp_path: Path) -> None:
    assert "declares no budgets" in costs("budgets", code=2)
    file = tmp_path / "governance.yaml"
    quarter = "period: quarter, amount: 100000"
    file.write_text(f"budgets:\n  - {{name: all, warehouse: w1, {quarter}}}\n", encoding="utf-8")
    assert "100,000.00 USD" in costs("budgets")
    file.write_text(
        f"budgets:\n  - {{name: all, warehouse: w1, {quarter}}}\n"
        "  - {name: tight, team: a, period: quarter, amount: 1}\n",
        encoding="utf-8",
    )
    tight, all_ = json.loads(costs("budgets", "--json", code=1))["budgets"]
    assert (tight["name"], tight["over"], tight["threshold"]["action"]) == ("tight", True, "block")
    assert (all_["over"], all_["threshold"]) == (False, None)
    assert tight["spent"] == all_["spent"]


def test_forecast(costs: Callable[..., str]) -> None:
    shown = costs("forecast", "--end", "quarter")
    assert "with a chance of 80%" in shown
    assert "Forecasts of the last" in shown
    found = json.loads(costs("forecast", "--end", "quarter", "--team", "a", "--json"))
    assert found["days"][0]["day"] == str(TODAY.date())
    assert Decimal(found["low"]) < Decimal(found["expected"]) < Decimal(found["high"])
    assert found["backtest"]["days"] > 0


def test_too_little_history(costs: Callable[..., str]) -> None:
    since = str((TODAY - 5 * DAY).date())
    assert "a forecast needs those of 28" in costs("forecast", "--since", since, code=1)
    assert "takes those of 28" in costs("anomalies", "--since", since, code=1)


def test_anomalies(costs: Callable[..., str]) -> None:
    (found,) = json.loads(costs("anomalies", "--json"))["anomalies"]
    assert found["day"] == str(SPIKE.date())
    shown = costs("anomalies")
    assert str(SPIKE.date()) in shown
    assert "warehouse w1 +" in shown


def test_recommend(costs: Callable[..., str]) -> None:
    since = str((TODAY - 28 * DAY).date())
    shown = costs("recommend", "--since", since)
    assert "let the warehouse 'w1' stop after 5 idle minutes" in shown
    found = json.loads(costs("recommend", "--since", since, "--json"))
    kinds = {one["kind"]: Decimal(one["savings"]) for one in found["recommendations"]}
    assert set(kinds) == {"idle", "oversized"}
    assert sum(kinds.values()) == Decimal(found["savings"]) < Decimal(found["warehouses_cost"])
    assert found["not_looked_at"] == ["unused tables: ask for 30 days at least"]
