"""What breaks when something is dropped, asked of a workspace."""

from __future__ import annotations

import datetime as dt

import pytest

from lakestead.client import Warehouse
from lakestead.core.errors import ConfigError, SourceError
from lakestead.govern import DatabricksGovernanceMonitor, LineageSettings
from lakestead.govern.lineage.impact import Impact, Kind

from .planted import NOON, Planted

OWNER = "admin@lakestead.local"


@pytest.fixture
def orders(planted: Planted) -> str:
    """A table that others need."""
    planted.history()
    name = f"{planted.catalog}.s.orders"
    for statement in (
        f"CREATE TABLE {name} (id INT NOT NULL, amount INT, twice INT GENERATED ALWAYS AS (amount * 2),"
        " note STRING, CONSTRAINT orders_pk PRIMARY KEY (id), CONSTRAINT paid CHECK (amount > 0))",
        f"CREATE TABLE {planted.catalog}.s.lines (order_id INT,"
        f" CONSTRAINT lines_fk FOREIGN KEY (order_id) REFERENCES {name})",
        f"CREATE VIEW {planted.catalog}.s.amounts AS SELECT id, amount AS a FROM {name}",
        f"CREATE VIEW {planted.catalog}.s.notes AS SELECT note FROM {name}",
        f"CREATE VIEW {planted.catalog}.s.above AS SELECT id FROM {planted.catalog}.s.amounts",
        f"CREATE TABLE {planted.catalog}.s.daily (total INT)",
        f"CREATE TABLE {planted.catalog}.s.monthly (total INT)",
        f"CREATE FUNCTION {planted.catalog}.s.most() RETURNS INT RETURN (SELECT max(amount) FROM {name})",
    ):
        planted.warehouse.execute(statement).close()
    return name


def impact(planted: Planted, name: str) -> Impact:
    settings = LineageSettings(system=planted.catalog)
    monitor = DatabricksGovernanceMonitor("one", warehouse=planted.warehouse, settings=settings)
    return monitor.impact(name)


def found(planted: Planted, impact: Impact) -> set[tuple[Kind, str]]:
    prefix = f"{planted.catalog}.s."
    return {(one.kind, one.name.removeprefix(prefix)) for one in impact.broken}


def test_a_column(planted: Planted, orders: str) -> None:
    daily, monthly = f"{planted.catalog}.s.daily", f"{planted.catalog}.s.monthly"
    planted.add(
        (f"{orders}.amount", f"{daily}.total"),
        (f"{daily}.total", f"{monthly}.total"),
        (f"{orders}.note", f"{monthly}.text"),
    )
    done = impact(planted, f"{orders}.amount")
    assert found(planted, done) == {
        (Kind.VIEW, "amounts"),
        (Kind.VIEW, "above"),
        (Kind.FUNCTION, "most"),
        (Kind.COLUMN, "daily.total"),
        (Kind.COLUMN, "monthly.total"),
        (Kind.GENERATED, "orders.twice"),
        (Kind.CONSTRAINT, "paid"),
    }
    assert all(one.certain for one in done.broken)
    assert set(done.owners) == {OWNER}
    assert [one.why for one in done.broken if one.name == monthly + ".total"] == [
        "is filled from it in 2 steps"
    ]


def test_a_key(planted: Planted, orders: str) -> None:
    assert found(planted, impact(planted, f"{orders}.ID")) >= {
        (Kind.CONSTRAINT, "orders_pk"),
        (Kind.CONSTRAINT, "lines_fk"),
        (Kind.VIEW, "amounts"),
    }


def test_a_column_that_only_a_view_reads(planted: Planted, orders: str) -> None:
    assert found(planted, impact(planted, f"{orders}.note")) == {(Kind.VIEW, "notes")}


def test_a_table(planted: Planted, orders: str) -> None:
    daily = f"{planted.catalog}.s.daily"
    planted.add((orders, daily), (f"{planted.catalog}.s.above", f"{planted.catalog}.s.gone"))
    planted.add((f"{planted.catalog}.s.above", f"{planted.catalog}.s.monthly"))
    assert found(planted, impact(planted, orders)) == {
        (Kind.VIEW, "amounts"),
        (Kind.VIEW, "notes"),
        (Kind.VIEW, "above"),
        (Kind.FUNCTION, "most"),
        (Kind.TABLE, "daily"),
        (Kind.TABLE, "monthly"),
        (Kind.CONSTRAINT, "lines_fk"),
    }


def test_queries_of_the_last_days(planted: Planted, orders: str) -> None:
    now = dt.datetime.now(dt.UTC)
    planted.ran(f"SELECT sum(amount) FROM {orders}", "ada@example.com", now - dt.timedelta(days=1))
    planted.ran(f"SELECT sum(amount) FROM {orders}", "bob@example.com", now - dt.timedelta(hours=1))
    planted.ran(f"SELECT note FROM {orders}", "eve@example.com", now)
    planted.ran("SELECT amount FROM orders", "eve@example.com", now)
    # Another table of the same name, and one whose lineage says that it is this one.
    planted.ran("SELECT sum(amount) FROM orders", "eve@example.com", now, read="main.other.orders")
    planted.ran("SELECT min(amount) FROM orders", "kim@example.com", now, read=orders)
    planted.ran(f"SELECT amount AS old FROM {orders}", "old@example.com", NOON - dt.timedelta(days=400))
    planted.ran(f"CREATE VIEW v AS SELECT amount FROM {orders}", "eve@example.com", now)
    done = impact(planted, f"{orders}.amount")
    queries = [(one.name, one.owner, one.certain) for one in done.broken if one.kind is Kind.QUERY]
    assert sorted(queries, key=lambda one: one[1]) == [
        (f"SELECT sum(amount) FROM {orders}", "bob@example.com", True),
        ("SELECT amount FROM orders", "eve@example.com", False),
        ("SELECT min(amount) FROM orders", "kim@example.com", False),
    ]
    assert done.owners["bob@example.com"] == [f"SELECT sum(amount) FROM {orders}"]


def test_what_may_not_be_looked_at_is_said(planted: Planted) -> None:
    planted.warehouse.execute(f"CREATE TABLE {planted.catalog}.s.alone (x INT)").close()
    done = impact(planted, f"{planted.catalog}.s.alone")
    assert done.broken == []
    assert [one.partition(":")[0] for one in done.unseen if "queries" in one] == ["queries"]
    assert done.to_json()["broken"] == []


@pytest.mark.parametrize("name", ["main", "main.default", "/Volumes/x"])
def test_only_tables_and_columns(planted: Planted, name: str) -> None:
    with pytest.raises(ConfigError, match="is no table"):
        impact(planted, name)


def test_what_is_not_there(warehouse: Warehouse, planted: Planted) -> None:
    with pytest.raises(SourceError, match="there is no table"):
        impact(planted, f"{planted.catalog}.s.nothing")
    warehouse.execute(f"CREATE TABLE {planted.catalog}.s.alone (x INT)").close()
    with pytest.raises(SourceError, match="no column 'y'; it has x"):
        impact(planted, f"{planted.catalog}.s.alone.y")
