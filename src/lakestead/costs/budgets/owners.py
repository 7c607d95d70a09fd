"""Whose a cost is, as tags say."""

from __future__ import annotations

from lakestead.core.names import quote_string
from lakestead.costs.declared import Attribution


def owners(attribution: Attribution, *tags: str, known: str | None = None) -> str:
    """Return the columns `team`, `project` and `cost_center` of a query.

    Args:
        attribution: which tags count.
        tags: maps; the first that has a tag that counts says whose it is.
        known: the alias of a row that has these columns already, if it has: they go before tags.
    """
    columns = []
    for owner in ("team", "project", "cost_center"):
        before = [] if known is None else [f"{known}.{owner}"]
        found = [
            f"nullif(try_element_at({one}, {quote_string(key)}), '')"
            for one in tags
            for key in attribution.keys(owner)
        ]
        columns.append(f"coalesce({', '.join([*before, *found, 'NULL'])}) AS {owner}")
    return ", ".join(columns)
