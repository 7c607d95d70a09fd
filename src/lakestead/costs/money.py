"""What a usage record costs, as SQL."""

from __future__ import annotations

MONEY = "CAST(usage_quantity AS DECIMAL(26, 15)) * CAST(price AS DECIMAL(11, 6))"
"""The money of a row of `Ledger.priced`; NULL where no price is known. It is exact to 15 decimals of quantities
and 6 of prices: with more, the product would have more than the 38 digits of a DECIMAL, and lose some."""
