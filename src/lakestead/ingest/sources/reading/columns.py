"""The columns that are asked for, of those that are there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from lakestead.core.errors import SourceError
from lakestead.ingest.sources.source import Column


def chosen(
    columns: Sequence[Column], wanted: Sequence[str], named: Iterable[str], where: str
) -> tuple[Column, ...]:
    """Return the columns wanted; all if none is named.

    Args:
        columns: those that are there.
        wanted: names, in any case.
        named: names that something else refers to.
        where: what has them, for messages.

    Raises:
        SourceError: when a name is not there; tells the nearest.
    """
    there = {column.name.lower(): column for column in columns}
    for name in (*wanted, *named):
        if name.lower() not in there:
            near = get_close_matches(name.lower(), there, n=1)
            hint = (
                f"did you mean '{there[near[0]].name}'?"
                if near
                else f"it has: {', '.join(c.name for c in columns)}"
            )
            raise SourceError(f"{where} has no column '{name}'; {hint}")
    return tuple(there[name.lower()] for name in wanted) if wanted else tuple(columns)
