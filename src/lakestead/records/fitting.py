"""Records as Arrow that fits a table: columns matched by name, values in the columns' types."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from lakestead.core.datatypes import DataType, parse_type
from lakestead.core.errors import SourceError
from lakestead.records.columns import column
from lakestead.records.sources import Chunk, Records, chunks
from lakestead.records.target import Target
from lakestead.records.types import cast, settled, storage


@dataclass(frozen=True)
class InferredColumn:
    """A column as it would be made for records.

    Args:
        name: of the column.
        type: its type in SQL.
        nulls: how many of the rows that were looked at have no value.
        why: what the type was found from.
    """

    name: str
    type: str
    nulls: int
    why: str


class Fitting:
    """Records on their way into a table.

    The first chunk decides which columns are new, and their types.

    Args:
        records: see `sources.Records`.
        target: the table; None when it is yet to be made.
        new_columns: whether there may be columns that the table lacks.
        schema: types of new columns by name, instead of those that are found.

    Raises:
        SourceError: the records are no records, or their columns are not the table's.
    """

    def __init__(
        self,
        records: Records,
        target: Target | None,
        *,
        new_columns: bool = False,
        schema: Mapping[str, str] | None = None,
    ) -> None:
        self._target = target
        self._chunks = chunks(records)
        self.first: Chunk | None = next(self._chunks, None)
        second = next(self._chunks, None)
        self.whole = second is None
        """Whether the first chunk is all there is."""
        if second is not None:
            self._chunks = itertools.chain([second], self._chunks)
        self.rows = 0
        self._given: dict[str, None] = {}
        self.new: dict[str, DataType] = {}
        self.inferred: list[InferredColumn] = []
        declared = {name.lower(): parse_type(text) for name, text in (schema or {}).items()}
        names = _names(self.first)
        if target is None or new_columns:
            self._find_new(names, declared)
        elif self.first is not None:
            target.require(names)
        known = {} if target is None else target.columns
        if isinstance(self.first, pa.RecordBatch) and target is not None:
            known = {name: known[name] for name in map(target.find, names) if name is not None}
        self.fields: dict[str, DataType] = known | self.new
        self._by_name = {name.lower(): name for name in self.fields}

    @property
    def schema(self) -> pa.Schema:
        """The columns of the batches."""
        return pa.schema([(name, storage(kind)) for name, kind in self.fields.items()])

    @property
    def given(self) -> tuple[str, ...]:
        """The columns that any record so far had, in the table's order."""
        return tuple(name for name in self.fields if name in self._given)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the records, once.

        Raises:
            SourceError: a value does not fit, or a column is not the table's.
        """
        first = [] if self.first is None else [self.first]
        self.first = None
        for chunk in itertools.chain(first, self._chunks):
            batch = self._batch(chunk)
            self.rows += batch.num_rows
            yield batch

    def _batch(self, chunk: Chunk) -> pa.RecordBatch:
        places = self._places(_names(chunk))
        arrays = []
        for name, kind in self.fields.items():
            source = places.get(name)
            if source is None:
                arrays.append(pa.nulls(len(chunk), storage(kind)))
            elif isinstance(chunk, pa.RecordBatch):
                arrays.append(cast(name, chunk.column(source), kind))
            else:
                arrays.append(column(name, [row.get(source) for row in chunk], kind, self.rows))
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def _places(self, names: Iterable[str]) -> dict[str, str]:
        """Return under which name the records have each of the table's columns."""
        places: dict[str, str] = {}
        for name in names:
            found = self._by_name.get(name.lower())
            if found is None:
                raise SourceError(self._unknown(name))
            if found in places:
                raise SourceError(f"records have '{places[found]}' and '{name}', which are one column")
            places[found] = name
            self._given[found] = None
        return places

    def _unknown(self, name: str) -> str:
        if self._target is None or self.new:
            return (
                f"column '{name}' first comes in one of the rows after {self.rows}, too late to be added:"
                " name it in `schema`"
            )
        return self._target.unknown(name)

    def _find_new(self, names: Sequence[str], declared: Mapping[str, DataType]) -> None:
        for name in itertools.chain(names, declared):
            known = self._target is not None and self._target.find(name) is not None
            if known or name.lower() in {one.lower() for one in self.new}:
                continue
            self.new[name] = declared.get(name.lower()) or self._inferred(name)
        if self._target is None and not self.new:
            raise SourceError("there are no records to find columns in: name them by `schema`")

    def _inferred(self, name: str) -> DataType:
        assert self.first is not None
        if isinstance(self.first, pa.RecordBatch):
            values, why = self.first.column(name), f"Arrow's {self.first.schema.field(name).type}"
        else:
            values = column(name, [row.get(name) for row in self.first], None)
            kinds = {type(row[name]).__name__ for row in self.first if row.get(name) is not None}
            why = f"values of {', '.join(sorted(kinds))} in the first {len(self.first)} rows"
        kind = settled(name, values.type)
        if values.null_count == len(values):
            why = f"no value in the first {len(values)} rows"
        self.inferred.append(InferredColumn(name, kind.sql, values.null_count, why))
        return kind


def _names(chunk: Chunk | None) -> list[str]:
    """Return the names of the columns of a chunk, in the order of their first coming."""
    if chunk is None:
        return []
    if isinstance(chunk, pa.RecordBatch):
        names = list(chunk.schema.names)
        if len(set(names)) < len(names):
            raise SourceError(f"there are several columns of one name: {', '.join(names)}")
        return names
    found: dict[Any, None] = dict.fromkeys(chunk[0])
    for row in chunk:
        if row.keys() != found.keys():
            found.update(dict.fromkeys(row))
    for name in found:
        if not isinstance(name, str):
            raise SourceError(f"{name!r} names a column, and is a {type(name).__name__}, not text")
    return list(found)
