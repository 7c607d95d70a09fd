"""The SQL of widgets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lakestead.workspace.dashboards.dates import resolve
from lakestead.workspace.dashboards.definition import Dataset, Query
from lakestead.workspace.dashboards.queries import Chosen, Selected, options_of, rows_of

ORDERS = Dataset(name="orders", query_lines=("SELECT * FROM t -- all\n", ";"))


def query(*expressions: str, **more: object) -> Query:
    fields = [{"name": f"f{place}", "expression": one} for place, one in enumerate(expressions)]
    return Query.model_validate({"datasetName": "orders", "fields": fields, **more})


@pytest.mark.parametrize(
    ("expressions", "columns", "keys"),
    [
        (["`a`", "SUM(`b`)"], "`a` AS `f0`, SUM(`b`) AS `f1`", " GROUP BY 1"),
        (["COUNT(`*`)"], "COUNT(*) AS `f0`", ""),
        (["MAX(`b`)", 'DATE_TRUNC("MONTH", `c`)', "12"], None, " GROUP BY 2"),
        (["BIN_FLOOR(`a b`, 2.5)"], "FLOOR(`a b` / 2.5) * 2.5 AS `f0`", " GROUP BY 1"),
        (["`a`", "COUNT_IF(`associative_filter_predicate_group`)"], "`a` AS `f0`", " GROUP BY 1"),
    ],
)
def test_rows_are_grouped_by_what_is_no_aggregate(
    expressions: list[str], columns: str | None, keys: str
) -> None:
    text = rows_of(ORDERS, query(*expressions), Selected(), 10).text
    assert text.endswith(f"FROM (\nSELECT * FROM t -- all\n) AS `dataset`{keys} LIMIT 10")
    assert columns is None or text.startswith(f"SELECT {columns} FROM")


def test_rows_as_they_are_in_their_order_under_their_conditions() -> None:
    asked = query(
        "`a`",
        disaggregated=True,
        orders=[{"direction": "DESC", "expression": "`a`"}],
        filters=[{"expression": "`a` > 1 OR `a` < 0"}],
    )
    text = rows_of(ORDERS, asked, Selected(), 5).text
    assert text.endswith(" WHERE (`a` > 1 OR `a` < 0) ORDER BY `a` DESC LIMIT 5")


def test_what_filters_select_is_bound_and_never_written_into_the_text() -> None:
    evil = "x') OR 1=1 --"
    selected = Selected(
        fields=(
            ("`region`", Chosen(values=(evil, None))),
            ("`day`", Chosen(since="2024-01-01", until=None)),
            ("`kind`", Chosen(values=())),
        )
    )
    asked = rows_of(ORDERS, query("`a`"), selected, 1)
    assert evil not in asked.text
    assert (
        " WHERE (`region` IS NULL OR CAST(`region` AS STRING) IN (:filter_0_0))"
        " AND CAST(`day` AS DATE) >= CAST(:filter_1_since AS DATE) AND (FALSE) GROUP BY 1"
    ) in asked.text
    assert {one.name: one.value for one in asked.parameters} == {
        "filter_0_0": evil,
        "filter_1_since": "2024-01-01",
    }


def test_parameters_are_what_is_chosen_or_what_they_are_by_themselves() -> None:
    dataset = Dataset.model_validate(
        {
            "name": "p",
            "query": "SELECT :days.min, :days.max, :one, :one_more FROM t WHERE array_contains(:many, a)",
            "parameters": [
                {
                    "keyword": "days",
                    "dataType": "DATE",
                    "complexType": "RANGE",
                    "defaultSelection": {
                        "range": {"min": {"value": "2024-01-01"}, "max": {"value": "2024-01-31"}}
                    },
                },
                {"keyword": "one", "dataType": "INTEGER"},
                {
                    "keyword": "many",
                    "complexType": "MULTI",
                    "defaultSelection": {"values": {"values": [{"value": "a"}, {"value": True}]}},
                },
                {"keyword": "unused"},
            ],
        }
    )
    selected = Selected(parameters=(("days", Chosen(since="2024-01-15")), ("one", Chosen(values=("7",)))))
    asked = rows_of(dataset, query("`a`", disaggregated=True), selected, 1)
    assert "SELECT :days_min, :days_max, :one, :one_more FROM t WHERE array_contains(:many, a)" in asked.text
    bound = {one.name: one for one in asked.parameters}
    assert set(bound) == {"days_min", "days_max", "one", "many"}
    assert (bound["days_min"].value, bound["days_max"].value) == ("2024-01-15", "2024-01-31")
    assert (bound["one"].value, bound["one"].type) == ("7", "BIGINT")
    assert [one.value for one in bound["many"].arguments] == ["a", "true"]
    assert options_of(dataset, "`a`", 3).text.startswith(
        "SELECT DISTINCT CAST(`a` AS STRING) AS `value` FROM"
    )


def test_days_by_how_far_they_are() -> None:
    today = datetime.now(UTC).date()
    first = today.replace(day=1)
    last = first - timedelta(days=1)
    assert resolve("now-7d", "DATE") in {str(today - timedelta(days=7)), str(today - timedelta(days=6))}
    assert resolve("now/M", "DATE") == str(first)
    assert resolve("now-1M/M", "DATE") == str(last.replace(day=1))
    assert resolve("now-1M/M", "DATE", last=True) == str(last)
    assert resolve("now-2y/y", "TIMESTAMP") == f"{today.year - 2}-01-01 00:00:00"
    assert resolve("now-1y/y", "TIMESTAMP", last=True) == f"{today.year - 1}-12-31 23:59:59"
    assert resolve("now/w", "DATE") == str(today - timedelta(days=today.weekday()))
    # What is no day stays what it is.
    assert resolve("now/M", "STRING") == "now/M"
    assert resolve("2024-02-30", "DATE") == "2024-02-30"
    assert resolve(None, "DATE") is None
