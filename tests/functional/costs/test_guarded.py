"""A program's statements that a budget keeps from being sent."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from lakestead.client import Warehouse
from lakestead.core.attribution import attribution
from lakestead.core.errors import PolicyError
from lakestead.costs.budgets import budget_guard
from lakestead.telemetry import install_guard, uninstrument
from lakestead.testing import Workspace

from .planted import System


@pytest.fixture
def guarded(warehouse: Warehouse, catalog: str, tmp_path: Path) -> Iterator[list[tuple[str, Decimal]]]:
    """An instrumented program whose team `platform` has spent its budget; what metrics are told."""
    system = System()
    today = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    system.add_usage(today, today + dt.timedelta(hours=1), Decimal(100), tags={"team": "platform"})
    system.write(warehouse, catalog)
    path = tmp_path / "governance.yaml"
    path.write_text(
        "budgets:\n"
        "  - {name: of platform, team: platform, period: day, amount: 50, contact: dana@example.com}\n"
        "  - {name: of others, team: others, period: day, amount: 50}\n",
        encoding="utf-8",
    )
    told: list[tuple[str, Decimal]] = []
    guard = budget_guard([warehouse], path, catalog, tell=lambda name, spent, _: told.append((name, spent)))
    install_guard(guard)
    yield told
    uninstrument()


def test_a_statement_is_not_sent(
    workspace_session: Workspace, warehouse: Warehouse, guarded: list[tuple[str, Decimal]]
) -> None:
    mark = f"mark_{uuid.uuid4().hex}"
    with workspace_session.connect() as connection, connection.cursor() as cursor:
        with attribution(team="others"):
            cursor.execute(f"SELECT 1 AS {mark}_sent")
        with attribution(team="platform"), pytest.raises(PolicyError) as refused:
            cursor.execute(f"SELECT 1 AS {mark}_refused")
    assert "of platform: 70.00 of 50.00 USD are spent (140.0%)" in str(refused.value)
    assert "dana@example.com" in str(refused.value)
    assert guarded == [("of platform", 70), ("of others", 0)]
    history = [
        query.query_text or "" for query in warehouse.client.query_history.list(max_results=50).res or ()
    ]
    assert any(f"{mark}_sent" in text for text in history)
    assert not any(f"{mark}_refused" in text for text in history)
