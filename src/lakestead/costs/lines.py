"""Quantities with their prices, and their money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

from lakestead.core.errors import ConfigError
from lakestead.costs.declared import Prices

_DIGITS = 120  # products of three decimals of 38 digits, summed, are exact
_PLACES = "DECIMAL(38, 18)"


@dataclass(frozen=True, slots=True)
class Line:
    """A quantity of one SKU at one price.

    Args:
        name: whose it is.
        sku: what it is billed as.
        unit: what is counted.
        quantity: how much; negative for corrections.
        list_price: Databricks' list price of a unit; None if there is none.
        price: what a unit costs the account; None if no price is known.
        currency: of the prices.
        rate: what a unit of that currency is worth; None if that is not declared.
    """

    name: str | None
    sku: str
    unit: str
    quantity: Decimal
    list_price: Decimal | None
    price: Decimal | None
    currency: str | None
    rate: Decimal | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Line:
        """Return the line that a query's row is."""
        return cls(
            row["name"],
            row["sku_name"],
            row["usage_unit"],
            row["quantity"],
            row["list_price"],
            row["price"],
            row["currency"],
            row["rate"],
        )

    @property
    def why_unpriced(self) -> str | None:
        """Why there is no sum of money for it; None if there is."""
        if self.price is None:
            return "no price"
        return f"no exchange rate for {self.currency}" if self.rate is None else None


def money(lines: Iterable[Line]) -> Decimal:
    """Return what lines cost, exactly; those without a price are left out."""
    return _sum((line.quantity, line.price, line.rate) for line in lines)


def list_money(lines: Iterable[Line]) -> Decimal:
    """Return what lines would cost by list prices, exactly; where there is none, by what is paid."""
    return _sum((line.quantity, line.list_price or line.price, line.rate) for line in lines)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Return a sum, exactly."""
    with localcontext(prec=_DIGITS):
        return sum(amounts, Decimal(0))


def _sum(products: Iterable[tuple[Decimal, Decimal | None, Decimal | None]]) -> Decimal:
    with localcontext(prec=_DIGITS):
        return total(
            quantity * price * rate
            for quantity, price, rate in products
            if price is not None and rate is not None
        )


def rate_sql(prices: Prices) -> tuple[str, dict[str, Any]]:
    """Return SQL of the exchange rate of a usage record into the reports' currency, and its parameters.

    Without a declared currency every record keeps its own, at 1.
    """
    if prices.currency is None:
        return f"CAST(1 AS {_PLACES})", {}
    parameters: dict[str, Any] = {"currency": prices.currency}
    cases = [f"WHEN currency = :currency THEN CAST(1 AS {_PLACES})"]
    for number, rate in enumerate(sorted(prices.rates, key=lambda one: one.since, reverse=True)):
        parameters |= {f"from_{number}": rate.currency, f"rate_{number}": str(rate.rate)}
        parameters[f"day_{number}"] = rate.since
        cases.append(
            f"WHEN currency = :from_{number} AND usage_date >= :day_{number}"
            f" THEN CAST(:rate_{number} AS {_PLACES})"
        )
    return f"CASE {' '.join(cases)} END", parameters


def currency_of(lines: Iterable[Line], prices: Prices) -> str:
    """Return the currency of the lines' money.

    Raises:
        ConfigError: the prices are in several, and none is declared.
    """
    if prices.currency is not None:
        return prices.currency
    found = sorted({line.currency for line in lines if line.currency is not None})
    if len(found) > 1:
        raise ConfigError(
            f"prices are in {' and '.join(found)}: declare `currency` and `rates` under `prices` in"
            " governance.yaml"
        )
    return found[0] if found else "USD"
