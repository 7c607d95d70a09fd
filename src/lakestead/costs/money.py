"""What a usage record costs, as SQL."""

from __future__ import annotations

MONEY = "CAST(usage_quantity AS DECIMAL(26, 15)) * CAST(price AS DECIMAL(11, 6))"
"""The money of a row of `Ledger.priced`; NULL where no price is known. It is exact: 15 decimals of a quantity
and 6 of a price count. With more, the product would have more digits than the 38 of a DECIMAL."""
