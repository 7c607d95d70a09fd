"""What a statement says a new table is to be: columns, checked, and the form in the log and the metastore."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from lakestead.core.datatypes import DataType, TypeSyntaxError, UnsupportedType, from_arrow, parse_type
from lakestead.core.names import quote
from lakestead.engine.delta.create import Definition
from lakestead.engine.delta.table import CHECK_PREFIX, DeltaColumn
from lakestead.workspace.catalog.objects import checked_properties
from lakestead.workspace.catalog.tables import ColumnRecord, TableRecord
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql.grammar.ast import Check, Column, CreateTable

# Delta's own rule for columns that are not mapped to other names.
_BAD_IN_COLUMN = re.compile(r"[ ,;{}()\n\t=]")
_FEATURE = "delta.feature."


@dataclass(frozen=True, slots=True)
class Plan:
    """A table about to be made."""

    path: tuple[str, str, str]
    columns: tuple[ColumnRecord, ...]
    partitioned_by: tuple[str, ...]
    clustering: tuple[str, ...]
    comment: str | None
    properties: Mapping[str, str]
    checks: Mapping[str, str]

    def definition(self) -> Definition:
        """Return it as Delta's log keeps it."""
        return Definition(
            tuple(
                DeltaColumn(one.name, parse_type(one.type), one.nullable, one.comment, one.generation)
                for one in self.columns
            ),
            self.partitioned_by,
            {
                # Features follow from the columns; switched on by hand they would only bar other writers.
                **{key: value for key, value in self.properties.items() if not key.startswith(_FEATURE)},
                **{CHECK_PREFIX + name: text for name, text in self.checks.items()},
            },
            self.comment,
        )

    def record(self, location: str, table_type: str) -> TableRecord:
        """Return it as the metastore keeps it."""
        spec = {
            "table_type": table_type,
            "format": "DELTA",
            "partition_columns": list(self.partitioned_by),
            "clustering_columns": list(self.clustering),
        }
        return TableRecord(self.columns, spec, location, self.comment, self.properties, self.checks)


def selected(field: pa.Field) -> ColumnRecord:
    kind = from_arrow(field.type, field.metadata)
    if kind.ddl == "void" or kind.ddl.startswith("interval"):
        raise ApiError(
            ErrorCode.DATATYPE_MISMATCH,
            f"Column {quote(field.name)} has the type {kind.sql}: cast it to one that a table can have.",
        )
    return ColumnRecord(checked_column(field.name), kind.ddl)


def checked_column(name: str) -> str:
    """Return the name of a new column.

    Raises:
        ApiError: INVALID_NAME.
    """
    if not name or len(name) > 255 or _BAD_IN_COLUMN.search(name):
        raise ApiError(
            ErrorCode.INVALID_NAME,
            f"Found invalid character(s) among ' ,;{{}}()\\n\\t=' in the column name "
            f"'{name[:80]}'. Use an alias.",
            condition="DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES",
            sqlstate="42K05",
        )
    return name


def column_type(text: str) -> DataType:
    """Return the type of a new column.

    Raises:
        ApiError: DATATYPE_MISMATCH when it is none, or none that a table can have.
    """
    try:
        kind = parse_type(text)
    except (TypeSyntaxError, UnsupportedType) as error:
        raise ApiError(
            ErrorCode.DATATYPE_MISMATCH, f"{error}.", condition="UNSUPPORTED_DATATYPE", sqlstate="0A000"
        ) from None
    if kind.ddl == "void" or kind.ddl.startswith("interval"):
        raise ApiError(ErrorCode.DATATYPE_MISMATCH, f"A table column cannot have the type {kind.sql}.")
    return kind


def declared(column: Column) -> ColumnRecord:
    kind = column_type(column.type)
    spec: dict[str, Any] | None = None
    if column.identity is not None:
        if kind.ddl != "bigint":
            raise ApiError(
                ErrorCode.DATATYPE_MISMATCH,
                f"Identity column {quote(column.name)} must have the type BIGINT.",
            )
        if column.identity.step == 0:
            raise ApiError(ErrorCode.INVALID_STATEMENT, "IDENTITY column step cannot be 0.")
        start = column.identity.start
        spec = {"start": start, "step": column.identity.step, "always": column.identity.always, "next": start}
    return ColumnRecord(
        checked_column(column.name),
        kind.ddl,
        not column.not_null,
        column.comment,
        column.default.text if column.default else None,
        spec,
        column.generated.text if column.generated else None,
    )


def planned(path: tuple[str, str, str], command: CreateTable, columns: tuple[ColumnRecord, ...]) -> Plan:
    names = {column.name.lower(): column.name for column in columns}
    if len(names) < len(columns):
        listed = [column.name.lower() for column in columns]
        twice = next(name for name in listed if listed.count(name) > 1)
        raise ApiError(ErrorCode.COLUMN_EXISTS, f"The column {quote(twice)} already exists.")
    clustering = command.cluster_by.columns if command.cluster_by else ()
    used = (*command.partitioned_by, *(name[0] for name in clustering))
    for name in used:
        if name.lower() not in names:
            raise ApiError(ErrorCode.COLUMN_NOT_FOUND, f"Couldn't find column {quote(name)} in the table.")
    checks: dict[str, str] = {}
    for number, constraint in enumerate(command.constraints, start=1):
        if isinstance(constraint, Check):
            checks[(constraint.name or f"check_{number}").lower()] = constraint.expression.text
    return Plan(
        path,
        columns,
        tuple(names[name.lower()] for name in command.partitioned_by),
        tuple(".".join(name) for name in clustering),
        command.comment,
        checked_properties(dict(command.properties)),
        checks,
    )
