"""Declared exchange rates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from lakestead.core.errors import ConfigError
from lakestead.costs.declared import Prices


def exchange_rate(prices: Prices, source: str, target: str, day: dt.date) -> Decimal | None:
    """Return what one unit of a currency is worth in another on a day; None if that is not declared."""
    if source == target:
        return Decimal(1)
    rates = [one for one in prices.rates if one.currency == source and one.since <= day]
    if target != prices.currency or not rates:
        return None
    return max(rates, key=lambda one: one.since).rate


def needed_rate(prices: Prices, source: str, target: str, day: dt.date) -> Decimal:
    """Return what one unit of a currency is worth in another on a day.

    Raises:
        ConfigError: that is not declared.
    """
    rate = exchange_rate(prices, source, target, day)
    if rate is None:
        raise ConfigError(
            f"no exchange rate leads from {source} into {target} on {day}:"
            " declare one under prices.rates in governance.yaml"
        )
    return rate


def one_currency(currencies: Iterable[str], prices: Prices) -> str | None:
    """Return the currency that sums of money in some currencies are told in; None for no currencies.

    Raises:
        ConfigError: they are several, and none is declared that the others lead into.
    """
    found = sorted(set(currencies))
    if prices.currency is not None and found:
        return prices.currency
    if len(found) > 1:
        raise ConfigError(
            f"costs are in {' and '.join(found)}: declare prices.currency and rates in governance.yaml"
        )
    return found[0] if found else None
