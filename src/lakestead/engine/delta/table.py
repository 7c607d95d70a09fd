"""The state of a Delta table: what its log says it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable

from lakestead.core.datatypes import DataType, Field, UnsupportedType, field_from_delta
from lakestead.engine.delta.errors import DeltaError, DeltaErrorKind, mapped

COMMENT = "comment"
GENERATION = "delta.generationExpression"
CHECK_PREFIX = "delta.constraints."


@dataclass(frozen=True, slots=True)
class DeltaColumn:
    """A column of a table.

    Attributes:
        name: as written when it was made; compared without regard to case.
        type: its SQL type.
        nullable: whether it may hold nulls.
        comment: its description.
        generation: the expression of a generated column.
    """

    name: str
    type: DataType
    nullable: bool = True
    comment: str | None = None
    generation: str | None = None

    @property
    def field(self) -> dict[str, Any]:
        """The column as the log writes it."""
        field = Field(self.name, self.type, self.nullable, self.comment or None).to_delta()
        if self.generation:
            field["metadata"][GENERATION] = self.generation
        return field

    @classmethod
    def of_field(cls, field: Mapping[str, Any]) -> DeltaColumn:
        """Return a column of the log."""
        known = field_from_delta(field)
        generation = field["metadata"].get(GENERATION)
        return cls(known.name, known.type, known.nullable, known.comment or None, generation)

    @property
    def arrow(self) -> pa.Field:
        """The column as an Arrow field."""
        return pa.field(self.name, self.type.to_arrow(), self.nullable)


@dataclass(frozen=True, slots=True)
class TableState:
    """One version of a table.

    Attributes:
        location: the table's folder.
        table_id: the identifier in the log.
        version: its number.
        columns: in order.
        partition_columns: their names.
        configuration: properties, CHECK constraints among them.
        comment: the table's description.
        created_at: milliseconds since the epoch.
        files: number of data files.
        size: their bytes.
        rows: number of rows by the files' statistics; None when a file has none.
        min_reader_version: protocol version for readers.
        min_writer_version: protocol version for writers.
        features: table features of readers and writers, for protocol versions that list them.
    """

    location: str
    table_id: str
    version: int
    columns: tuple[DeltaColumn, ...]
    partition_columns: tuple[str, ...]
    configuration: Mapping[str, str]
    comment: str | None
    created_at: int
    files: int
    size: int
    rows: int | None
    min_reader_version: int
    min_writer_version: int
    features: tuple[str, ...] = field(default=())

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the rows."""
        return pa.schema([column.arrow for column in self.columns])

    @property
    def checks(self) -> dict[str, str]:
        """CHECK constraints: name and expression."""
        return {
            key.removeprefix(CHECK_PREFIX): value
            for key, value in self.configuration.items()
            if key.startswith(CHECK_PREFIX)
        }


def open_table(location: str, version: int | datetime | None = None) -> DeltaTable:
    """Open a table.

    Args:
        location: its folder or URL.
        version: which version, by number or by time; None is the newest.

    Raises:
        DeltaError: NOT_FOUND, VERSION.
    """
    with mapped():
        table = DeltaTable(location)
        if version is not None:
            table.load_as_version(version)
        return table


def exists(location: str) -> bool:
    """Return whether there is a table at a location."""
    with mapped():
        return DeltaTable.is_deltatable(location)


def latest_version(location: str) -> int:
    """Return the number of the newest version.

    Raises:
        DeltaError: NOT_FOUND.
    """
    return open_table(location).version()


def state(location: str, version: int | datetime | None = None) -> TableState:
    """Return what a table is.

    Raises:
        DeltaError: NOT_FOUND, VERSION.
    """
    return state_of(open_table(location, version), location)


def state_of(table: DeltaTable, location: str) -> TableState:
    """Return what an open table is."""
    metadata, protocol = table.metadata(), table.protocol()
    fields = json.loads(table.schema().to_json())["fields"]
    try:
        columns = tuple(DeltaColumn.of_field(one) for one in fields)
    except UnsupportedType as error:
        raise DeltaError(DeltaErrorKind.UNSUPPORTED, f"The table cannot be read: {error}.") from None
    files = pa.table(table.get_add_actions())
    records = files.column("num_records") if "num_records" in files.column_names else None
    known = records is not None and records.null_count == 0
    features = {*(protocol.reader_features or ()), *(protocol.writer_features or ())}
    return TableState(
        location=location,
        table_id=str(metadata.id),
        version=table.version(),
        columns=columns,
        partition_columns=tuple(metadata.partition_columns),
        configuration=metadata.configuration,
        comment=metadata.description or None,
        created_at=metadata.created_time,
        files=files.num_rows,
        size=sum(files.column("size_bytes").to_pylist()),
        rows=sum(records.to_pylist()) if known and records is not None else None,
        min_reader_version=protocol.min_reader_version,
        min_writer_version=protocol.min_writer_version,
        features=tuple(sorted(features)),
    )
