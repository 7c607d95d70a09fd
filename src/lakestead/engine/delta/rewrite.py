"""Dropping and renaming columns, and giving them wider types.

All data files are written anew, in one commit, so that nothing of a dropped column comes back when another
takes its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa
from deltalake import DeltaTable

from lakestead.core.datatypes import DataType
from lakestead.core.names import quote
from lakestead.engine.delta.errors import DeltaError, DeltaErrorKind, mapped
from lakestead.engine.delta.log import Commit, Metadata, append_log, metadata_actions, writable
from lakestead.engine.delta.remove import removals
from lakestead.engine.delta.stage import staged
from lakestead.engine.delta.table import CHECK_PREFIX, GENERATION, open_table

# Names in an expression: quoted or bare, outside string literals.
_NAMES = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"|`((?:[^`]|``)*)`|([^\W\d]\w*)")


def drop_columns(location: str, names: Sequence[str], commit: Commit) -> int:
    """Drop columns.

    Args:
        location: the table.
        names: columns, in any case.
        commit: what the history says.

    Returns:
        The new version.

    Raises:
        DeltaError: SCHEMA when there is no such column or none would be left; DEPENDENT when the table is
            partitioned by one, or a constraint or generated column names it.
    """

    def edit(metadata: Metadata) -> None:
        for name in names:
            column = metadata.column(name)
            _refuse_dependent(metadata, column["name"], "dropped")
            metadata.fields.remove(column)
        if not metadata.fields:
            raise DeltaError(DeltaErrorKind.SCHEMA, "A table must keep at least one column.")

    return _rewrite(location, edit, {}, commit)


def rename_column(location: str, old: str, new: str, commit: Commit) -> int:
    """Rename a column.

    Args:
        location: the table.
        old: its name, in any case.
        new: the name that it gets.
        commit: what the history says.

    Returns:
        The new version.

    Raises:
        DeltaError: SCHEMA when there is no such column or another has the new name; DEPENDENT as above.
    """
    sources: dict[str, str] = {}

    def edit(metadata: Metadata) -> None:
        column = metadata.column(old)
        _refuse_dependent(metadata, column["name"], "renamed")
        if any(one is not column and one["name"].lower() == new.lower() for one in metadata.fields):
            raise DeltaError(DeltaErrorKind.SCHEMA, f"Column {quote(new)} already exists.")
        sources[new] = column["name"]
        column["name"] = new

    return _rewrite(location, edit, sources, commit)


def widen_column(location: str, name: str, kind: DataType, commit: Commit) -> int:
    """Give a column a type that holds all of its values.

    Args:
        location: the table.
        name: the column, in any case.
        kind: its new type.
        commit: what the history says.

    Returns:
        The new version.

    Raises:
        DeltaError: SCHEMA when there is no such column; DEPENDENT as above.
    """

    def edit(metadata: Metadata) -> None:
        column = metadata.column(name)
        _refuse_dependent(metadata, column["name"], "changed")
        column["type"] = kind.to_delta()

    return _rewrite(location, edit, {}, commit)


def _rewrite(
    location: str, edit: Callable[[Metadata], None], sources: Mapping[str, str], commit: Commit
) -> int:
    """Write all rows anew with other columns; ``sources`` gives the old names of renamed ones."""
    table = open_table(location)
    writable(table)
    metadata = Metadata.of(table)
    edit(metadata)
    names = [one["name"] for one in metadata.fields]
    with staged(location, _rows(table, {name: sources.get(name, name) for name in names}), metadata) as files:
        removed = removals(table)
        metrics = {
            "numFiles": len(files.adds),
            "numOutputRows": files.rows,
            "numOutputBytes": files.size,
            "numRemovedFiles": len(removed),
        }
        version = table.version()
        actions = [*commit.actions(version, metrics, append=False), *metadata_actions(table, metadata)]
        append_log(location, version + 1, [*actions, *removed, *files.adopt()])
        return version + 1


def _rows(table: DeltaTable, sources: Mapping[str, str]) -> pa.RecordBatchReader:
    """Return all rows of a table, columns under other names."""
    with mapped():
        reader = pa.RecordBatchReader.from_stream(table.scan(columns=list(sources.values())))
    old = reader.schema
    schema = pa.schema([old.field(source).with_name(name) for name, source in sources.items()])
    places = [old.get_field_index(source) for source in sources.values()]
    batches = (
        pa.RecordBatch.from_arrays([batch.column(place) for place in places], schema=schema)
        for batch in reader
    )
    return pa.RecordBatchReader.from_batches(schema, batches)


def _refuse_dependent(metadata: Metadata, name: str, done: str) -> None:
    users = [
        *("the table's partitioning" for column in metadata.partition_columns if column == name),
        *(
            f"the constraint {key.removeprefix(CHECK_PREFIX)} ({text})"
            for key, text in metadata.configuration.items()
            if key.startswith(CHECK_PREFIX) and mentions(text, name)
        ),
        *(
            f"the generated column {quote(one['name'])}"
            for one in metadata.fields
            if mentions(one["metadata"].get(GENERATION, ""), name)
        ),
    ]
    if users:
        raise DeltaError(
            DeltaErrorKind.DEPENDENT,
            f"Column {quote(name)} cannot be {done}: it is used by {' and '.join(users)}.",
        )


def mentions(expression: str, name: str) -> bool:
    """Return whether a SQL expression names a column; a name that is also a function's counts."""
    return any(
        (quoted.replace("``", "`") if quoted else bare).lower() == name.lower()
        for quoted, bare in _NAMES.findall(expression)
    )
