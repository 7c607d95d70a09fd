"""Making rows fit a table's columns."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from lakestead.core.datatypes import DataType, UnsupportedType, from_arrow
from lakestead.engine.delta.errors import DeltaError, DeltaErrorKind
from lakestead.engine.delta.table import DeltaColumn


def columns_of(schema: pa.Schema) -> tuple[DeltaColumn, ...]:
    """Return the columns that a table needs to hold rows of an Arrow schema; all may be null.

    Raises:
        DeltaError: SCHEMA for a type that tables cannot hold.
    """
    return tuple(DeltaColumn(field.name, _type(field)) for field in schema)


def _type(field: pa.Field) -> DataType:
    try:
        return from_arrow(field.type, field.metadata)
    except UnsupportedType as error:
        raise DeltaError(DeltaErrorKind.SCHEMA, f"Column `{field.name}`: {error}") from None


class Conform:
    """Gives rows the names, order and types of a table's columns.

    Columns go by name, without regard to case; those that are missing become null.

    Args:
        source: schema of the rows as they come.
        columns: the table's columns.

    Attributes:
        schema: schema of the rows as they leave.
        rows: how many have passed.

    Raises:
        DeltaError: SCHEMA when rows have a column that the table has not, or one twice; NOT_NULL when a
            column that must not be null is missing.
    """

    def __init__(self, source: pa.Schema, columns: tuple[DeltaColumn, ...]) -> None:
        self.schema = pa.schema([column.arrow for column in columns])
        self.rows = 0
        places = {name.lower(): place for place, name in enumerate(source.names)}
        known = {column.name.lower() for column in columns}
        extra = [name for name in source.names if name.lower() not in known]
        if extra or len(places) < len(source.names):
            raise DeltaError(
                DeltaErrorKind.SCHEMA,
                f"The table has no column `{extra[0]}`." if extra else "Two columns have the same name.",
            )
        self._places = [places.get(column.name.lower()) for column in columns]
        self._required = [not column.nullable for column in columns]
        for column, place in zip(columns, self._places, strict=True):
            if place is None and not column.nullable:
                raise _null(column.name)

    def batches(self, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a reader as the table holds them.

        Raises:
            DeltaError: SCHEMA for a value that does not fit, NOT_NULL.
        """
        for batch in reader:
            yield self.batch(batch)

    def batch(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return one batch as the table holds it; errors as above."""
        self.rows += batch.num_rows
        arrays = [
            self._array(batch, place, field, required)
            for place, field, required in zip(self._places, self.schema, self._required, strict=True)
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def _array(self, batch: pa.RecordBatch, place: int | None, field: pa.Field, required: bool) -> pa.Array:
        if place is None:
            return pa.nulls(batch.num_rows, field.type)
        array = batch.column(place)
        if required and array.null_count:
            raise _null(field.name)
        if array.type == field.type:
            return array
        try:
            if pa.types.is_dictionary(array.type):
                array = array.dictionary_decode()
            # Spark's timestamps have microseconds; what is finer is cut, as Spark does.
            return pc.cast(array, options=pc.CastOptions(field.type, allow_time_truncate=True))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise DeltaError(
                DeltaErrorKind.SCHEMA, f"Column `{field.name}` of {field.type} cannot take the data: {error}"
            ) from None


def _null(name: str) -> DeltaError:
    return DeltaError(DeltaErrorKind.NOT_NULL, f"NOT NULL constraint violated for column: {name}.")
