"""Estimates of statements by a warehouse that explains them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from databricks.sql.exc import ServerOperationError

from lakestead.costs import DatabricksUnityCatalogPricingCalculator
from lakestead.testing import Workspace
from tests.functional.costs.ledger import Books

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)


@pytest.fixture
def table(books: Books) -> str:
    books.warehouse.execute(f"CREATE SCHEMA {books.catalog}.raw").close()
    name = f"{books.catalog}.raw.numbers"
    books.warehouse.execute(f"CREATE TABLE {name} AS SELECT id FROM range(100000)").close()
    return name


def test_without_a_history_it_is_a_rule_of_thumb_at_list_price(books: Books, table: str) -> None:
    books.keep({"billing.usage": [], "billing.list_prices": []})
    estimate = DatabricksUnityCatalogPricingCalculator().estimate_statement(
        books.warehouse, f"SELECT max(id) FROM {table}", region="eu-west-1", catalog=books.catalog
    )
    detail = books.warehouse.rows(f"DESCRIBE DETAIL {table}")[0]
    assert estimate.tables == (table,)
    assert estimate.size == detail["sizeInBytes"]
    assert (estimate.error, estimate.statements, estimate.listed) == (None, 0, True)
    assert estimate.price == Decimal("0.72")  # the embedded workspace's warehouse is PRO
    assert estimate.milliseconds >= 1000


def test_a_history_and_usage_make_it_the_warehouses_own(
    books: Books, table: str, workspace_session: Workspace
) -> None:
    its = workspace_session.warehouse_id
    when = NOW - dt.timedelta(days=1)
    books.keep(
        {
            "billing.usage": [
                {
                    "workspace_id": "1",
                    "sku_name": "OURS",
                    "cloud": "AWS",
                    "usage_unit": "DBU",
                    "usage_quantity": "4",
                    "usage_start_time": when,
                    "usage_end_time": when + dt.timedelta(hours=1),
                    "usage_date": when.date(),
                    "usage_metadata": {"warehouse_id": its},
                }
            ],
            "billing.list_prices": [
                {
                    "sku_name": "OURS",
                    "cloud": "AWS",
                    "usage_unit": "DBU",
                    "currency_code": "EUR",
                    "price_start_time": when - dt.timedelta(days=9),
                    "pricing": {"default": "2", "effective_list": {"default": "2"}},
                }
            ],
            "query.history": [
                {
                    "workspace_id": "1",
                    "statement_id": str(number),
                    "execution_status": "FINISHED",
                    "compute": {"type": "WAREHOUSE", "warehouse_id": its},
                    "read_bytes": number * 1_000_000,
                    "total_task_duration_ms": 1000 * number,
                    "execution_duration_ms": 500 * number,
                    "start_time": when + dt.timedelta(seconds=number),
                    "end_time": when + dt.timedelta(seconds=number + 1),
                }
                for number in range(1, 41)
            ],
        }
    )
    estimate = DatabricksUnityCatalogPricingCalculator().estimate_statement(
        books.warehouse, f"SELECT max(id) FROM {table}", catalog=books.catalog
    )
    assert estimate.statements == 40
    assert estimate.error == pytest.approx(0, abs=1e-6)
    # A millisecond of work for a kilobyte, half of it elapsed, on 4 DBUs an hour at 2 euros.
    assert estimate.milliseconds == pytest.approx(estimate.size / 2000, abs=1)
    assert (estimate.currency, estimate.price, estimate.listed) == ("EUR", 2, False)
    assert estimate.cost == pytest.approx(Decimal(estimate.milliseconds) * 8 / 3_600_000)


def test_what_cannot_be_explained_is_not_estimated(books: Books) -> None:
    with pytest.raises(ServerOperationError, match="cannot be found"):
        DatabricksUnityCatalogPricingCalculator().estimate_statement(
            books.warehouse, "SELECT * FROM nowhere.at.all", catalog=books.catalog
        )
