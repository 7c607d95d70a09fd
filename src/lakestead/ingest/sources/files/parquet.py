"""Parquet files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types as arrow

from lakestead.core.datatypes import STRING, DataType, UnsupportedType, from_arrow
from lakestead.core.errors import SourceError
from lakestead.ingest.sources.reading.lattice import widest
from lakestead.ingest.sources.reading.session import PATH, text
from lakestead.ingest.sources.source import Column

from .copies import Local
from .format import Group

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


# Smaller files are gathered into larger ones: each file takes requests of its own on its way into a table.
_WORTH_KEEPING = 4 * 2**20


class Parquet:
    """Files that say themselves what is in them."""

    @property
    def prepare(self) -> Callable[[Path, Path], Path] | None:
        return None

    def groups(self, session: DuckDBPyConnection, batch: Sequence[Local]) -> list[Group]:
        alike: dict[pa.Schema, list[Local]] = {}
        for file in batch:
            alike.setdefault(schema_of(file), []).append(file)
        return [Group(tuple(files), tuple(schema.names), schema) for schema, files in alike.items()]

    def types(
        self,
        session: DuckDBPyConnection,
        group: Group,
        given: Mapping[str, DataType],
        known: Mapping[str, DataType],
    ) -> Mapping[str, DataType]:
        assert isinstance(group.form, pa.Schema)
        return {field.name: given.get(field.name.lower()) or _type(field) for field in group.form}

    def widest(self, one: DataType, other: DataType) -> DataType | None:
        return widest(one, other)

    def relation(self, group: Group, types: Mapping[str, DataType]) -> str:
        return f"read_parquet({group.paths}, filename={text(PATH)})"

    def ready(self, file: Local, columns: Sequence[Column]) -> bool:
        if file.path.stat().st_size < _WORTH_KEEPING:
            return False
        schema = schema_of(file)
        return schema.names == [column.name for column in columns] and all(
            _as_databricks(field.type) and _type(field) == column.type
            for field, column in zip(schema, columns, strict=True)
        )

    def explain(self, files: Sequence[Local]) -> Callable[[str], str | None]:
        return lambda message: None

    def rejects(self, session: DuckDBPyConnection, files: Sequence[Local], path: Path) -> int:
        return 0


def schema_of(file: Local) -> pa.Schema:
    """Return a file's schema, without metadata.

    Raises:
        SourceError: when the file is no Parquet file.
    """
    try:
        return pq.read_schema(file.path).remove_metadata()
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{file.found.url} is not a readable Parquet file: {error}") from None


def _type(field: pa.Field) -> DataType:
    try:
        return from_arrow(field.type, field.metadata)
    except UnsupportedType:
        return STRING


def _as_databricks(kind: pa.DataType) -> bool:
    """Say whether values are stored as Databricks stores them, so that the file can stay as it is."""
    if arrow.is_timestamp(kind):
        return bool(kind.unit == "us")
    if arrow.is_decimal(kind):
        return bool(kind.precision <= 38)
    if arrow.is_nested(kind):
        return all(_as_databricks(kind.field(place).type) for place in range(kind.num_fields))
    plain = (arrow.is_signed_integer, arrow.is_boolean, arrow.is_float32, arrow.is_float64, arrow.is_date32)
    texts = (arrow.is_string, arrow.is_large_string, arrow.is_binary, arrow.is_large_binary)
    return any(is_one(kind) for is_one in (*plain, *texts))
