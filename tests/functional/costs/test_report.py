"""Reports from the system tables, against money that was counted by hand."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal, localcontext
from typing import Any

import pytest

from lakestead.core.errors import ConfigError
from lakestead.costs import By, Period, Report, read_report, read_untagged
from lakestead.costs.declared import Attribution, Prices
from lakestead.costs.lines import total
from tests.functional.costs.ledger import Books

DAY = dt.date(2026, 3, 2)
PERIOD = Period(DAY, DAY + dt.timedelta(days=1))


def at(hour: int, minute: float = 0, day: dt.date = DAY) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC) + dt.timedelta(hours=hour, minutes=minute)


def usage(quantity: str, hour: int = 10, warehouse: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "account_id": "account",
        "workspace_id": "1",
        "sku_name": "SQL",
        "cloud": "AWS",
        "usage_unit": "DBU",
        "record_type": "ORIGINAL",
        "billing_origin_product": "SQL" if warehouse else "JOBS",
        "usage_start_time": at(hour),
        "usage_end_time": at(hour + 1),
        "usage_date": DAY,
        "usage_metadata": {"warehouse_id": warehouse} if warehouse else {"job_id": "job"},
        "custom_tags": {},
        "usage_quantity": quantity,
        **more,
    }


def price(amount: str, since: dt.datetime, sku: str = "SQL", **more: Any) -> dict[str, Any]:
    return {
        "sku_name": sku,
        "cloud": "AWS",
        "usage_unit": "DBU",
        "currency_code": "USD",
        "price_start_time": since,
        "pricing": {"default": amount, "effective_list": {"default": amount}},
        **more,
    }


def statement(name: str, start: float, end: float, work: int, **more: Any) -> dict[str, Any]:
    return {
        "workspace_id": "1",
        "statement_id": name,
        "executed_by": f"{name}@example.com",
        "statement_text": f"SELECT '{name}'",
        "compute": {"type": "WAREHOUSE", "warehouse_id": "w"},
        "total_task_duration_ms": work,
        "start_time": at(10, start),
        "end_time": at(10, end),
        "query_tags": {},
        **more,
    }


def event(kind: str, minute: float, clusters: int) -> dict[str, Any]:
    return {
        "workspace_id": "1",
        "warehouse_id": "w",
        "event_type": kind,
        "cluster_count": clusters,
        "event_time": at(10, minute),
    }


def costs(report: Report) -> dict[str | None, Decimal]:
    assert total(share.cost for share in report.shares) == report.cost
    return {share.name: share.cost.normalize() for share in report.shares}


# The warehouse runs from 10:00 to 10:40, and works from 10:00 to 10:30: a quarter of 8 DBUs at 0.50 is idle.
WAREHOUSE = {
    "billing.usage": [usage("8", warehouse="w", custom_tags={"team": "bi"}), usage("3", sku_name="JOBS")],
    "billing.list_prices": [price("0.50", at(0, day=dt.date(2020, 1, 1))), price("0.10", at(0), sku="JOBS")],
    "query.history": [
        statement("one", 0, 15, 1000, query_tags={"team": "loading"}),
        statement("two", 10, 30, 3000),
        statement("cached", 35, 36, 0),
    ],
    "compute.warehouse_events": [event("RUNNING", 0, 1), event("STOPPED", 40, 0)],
}


def test_statements_pay_for_their_work_and_the_warehouse_for_its_idle_time(books: Books) -> None:
    books.keep(WAREHOUSE)
    by_team = read_report([books.warehouse], PERIOD, By.TEAM, catalog=books.catalog)
    assert costs(by_team) == {"bi": Decimal("3.25"), "loading": Decimal("0.75"), None: Decimal("0.3")}
    assert by_team.idle == 1
    assert by_team.coverage == Decimal(4) / Decimal("4.3")
    by_statement = read_report([books.warehouse], PERIOD, By.STATEMENT, catalog=books.catalog)
    assert costs(by_statement) == {"two": Decimal("2.25"), "one": Decimal("0.75"), None: Decimal("1.3")}
    assert by_statement.shares[0].label == "two@example.com: SELECT 'two'"
    by_warehouse = read_report([books.warehouse], PERIOD, By.WAREHOUSE, catalog=books.catalog)
    assert {share.name: (share.cost, share.idle) for share in by_warehouse.shares} == {
        "w": (4, 1),
        None: (Decimal("0.3"), 0),
    }


def test_statements_that_are_not_shown_are_one_share(books: Books) -> None:
    books.keep(WAREHOUSE)
    report = read_report([books.warehouse], PERIOD, By.STATEMENT, catalog=books.catalog, statements=1)
    assert costs(report) == {
        "two": Decimal("2.25"),
        "other statements": Decimal("0.75"),
        None: Decimal("1.3"),
    }


def test_what_is_not_billed_yet_does_not_count(books: Books) -> None:
    # Billed up to 10:20: of the statement that runs on, a third; what comes later is of a later record.
    books.keep(
        {
            "billing.usage": [usage("2", warehouse="w", usage_end_time=at(10, 20))],
            "billing.list_prices": [price("1", at(0))],
            "query.history": [statement("on", 10, 40, 3000), statement("later", 30, 40, 9000)],
            "compute.warehouse_events": [event("STARTING", 0, 0), event("RUNNING", 0, 1)],
        }
    )
    report = read_report([books.warehouse], PERIOD, By.STATEMENT, catalog=books.catalog)
    assert costs(report) == {"on": 1, None: 1}


def test_without_events_a_warehouse_ran_as_long_as_it_was_billed(books: Books) -> None:
    books.keep({**WAREHOUSE, "compute.warehouse_events": []})
    report = read_report([books.warehouse], PERIOD, By.WAREHOUSE, catalog=books.catalog)
    assert report.idle == 2  # half of the hour


def test_without_history_nothing_is_said_of_idle_time(books: Books) -> None:
    books.keep({table: WAREHOUSE[table] for table in ("billing.usage", "billing.list_prices")})
    report = read_report([books.warehouse], PERIOD, By.TEAM, catalog=books.catalog)
    assert report.idle is None
    assert costs(report) == {"bi": 4, None: Decimal("0.3")}


def test_a_statement_in_two_hours_is_billed_in_both(books: Books) -> None:
    books.keep(
        {
            "billing.usage": [usage("6", 10, "w"), usage("2", 11, "w")],
            "billing.list_prices": [price("1", at(0))],
            "query.history": [statement("long", 30, 90, 6000), statement("short", 60, 90, 3000)],
        }
    )
    report = read_report([books.warehouse], PERIOD, By.STATEMENT, catalog=books.catalog)
    # 10 to 11: alone in half of the hour. 11 to 12: half of the hour, in equal parts.
    assert costs(report) == {"long": Decimal("3.5"), "short": Decimal("0.5"), None: 4}


def test_the_price_is_that_of_the_records_end(books: Books) -> None:
    change = at(11)
    books.keep(
        {
            "billing.usage": [usage("1", 9), usage("1", 10), usage("1", 11), usage("1", 23)],
            "billing.list_prices": [
                price("1", at(0), price_end_time=change),
                price("10", change, price_end_time=at(24)),
            ],
        }
    )
    report = read_report([books.warehouse], PERIOD, By.SKU, catalog=books.catalog)
    assert costs(report) == {"SQL": 21}
    assert [(one.sku, one.quantity, one.reason) for one in report.unpriced] == [("SQL", 1, "no price")]


def test_prices_that_overlap_do_not_count_twice(books: Books) -> None:
    twice = price("2", at(0))
    books.keep({"billing.usage": [usage("1")], "billing.list_prices": [twice, twice, price("3", at(5))]})
    assert read_report([books.warehouse], PERIOD, By.SKU, catalog=books.catalog).cost == 3


def test_corrections_are_summed(books: Books) -> None:
    books.keep(
        {
            "billing.usage": [
                usage("5.5"),
                usage("-5.5", record_type="RETRACTION"),
                usage("5.25", record_type="RESTATEMENT"),
            ],
            "billing.list_prices": [price("2", at(0))],
        }
    )
    assert read_report([books.warehouse], PERIOD, By.DAY, catalog=books.catalog).cost == Decimal("10.5")


def test_the_accounts_own_prices_and_the_clouds_bill(books: Books) -> None:
    own = price("0.40", at(0), account_id="account")
    own["pricing"] = {"default": "0.40"}
    books.keep(
        {
            **WAREHOUSE,
            "billing.account_prices": [own],
            "billing.cloud_infra_cost": [
                {
                    "account_id": "account",
                    "workspace_id": "1",
                    "cloud": "AWS",
                    "cost": "0.80",
                    "currency_code": "USD",
                    "usage_start_time": at(10),
                    "usage_end_time": at(11),
                    "usage_date": DAY,
                    "usage_metadata": {"warehouse_id": "w"},
                }
            ],
        }
    )
    report = read_report([books.warehouse], PERIOD, By.WAREHOUSE, catalog=books.catalog)
    assert costs(report) == {"w": Decimal("4"), None: Decimal("0.3")}
    assert report.list_cost == Decimal("5.1")
    assert report.idle == 1


def test_currencies_need_rates(books: Books) -> None:
    books.keep(
        {
            "billing.usage": [usage("1"), usage("1", sku_name="EU"), usage("1", sku_name="JP")],
            "billing.list_prices": [
                price("1", at(0)),
                price("1", at(0), sku="EU", currency_code="EUR"),
                price("1", at(0), sku="JP", currency_code="JPY"),
            ],
        }
    )
    with pytest.raises(ConfigError, match="EUR and JPY and USD"):
        read_report([books.warehouse], PERIOD, By.SKU, catalog=books.catalog)
    rates = [
        {"currency": "EUR", "rate": "9", "since": DAY + dt.timedelta(days=1)},
        {"currency": "EUR", "rate": "1.25", "since": DAY},
        {"currency": "EUR", "rate": "8"},
    ]
    prices = Prices.model_validate({"currency": "USD", "rates": rates})
    report = read_report([books.warehouse], PERIOD, By.SKU, catalog=books.catalog, prices=prices)
    assert costs(report) == {"EU": Decimal("1.25"), "SQL": 1, "JP": 0}
    assert [(one.sku, one.reason) for one in report.unpriced] == [("JP", "no exchange rate for JPY")]


def test_declared_prices_fill_gaps_only(books: Books) -> None:
    books.keep(
        {
            "billing.usage": [usage("1"), usage("1", sku_name="NEW")],
            "billing.list_prices": [price("1", at(0))],
        }
    )
    entries = [
        {"sku": "NEW", "price": "7", "until": DAY},
        {"sku": "NEW", "price": "5.5", "since": DAY},
        {"sku": "SQL", "price": "99"},
    ]
    prices = Prices.model_validate({"list": entries})
    report = read_report([books.warehouse], PERIOD, By.SKU, catalog=books.catalog, prices=prices)
    assert costs(report) == {"NEW": Decimal("5.5"), "SQL": 1}


def test_tags_and_fallbacks_say_whose_it_is(books: Books) -> None:
    books.keep(
        {
            "billing.usage": [
                usage("1", custom_tags={"Team": "old", "squad": "new"}),
                usage("2", custom_tags={"Team": "old"}),
                usage("4", custom_tags={"team": "not a declared tag"}),
                usage("8", 10, "w"),
            ],
            "billing.list_prices": [price("1", at(0))],
            "query.history": [statement("etl", 0, 30, 1), statement("bi", 0, 30, 1)],
        }
    )
    attribution = Attribution.model_validate(
        {
            "team": ["squad", "Team"],
            "fallbacks": [
                {"user": "etl@example.com", "team": "loading"},
                {"warehouse": "w", "product": "SQL", "team": "platform"},
            ],
        }
    )
    report = read_report([books.warehouse], PERIOD, By.TEAM, catalog=books.catalog, attribution=attribution)
    assert costs(report) == {"new": 1, "old": 2, None: 4, "loading": 2, "platform": 6}
    untagged = read_untagged(
        [books.warehouse], PERIOD, By.TEAM, catalog=books.catalog, attribution=attribution
    )
    assert costs(untagged) == {"tagged": 11, "JOBS job": 4}


def test_two_ways_into_one_account_count_once(books: Books) -> None:
    books.keep(WAREHOUSE)
    report = read_report([books.warehouse, books.warehouse], PERIOD, By.WORKSPACE, catalog=books.catalog)
    assert costs(report) == {"1": Decimal("4.3")}


@pytest.mark.parametrize("seed", range(3))
def test_parts_sum_up_exactly_and_agree_with_counting_seconds(books: Books, seed: int) -> None:
    chance = random.Random(seed)
    teams = ["a", "b", None]
    records = [
        usage(
            f"{chance.randrange(-(10**17), 10**19)}e-18",
            chance.randrange(10, 13),
            chance.choice(["w", "w", None]),
            sku_name=chance.choice(["SQL", "JOBS", "none"]),
            custom_tags={"team": team} if (team := chance.choice(teams)) else {},
        )
        for _ in range(60)
    ]
    for record in records:
        record["usage_quantity"] = format(Decimal(record["usage_quantity"]), "f")
    amounts = {"SQL": Decimal("0.123456789"), "JOBS": Decimal("3.7")}
    statements = []
    for number in range(40):
        start = chance.randrange(0, 170)
        end = start + chance.choice([0, 1, 5, 70])
        statements.append(statement(f"s{number}", start, end, chance.randrange(0, 5000)))
    books.keep(
        {
            "billing.usage": records,
            "billing.list_prices": [price(str(amount), at(0), sku) for sku, amount in amounts.items()],
            "query.history": statements,
        }
    )
    with localcontext(prec=80):
        expected = total(Decimal(one["usage_quantity"]) * amounts.get(one["sku_name"], 0) for one in records)
    for by in By:
        report = read_report([books.warehouse], PERIOD, by, catalog=books.catalog)
        costs(report)
        assert report.cost == expected
    assert {
        name: float(cost)
        for name, cost in costs(
            read_report([books.warehouse], PERIOD, By.STATEMENT, catalog=books.catalog)
        ).items()
        if name
    } == pytest.approx(
        by_minutes(records, statements, amounts), rel=1e-8
    )  # no time at all counts as a microsecond


def by_minutes(
    records: list[dict[str, Any]], statements: list[dict[str, Any]], amounts: Mapping[str, Decimal]
) -> dict[str, float]:
    """Return what statements cost, counted minute by minute."""
    used: dict[int, float] = defaultdict(float)
    for record in records:
        if "warehouse_id" in record["usage_metadata"]:
            amount = Decimal(record["usage_quantity"]) * amounts.get(record["sku_name"], 0)
            used[record["usage_start_time"].hour] += float(amount)
    found: dict[str, float] = defaultdict(float)
    for hour, cost in used.items():
        work: dict[str, float] = defaultdict(float)
        busy: set[int] = set()
        for one in statements:
            start, end = ((one[name] - at(hour)).total_seconds() / 60 for name in ("start_time", "end_time"))
            minutes = set(range(max(0, int(start)), min(60, int(end))))
            if one["total_task_duration_ms"] and (minutes or 0 <= start == end < 60):
                busy |= minutes
                share = len(minutes) / (end - start) if end > start else 1
                work[one["statement_id"]] += one["total_task_duration_ms"] * share
        for name, part in work.items():
            found[name] += cost * len(busy) / 60 * part / sum(work.values())
    return found
