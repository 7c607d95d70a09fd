"""system.billing.list_prices: the public prices that the package ships."""

from __future__ import annotations

import csv
from datetime import datetime
from importlib.resources import files
from zlib import crc32

from lakestead.workspace.system.log import Row
from lakestead.workspace.system.sources import Constant

TABLE = "billing.list_prices"


def list_prices() -> Constant:
    """Return the prices, as the source of their table."""
    text = files(__package__).joinpath("list_prices.csv").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return Constant([_row(price) for price in csv.DictReader(lines)], crc32(text.encode()))


def _row(price: dict[str, str]) -> Row:
    value = {"default": price["price"]}
    return {
        "price_start_time": _ms(price["price_start_time"]),
        "price_end_time": _ms(price["price_end_time"]),
        "sku_name": price["sku_name"],
        "cloud": price["cloud"],
        "currency_code": price["currency_code"],
        "usage_unit": price["usage_unit"],
        "pricing": {"default": price["price"], "promotional": value, "effective_list": value},
    }


def _ms(text: str) -> int | None:
    return int(datetime.fromisoformat(text).timestamp() * 1000) if text else None
