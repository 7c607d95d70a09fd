"""One schema for all files, found before the first row is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

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

    def columns(self, known: Mapping[str, DataType], *, metadata: bool) -> tuple[Column, ...]:
        """Return the columns of all files, in types that are known where those hold all values.

        What has no value anywhere, and is not known, is a string.
        """
        found = []
        for name, seen in self._seen.items():
            kind = known.get(name, seen.type)
            kind = kind if self._widest(seen.type, kind) == kind else seen.type
            found.append(Column(seen.name, STRING if kind == VOID else kind))
        if metadata:
            found += [Column(FILE, STRING, nullable=False), Column(MODIFIED, TIMESTAMP, nullable=False)]
        return tuple(found)
