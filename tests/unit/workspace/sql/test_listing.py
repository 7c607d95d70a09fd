"""Patterns of SHOW … LIKE."""

from __future__ import annotations

import pytest

from lakestead.workspace.sql.commands.listing import matching

NAMES = ["customers", "customer_orders", "orders", "Über"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (None, NAMES),
        ("*", NAMES),
        ("%", NAMES),
        ("CUSTOMERS", ["customers"]),
        ("customer", []),
        ("customer*", ["customers", "customer_orders"]),
        ("*orders", ["customer_orders", "orders"]),
        ("orders|über", ["orders", "Über"]),
        ("  orders  ", ["orders"]),
        ("customer.orders", ["customer_orders"]),
        ("(", []),
        ("(|orders", ["orders"]),
        (r"\p{Nope}|orders", ["orders"]),
        ("", []),
    ],
)
def test_a_pattern_finds(pattern: str | None, found: list[str]) -> None:
    assert matching(NAMES, pattern) == found


def test_nothing_to_find_in() -> None:
    assert matching([], "*") == []


def test_a_pattern_is_linear_in_the_name() -> None:
    assert matching(["a" * 255], "(a+)+(a+)+(a+)+b") == []
