"""Whose a cost is, as SQL: the tags that are declared, then the fallbacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lakestead.costs.declared import Attribution, Fallback


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a table has what fallbacks ask for, as SQL.

    Args:
        tags: a map.
        workspace: ids.
        warehouse: ids.
        user: names.
        product: `billing_origin_product`.
    """

    tags: str
    workspace: str
    warehouse: str
    user: str
    product: str


class Owners:
    """SQL of whose a row is, and the parameters in it.

    Args:
        attribution: what is declared.
        owner: one of `declared.OWNERS`.
    """

    def __init__(self, attribution: Attribution, owner: str) -> None:
        self._keys = attribution.keys(owner)
        self._owner = owner
        self._fallbacks = [fallback for fallback in attribution.fallbacks if getattr(fallback, owner)]
        # Their names have the owner's, so that one query may ask for several owners.
        self.parameters: dict[str, str] = {f"{owner}_tag_{n}": key for n, key in enumerate(self._keys)}
        for number, fallback in enumerate(self._fallbacks):
            self.parameters |= {f"{owner}_{name}_{number}": value for name, value in _asked(fallback)}
            self.parameters[f"{owner}_owner_{number}"] = getattr(fallback, owner)

    def tagged(self, tags: str) -> str:
        """Return the owner that a map of tags names, NULL if none, as SQL."""
        found = [
            f"nullif(try_element_at({tags}, :{self._owner}_tag_{number}), '')"
            for number in range(len(self._keys))
        ]
        return f"coalesce({', '.join([*found, 'CAST(NULL AS STRING)'])})"

    def of(self, columns: Columns) -> str:
        """Return the owner that tags or a fallback name, NULL if none, as SQL."""
        cases = [self._case(number, fallback, columns) for number, fallback in enumerate(self._fallbacks)]
        tagged = self.tagged(columns.tags)
        return f"coalesce({tagged}, CASE {' '.join(cases)} END)" if cases else tagged

    def _case(self, number: int, fallback: Fallback, columns: Columns) -> str:
        asked = [f"{getattr(columns, name)} = :{self._owner}_{name}_{number}" for name, _ in _asked(fallback)]
        return f"WHEN {' AND '.join(asked) or 'TRUE'} THEN :{self._owner}_owner_{number}"


def _asked(fallback: Fallback) -> Iterator[tuple[str, str]]:
    for name in ("workspace", "warehouse", "user", "product"):
        value: str | None = getattr(fallback, name)
        if value is not None:
            yield name, value
