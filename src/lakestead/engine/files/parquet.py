"""Parquet files: as they are when the engine reads them right, else brought into one form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from lakestead.core.datatypes import UnsupportedType, from_arrow
from lakestead.engine.delta.table import DeltaColumn
from lakestead.engine.files.errors import FilesError, FilesErrorKind
from lakestead.engine.files.listing import SourceFile
from lakestead.engine.files.options import Options
from lakestead.engine.files.streams import explained


def schema(file: SourceFile) -> pa.Schema:
    """Return a file's schema.

    Raises:
        FilesError: MALFORMED.
    """
    with explained(file):
        return pq.read_schema(file.path).remove_metadata()


def union(schemas: Sequence[tuple[SourceFile, pa.Schema]]) -> tuple[DeltaColumn, ...]:
    """Return the columns of all files together: names in any case are one, types the wider.

    Raises:
        FilesError: SCHEMA naming a file whose types do not go with the others', or have no equal in SQL.
    """
    fields: dict[str, pa.Field] = {}
    for file, one in schemas:
        for column in one:
            try:
                kind = from_arrow(column.type, column.metadata).to_arrow()
            except UnsupportedType as error:
                raise FilesError(
                    FilesErrorKind.SCHEMA, f"Column `{column.name}` of {file.name}: {error}."
                ) from None
            known = fields.get(column.name.lower(), pa.field(column.name, kind))
            fields[column.name.lower()] = _wider(known, kind, file)
    return tuple(DeltaColumn(one.name, from_arrow(one.type)) for one in fields.values())


def _wider(known: pa.Field, kind: pa.DataType, file: SourceFile) -> pa.Field:
    if known.type == kind:
        return known
    try:
        both = [pa.schema([known]), pa.schema([pa.field(known.name, kind)])]
        return pa.unify_schemas(both, promote_options="permissive").field(0)
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        raise FilesError(
            FilesErrorKind.SCHEMA,
            f"Column `{known.name}` is {from_arrow(kind).sql} in {file.name} and "
            f"{from_arrow(known.type).sql} in others.",
        ) from None


def as_they_are(schemas: Sequence[tuple[SourceFile, pa.Schema]], columns: Sequence[DeltaColumn]) -> bool:
    """Return whether the engine can read the files themselves: all alike, with types that it has."""
    plain = pa.schema([column.arrow for column in columns])
    return all(_nullable(one).equals(_nullable(plain)) for _, one in schemas)


def _nullable(one: pa.Schema) -> pa.Schema:
    return pa.schema([field.with_nullable(True).remove_metadata() for field in one])


def batches(file: SourceFile, _: Options) -> Iterator[pa.RecordBatch]:
    """Yield a file's rows.

    Raises:
        FilesError: MALFORMED.
    """
    with explained(file), pq.ParquetFile(file.path) as opened:
        yield from opened.iter_batches()
