"""Merging rows into a table by equal keys: only files that hold such keys are read whole and written anew."""

from __future__ import annotations

import os
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from lakestead.core.datatypes import UnsupportedType, from_arrow
from lakestead.engine.delta.errors import DeltaError, DeltaErrorKind
from lakestead.engine.delta.log import Action, Commit, Metadata, append_log, local_path, writable
from lakestead.engine.delta.match import (
    BATCH_ROWS,
    PLACE,
    ROW,
    Keys,
    Matches,
    common_type,
    plain_columns,
    rows,
)
from lakestead.engine.delta.remove import removals
from lakestead.engine.delta.rules import Query, verify
from lakestead.engine.delta.stage import Staged, staged
from lakestead.engine.delta.table import GENERATION, DeltaColumn

if TYPE_CHECKING:
    # It imports pandas, where that is installed, and a server's start would wait for it.
    import pyarrow.dataset as ds

# Columns of a source that say what becomes of a row: whether it may match at all, the number of the update
# for the rows that it matches, and that of the insert if it matches none. Null changes nothing.
JOINS, UPDATE, INSERT = "joins", "update", "insert"
_READER_FEATURES = {"timestampNtz"}
_PROPERTIES = ("delta.enableChangeDataFeed", "delta.appendOnly")
_THREADS = min(4, os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class Rules:
    """How source rows change a table.

    Attributes:
        keys: the table's columns that must be equal to columns of the source, and those.
        updates: the table's columns that change in matched rows, and the source's columns with their values;
            None deletes the row.
        inserts: the same for new rows; columns without a value are null.
    """

    keys: Mapping[str, str]
    updates: Sequence[Mapping[str, str] | None]
    inserts: Sequence[Mapping[str, str]]


class NotMergeable(Exception):
    """A table, or rows, that :func:`merge` is not for; nothing was changed."""


def refuse_unmergeable(table: DeltaTable) -> None:
    """Check that there is no more to a table than rows, NOT NULL and CHECK constraints.

    Raises:
        NotMergeable: it has more, or lies in an object store.
    """
    try:
        local_path(table.table_uri)
        writable(table)
    except DeltaError as error:
        if error.kind is not DeltaErrorKind.UNSUPPORTED:
            raise
        raise NotMergeable(error.message) from None
    metadata = Metadata.of(table)
    if (
        not _READER_FEATURES.issuperset(table.protocol().reader_features or ())
        or any(metadata.configuration.get(key, "").lower() == "true" for key in _PROPERTIES)
        or any(GENERATION in one["metadata"] for one in metadata.fields)
        or "variant" in str([one["type"] for one in metadata.fields])
    ):
        raise NotMergeable("the table has a change data feed, only takes additions, or has special columns")


def merge(
    table: DeltaTable,
    source: pa.Table,
    rules: Rules,
    commit: Commit,
    *,
    query: Query,
    check: Callable[[], None] = lambda: None,
) -> dict[str, int]:
    """Merge rows into a table, in one commit.

    Args:
        table: the table, open and not refused by :func:`refuse_unmergeable`.
        source: the rows: columns that the rules name, and JOINS, UPDATE and INSERT.
        rules: what becomes of them.
        commit: what the history says.
        query: runs a query of the engine; verifies CHECK constraints.
        check: called between batches and before the commit; what it raises ends the merge.

    Returns:
        Databricks' metrics of a MERGE; empty when no row changed and nothing was committed.

    Raises:
        NotMergeable: keys or values are not of the columns' types, or several source rows match one row.
        DeltaError: NOT_NULL, CHECK, SCHEMA; CONFLICT when the table has a newer version than the open one.
    """
    return _Merge(table, source.combine_chunks(), rules, check).run(commit, query)


class _Merge:
    """One merge into one version of a table."""

    def __init__(self, table: DeltaTable, source: pa.Table, rules: Rules, check: Callable[[], None]) -> None:
        self._table = table
        self._source = source
        self._check = check
        self._metadata = Metadata.of(table)
        columns = [DeltaColumn.of_field(one) for one in self._metadata.fields]
        # Rows of other writers may break NOT NULL: that is found when they are written, and not before.
        self._schema = pa.schema([column.arrow.with_nullable(True) for column in columns])
        self._numbers = pa.array(range(source.num_rows), pa.int64())
        self._keys = self._joining(rules.keys)
        self._updates = [None if one is None else self._values(one) for one in rules.updates]
        self._inserts = [self._values(one) for one in rules.inserts]

    def run(self, commit: Commit, query: Query) -> dict[str, int]:
        """Carry it out; return its metrics."""
        started = time.monotonic()
        with ExitStack() as stack, ThreadPoolExecutor(_THREADS) as pool:
            found = list(pool.map(self._found, self._keys.files(self._table, self._schema)))
            changing = [one for one in map(self._changing, found) if one.pairs.num_rows]
            new = self._new(found)
            scanned = time.monotonic()
            if not changing and not new.num_rows:
                return {}
            written = list(pool.map(lambda one: stack.enter_context(self._replaced(one)), changing))
            if new.num_rows:
                written.append(stack.enter_context(self._staged(iter(new.to_batches()), ())))
            for one in written:
                verify(one.location, self._metadata, query)
            removed = self._removed(changing)
            ended = time.monotonic()
            metrics = self._counted(changing, new.num_rows, written, removed) | {
                "executionTimeMs": _milliseconds(started, ended),
                "scanTimeMs": _milliseconds(started, scanned),
                "rewriteTimeMs": _milliseconds(scanned, ended),
            }
            version = self._table.version()
            self._check()
            added = [add for one in written if one.rows for add in one.adopt()]
            actions = [*commit.actions(version, metrics, append=False), *removed, *added]
            append_log(self._table.table_uri, version + 1, actions)
        # What reading took is not needed again soon.
        pa.default_memory_pool().release_unused()
        return metrics

    # The source

    def _field(self, name: str) -> pa.Field:
        for field in self._schema:
            if field.name.lower() == name.lower():
                return field
        raise NotMergeable(f"the table's log has no column {name}")

    def _joining(self, keys: Mapping[str, str]) -> Keys:
        joins = self._source.column(JOINS)
        columns: dict[str, pa.Array] = {}
        for name, source in keys.items():
            field, values = self._field(name), self._source.column(source)
            kind = common_type(field.type, values.type)
            if kind is None:
                raise NotMergeable(f"{field.type} and {values.type} are not compared here")
            columns[field.name] = values.cast(kind).filter(joins).combine_chunks()
        return Keys(columns, self._numbers.filter(joins.combine_chunks()))

    def _values(self, rule: Mapping[str, str]) -> dict[str, pa.Array]:
        """Return the values that a rule gives to columns, in the columns' types."""
        values: dict[str, pa.Array] = {}
        for name, source in rule.items():
            field, given = self._field(name), self._source.column(source)
            try:
                if from_arrow(field.type) == from_arrow(given.type):
                    values[field.name] = given.cast(field.type).combine_chunks()
                    continue
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnsupportedType) as error:
                raise NotMergeable(str(error)) from None
            raise NotMergeable(f"{given.type} does not fit into {field.type}")
        return values

    # The table

    def _found(self, file: ds.Fragment) -> Matches:
        self._check()
        return self._keys.matches(file, self._schema)

    def _changing(self, found: Matches) -> Matches:
        """Return the matches that change a row, each row once, in the order of the file.

        Raises:
            NotMergeable: several source rows match one row.
        """
        pairs = found.pairs
        if self._updates and pc.count_distinct(pairs.column(PLACE)).as_py() < pairs.num_rows:
            raise NotMergeable("several source rows match one row")
        update = self._source.column(UPDATE).take(pairs.column(ROW))
        changing = pairs.append_column(UPDATE, update).filter(pc.is_valid(update))
        return Matches(found.file, found.rows, changing.sort_by(PLACE).combine_chunks())

    def _new(self, found: Sequence[Matches]) -> pa.Table:
        """Return the rows that match none and are to be added."""
        matched = pa.chunked_array(
            [part for one in found for part in one.pairs.column(ROW).chunks], pa.int64()
        )
        insert = self._source.column(INSERT).combine_chunks()
        missing = pc.invert(pc.is_in(self._numbers, value_set=pc.unique(matched)))
        tables = [self._schema.empty_table()]
        for number, values in enumerate(self._inserts):
            chosen = pc.indices_nonzero(pc.and_(missing, pc.equal(insert, number)))
            columns = [
                values[field.name].take(chosen) if field.name in values else pa.nulls(len(chosen), field.type)
                for field in self._schema
            ]
            tables.append(pa.Table.from_arrays(columns, schema=self._schema))
        return pa.concat_tables(tables)

    def _rewritten(self, one: Matches) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a data file as they are to be."""
        places, sources, updates = (one.pairs.column(name).combine_chunks() for name in (PLACE, ROW, UPDATE))
        within = pa.array(range(BATCH_ROWS), places.type)
        first = offset = 0
        for batch in rows(one.file, self._schema, self._metadata.partition_columns):
            self._check()
            after = bisect_left(places, offset + batch.num_rows, first, key=lambda place: place.as_py())
            if after == first:
                yield batch
            else:
                changed = slice(first, after)
                local = pc.subtract(places[changed], pa.scalar(offset, places.type))
                kept = pc.invert(pc.is_in(within[: batch.num_rows], value_set=local))
                yield batch.filter(kept)
                yield from self._updated(batch, local, sources[changed], updates[changed])
            first, offset = after, offset + batch.num_rows

    def _updated(
        self, batch: pa.RecordBatch, places: pa.Array, sources: pa.Array, updates: pa.Array
    ) -> Iterator[pa.RecordBatch]:
        """Yield rows as their updates make them.

        Args:
            batch: has the rows.
            places: where they stand in it.
            sources: the number of each one's row in the source.
            updates: the number of each one's update.
        """
        for number, values in enumerate(self._updates):
            if values is None:
                continue
            chosen = pc.indices_nonzero(pc.equal(updates, number))
            given, own = sources.take(chosen), places.take(chosen)
            columns = [
                values[field.name].take(given) if field.name in values else column.take(own)
                for field, column in zip(self._schema, batch.columns, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(columns, schema=self._schema)

    # The commit

    def _replaced(self, one: Matches) -> AbstractContextManager[Staged]:
        batches = self._rewritten(one)
        sample = next(batches)
        return self._staged(chain([sample], batches), plain_columns(one.file, sample))

    def _staged(self, rows: Iterator[pa.RecordBatch], plain: Sequence[str]) -> AbstractContextManager[Staged]:
        reader = pa.RecordBatchReader.from_batches(self._schema, rows)
        return staged(self._table.table_uri, reader, self._metadata, plain)

    def _removed(self, changing: Sequence[Matches]) -> list[Action]:
        paths = {one.file.path for one in changing}
        removed = [one for one in removals(self._table) if unquote(one["remove"]["path"]) in paths]
        if len(removed) < len(paths):
            raise NotMergeable("the table has files of other tables")
        return removed

    def _counted(
        self, changing: Sequence[Matches], inserted: int, written: Sequence[Staged], removed: Sequence[Action]
    ) -> dict[str, int]:
        deletes = pa.array([number for number, one in enumerate(self._updates) if one is None], pa.int32())
        removed_rows = [pc.is_in(one.pairs.column(UPDATE), deletes) for one in changing]
        deleted = sum(pc.sum(chosen, min_count=0).as_py() for chosen in removed_rows)
        changed = sum(one.pairs.num_rows for one in changing)
        added = [one for one in written if one.rows]
        return {
            "numSourceRows": self._source.num_rows,
            "numOutputRows": sum(one.rows for one in added),
            "numTargetRowsInserted": inserted,
            "numTargetRowsUpdated": changed - deleted,
            "numTargetRowsDeleted": deleted,
            "numTargetRowsCopied": sum(one.rows for one in changing) - changed,
            "numTargetRowsMatchedUpdated": changed - deleted,
            "numTargetRowsMatchedDeleted": deleted,
            "numTargetRowsNotMatchedBySourceUpdated": 0,
            "numTargetRowsNotMatchedBySourceDeleted": 0,
            "numTargetFilesAdded": sum(len(one.adds) for one in added),
            "numTargetFilesRemoved": len(removed),
            "numTargetBytesAdded": sum(one.size for one in added),
            "numTargetBytesRemoved": sum(one["remove"]["size"] for one in removed),
            "numTargetChangeFilesAdded": 0,
        }


def _milliseconds(start: float, end: float) -> int:
    return int((end - start) * 1000)
