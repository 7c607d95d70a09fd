"""Finding a table's rows by their keys: of its data files no more is read than the keys."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable
from pyarrow.fs import LocalFileSystem, SubTreeFileSystem

from lakestead.engine.delta.errors import mapped
from lakestead.engine.delta.log import local_path

if TYPE_CHECKING:
    # It imports pandas, where that is installed, and a server's start would wait for it.
    import pyarrow.dataset as ds

# Columns of matches: the row's place in its file, and its number in the source.
PLACE, ROW = "place", "row"
BATCH_ROWS = 1 << 16
_BUFFER = 1 << 20
_HARDLY_LESS = 0.9
_MOST_DIGITS = 38


@dataclass(frozen=True, slots=True)
class Matches:
    """The rows of a data file that have keys of the source.

    Attributes:
        file: the data file.
        rows: how many rows it has.
        pairs: columns PLACE and ROW; a row has as many pairs as the source has rows with its keys.
    """

    file: ds.Fragment
    rows: int
    pairs: pa.Table


class Keys:
    """Keys to look for.

    Args:
        columns: by the name of the table's column, in the types to compare them with. A null is equal to
            nothing.
        rows: the numbers of the rows that the keys are of.
    """

    def __init__(self, columns: Mapping[str, pa.Array], rows: pa.Array) -> None:
        table = pa.table({**columns, ROW: rows})
        valid = functools.reduce(pc.and_, [pc.is_valid(table.column(name)) for name in columns])
        self.names = list(columns)
        self._table = table.filter(valid)
        self._sets = {name: pc.unique(self._table.column(name)) for name in columns}

    def files(self, table: DeltaTable, schema: pa.Schema) -> Sequence[ds.Fragment]:
        """Return the data files of a table that may have such keys, by the bounds that its log gives."""
        if not self._table.num_rows:
            return []
        bounds = [self._bounds(schema.field(name)) for name in self.names]
        condition = functools.reduce(lambda one, other: one & other, bounds)
        system = SubTreeFileSystem(str(local_path(table.table_uri)), LocalFileSystem())
        with mapped():
            dataset = table.to_pyarrow_dataset(filesystem=system, schema=schema)
        return list(dataset.get_fragments(filter=condition))

    def _bounds(self, field: pa.Field) -> pc.Expression:
        values = self._sets[field.name]
        # Bounds in the log are exact for these types; a time's may lack its microseconds.
        if not (
            pa.types.is_integer(field.type) or pa.types.is_string(field.type) or pa.types.is_date(field.type)
        ):
            return pc.scalar(True)
        ends = pc.min_max(values)
        try:
            lowest, highest = (ends[end].cast(field.type) for end in ("min", "max"))
        except pa.ArrowInvalid:
            # A key beyond the column's type.
            return pc.scalar(True)
        column = pc.field(field.name)
        return (column >= lowest) & (column <= highest)

    def matches(self, file: ds.Fragment, schema: pa.Schema) -> Matches:
        """Find the rows of a data file that have such keys."""
        with mapped():
            read = file.to_table(schema=schema, columns=self.names)
        own = pa.table({name: read.column(name).cast(self._sets[name].type) for name in self.names})
        likely = functools.reduce(
            pc.and_, [pc.is_in(own.column(name), self._sets[name]) for name in self.names]
        )
        places = pc.indices_nonzero(likely)
        found = own.take(places).append_column(PLACE, places)
        pairs = found.join(self._table, self.names, join_type="inner").select([PLACE, ROW])
        return Matches(file, read.num_rows, pairs.combine_chunks())


def rows(file: ds.Fragment, schema: pa.Schema, partition_columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a data file, in order; memory does not grow with the file or its row groups.

    Args:
        file: the data file.
        schema: of the rows as they leave; columns that the file has not are null.
        partition_columns: those that are not in the file.
    """
    fixed = file.scanner(schema=schema, columns=list(partition_columns)).head(1).to_pylist() or [{}]
    with mapped(), file.open() as opened:
        parquet = pq.ParquetFile(opened, buffer_size=_BUFFER, coerce_int96_timestamp_unit="us")
        names = [name for name in parquet.schema_arrow.names if name in schema.names]
        for batch in _ahead(parquet.iter_batches(BATCH_ROWS, columns=names)):
            columns = [
                batch.column(field.name).cast(field.type)
                if field.name in batch.schema.names
                else pa.repeat(pa.scalar(fixed[0].get(field.name), field.type), batch.num_rows)
                for field in schema
            ]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)


def plain_columns(file: ds.Fragment, sample: pa.RecordBatch) -> list[str]:
    """Return the columns that take as much room in a data file as their values: no dictionary would help.

    Args:
        file: the data file.
        sample: some of its rows, which tell how long values are.
    """
    footer = file.metadata
    sizes: Counter[str] = Counter()
    for group in range(footer.num_row_groups):
        for place in range(footer.num_columns):
            column = footer.row_group(group).column(place)
            sizes[column.path_in_schema] += column.total_uncompressed_size
    # A dot parts the names of nested columns, and cannot be told from one in a name.
    return [
        name
        for name in sample.schema.names
        if "." not in name
        and sizes[name] * sample.num_rows >= _HARDLY_LESS * sample.column(name).nbytes * footer.num_rows > 0
    ]


def _ahead(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield batches of which the next is read while one is worked on."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, batches, None)
            yield batch


def common_type(one: pa.DataType, other: pa.DataType) -> pa.DataType | None:
    """Return a type in which values of two types can be compared exactly, as SQL does; None without one."""
    if pa.types.is_signed_integer(one) and pa.types.is_signed_integer(other):
        return pa.int64()
    if _is_text(one) and _is_text(other):
        return pa.string()
    if _is_bytes(one) and _is_bytes(other):
        return pa.binary()
    if pa.types.is_timestamp(one) and pa.types.is_timestamp(other):
        return one if bool(one.tz) == bool(other.tz) and one.unit == other.unit else None
    if pa.types.is_decimal(one) and pa.types.is_decimal(other):
        scale = max(one.scale, other.scale)
        digits = max(one.precision - one.scale, other.precision - other.scale) + scale
        return pa.decimal128(digits, scale) if digits <= _MOST_DIGITS else None
    simple = pa.types.is_date(one) or pa.types.is_boolean(one)
    return one if simple and one == other else None


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind))
