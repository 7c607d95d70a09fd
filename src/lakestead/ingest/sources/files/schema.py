"""One schema for all files, found before the first row is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from lakestead.core.datatypes import STRING, TIMESTAMP, VOID, DataType
from lakestead.core.errors import SourceError
from lakestead.ingest.sources.source import Column

from .format import FILE, MODIFIED


@dataclass
class _Seen:
    name: str
    type: DataType
    where: str


class Schema:
    """Grows by the columns of one group of files after the other.

    Args:
        widest: the type for values of two types, None where that is a mistake.
    """

    def __init__(self, widest: Callable[[DataType, DataType], DataType | None]) -> None:
        self._widest = widest
        self._seen: dict[str, _Seen] = {}

    def add(self, types: Mapping[str, DataType], where: str) -> None:
        """Take in the columns of some files.

        Raises:
            SourceError: when a column has a type that does not go with its type in other files.
        """
        for name, kind in types.items():
            seen = self._seen.setdefault(name.lower(), _Seen(name, VOID, where))
            found = self._widest(seen.type, kind)
            if found is None:
                raise SourceError(
                    f"column '{name}' is {seen.type.ddl} in {seen.where} and {kind.ddl} in {where};"
                    f" say which to use, as in types: '{name}: string'"
                )
            if seen.type == VOID:
                seen.where = where
            seen.type = found

    def columns(self, *, metadata: bool) -> tuple[Column, ...]:
        """Return the columns of all files; what has no value anywhere is a string."""
        found = [
            Column(seen.name, STRING if seen.type == VOID else seen.type) for seen in self._seen.values()
        ]
        if metadata:
            found += [Column(FILE, STRING, nullable=False), Column(MODIFIED, TIMESTAMP, nullable=False)]
        return tuple(found)


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
