"""Changes of a table that leave its data files alone, each one commit of metadata.

All return the table's new version and raise DeltaError: NOT_FOUND, CONFLICT, UNSUPPORTED, and what they name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa

from lakestead.core.names import quote
from lakestead.engine.delta.errors import DeltaError, DeltaErrorKind, mapped
from lakestead.engine.delta.log import Commit, Metadata, append_log, metadata_actions, writable
from lakestead.engine.delta.protocol import refuse_properties
from lakestead.engine.delta.rules import Query, verify_check
from lakestead.engine.delta.table import CHECK_PREFIX, COMMENT, DeltaColumn, open_table


def change(location: str, edit: Callable[[Metadata], None], commit: Commit) -> int:
    """Change a table's metadata.

    Args:
        location: the table.
        edit: changes the metadata in place; what it raises is raised.
        commit: what the history says.
    """
    table = open_table(location)
    writable(table)
    metadata = Metadata.of(table)
    edit(metadata)
    version = table.version()
    actions = [*commit.actions(version, {}, append=False), *metadata_actions(table, metadata)]
    append_log(location, version + 1, actions)
    return version + 1


def add_columns(
    location: str,
    columns: Sequence[DeltaColumn],
    commit: Commit,
    *,
    after: str | None = None,
    first: bool = False,
) -> int:
    """Add columns; they are null in the rows that are there.

    Args:
        location: the table.
        columns: must be nullable.
        commit: what the history says.
        after: the column that they stand behind; by default the last.
        first: whether they stand before all others.

    Raises:
        DeltaError: SCHEMA when a column is there already, must not be null, or ``after`` is not there.
    """

    def edit(metadata: Metadata) -> None:
        names = {one["name"].lower() for one in metadata.fields}
        for column in columns:
            if column.name.lower() in names:
                raise DeltaError(DeltaErrorKind.SCHEMA, f"Column {quote(column.name)} already exists.")
            if not column.nullable:
                raise DeltaError(
                    DeltaErrorKind.SCHEMA,
                    f"New column {quote(column.name)} cannot be NOT NULL.",
                )
            names.add(column.name.lower())
        place = _place(metadata, after, first)
        metadata.fields[place:place] = [column.field for column in columns]

    return change(location, edit, commit)


def move_column(
    location: str, name: str, commit: Commit, *, after: str | None = None, first: bool = False
) -> int:
    """Move a column to the front or behind another."""

    def edit(metadata: Metadata) -> None:
        column = metadata.column(name)
        metadata.fields.remove(column)
        metadata.fields.insert(_place(metadata, after, first), column)

    return change(location, edit, commit)


def _place(metadata: Metadata, after: str | None, first: bool) -> int:
    if first:
        return 0
    return len(metadata.fields) if after is None else metadata.fields.index(metadata.column(after)) + 1


def set_properties(location: str, properties: Mapping[str, str], commit: Commit) -> int:
    """Set table properties.

    Raises:
        DeltaError: UNSUPPORTED for properties that switch on features which cannot be written.
    """
    refuse_properties(properties)
    return change(location, lambda metadata: metadata.configuration.update(properties), commit)


def unset_properties(location: str, keys: Sequence[str], commit: Commit) -> int:
    """Remove table properties; those that are not set are passed over."""

    def edit(metadata: Metadata) -> None:
        for key in keys:
            metadata.configuration.pop(key, None)

    return change(location, edit, commit)


def set_comment(location: str, comment: str | None, commit: Commit) -> int:
    """Set or remove the table's description."""

    def edit(metadata: Metadata) -> None:
        metadata.comment = comment

    return change(location, edit, commit)


def set_column_comment(location: str, column: str, comment: str | None, commit: Commit) -> int:
    """Set or remove a column's description.

    Raises:
        DeltaError: SCHEMA when there is no such column.
    """

    def edit(metadata: Metadata) -> None:
        described = metadata.column(column)["metadata"]
        described.pop(COMMENT, None)
        if comment:
            described[COMMENT] = comment

    return change(location, edit, commit)


def set_nullable(location: str, column: str, nullable: bool, commit: Commit) -> int:
    """Allow nulls in a column, or forbid them after making sure that there are none.

    Raises:
        DeltaError: SCHEMA when there is no such column; NOT_NULL when it holds a null.
    """

    def edit(metadata: Metadata) -> None:
        described = metadata.column(column)
        if not nullable and _holds_null(location, described["name"]):
            raise DeltaError(
                DeltaErrorKind.NOT_NULL, f"Column {quote(described['name'])} has rows with null values."
            )
        described["nullable"] = nullable

    return change(location, edit, commit)


def _holds_null(location: str, column: str) -> bool:
    with mapped():
        quoted = '"' + column.replace('"', '""') + '"'
        reader = open_table(location).scan(columns=[column], predicate=f"{quoted} IS NULL")
        return any(batch.num_rows for batch in pa.RecordBatchReader.from_stream(reader))


def add_check(location: str, name: str, expression: str, commit: Commit, query: Query) -> int:
    """Add a CHECK constraint after making sure that all rows keep it.

    Args:
        location: the table.
        name: the constraint's name; compared without regard to case.
        expression: what must hold, in the engine's SQL.
        commit: what the history says.
        query: runs a query of the engine.

    Raises:
        DeltaError: EXISTS when there is one of this name; CHECK showing a row that breaks it.
    """

    def edit(metadata: Metadata) -> None:
        if CHECK_PREFIX + name.lower() in metadata.configuration:
            raise DeltaError(DeltaErrorKind.EXISTS, f"Constraint {quote(name)} already exists.")
        verify_check(location, name, expression, query)
        metadata.configuration[CHECK_PREFIX + name.lower()] = expression

    return change(location, edit, commit)


def drop_check(location: str, name: str, commit: Commit) -> int:
    """Remove a CHECK constraint.

    Raises:
        DeltaError: MISSING when there is none of this name.
    """

    def edit(metadata: Metadata) -> None:
        if metadata.configuration.pop(CHECK_PREFIX + name.lower(), None) is None:
            raise DeltaError(DeltaErrorKind.MISSING, f"Constraint {quote(name)} does not exist.")

    return change(location, edit, commit)
