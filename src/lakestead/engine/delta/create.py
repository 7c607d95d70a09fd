"""Making tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from deltalake import DeltaTable

from lakestead.engine.delta.errors import DeltaError, DeltaErrorKind
from lakestead.engine.delta.log import Commit, Metadata, append_log, metadata_actions, writable
from lakestead.engine.delta.protocol import refuse_properties
from lakestead.engine.delta.remove import removals
from lakestead.engine.delta.table import DeltaColumn, exists, open_table


@dataclass(frozen=True, slots=True)
class Definition:
    """What a new table is to be.

    Attributes:
        columns: in order.
        partition_by: names of columns.
        properties: the table's properties; CHECK constraints as ``delta.constraints.<name>``.
        comment: its description.
    """

    columns: tuple[DeltaColumn, ...]
    partition_by: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    comment: str | None = None

    def metadata(self, old: Metadata | None = None) -> Metadata:
        """Return the log's metadata for it; a table that is replaced stays the same table.

        Raises:
            DeltaError: SCHEMA for a wrong definition, UNSUPPORTED for properties that cannot be had.
        """
        refuse_properties(self.properties)
        names = {column.name.lower(): column.name for column in self.columns}
        if len(names) < len(self.columns):
            raise DeltaError(DeltaErrorKind.SCHEMA, "Two columns have the same name.")
        missing = [name for name in self.partition_by if name.lower() not in names]
        if missing:
            raise DeltaError(DeltaErrorKind.SCHEMA, f"The partition column `{missing[0]}` does not exist.")
        if self.partition_by and len(self.partition_by) == len(self.columns):
            raise DeltaError(DeltaErrorKind.SCHEMA, "A table cannot be partitioned by all of its columns.")
        new = Metadata(
            fields=[column.field for column in self.columns],
            partition_columns=[names[name.lower()] for name in self.partition_by],
            configuration=dict(self.properties),
            comment=self.comment,
        )
        if old is not None:
            new.table_id, new.created_at = old.table_id, old.created_at
        return new


def create(location: str, definition: Definition, commit: Commit, *, replace: bool = False) -> int:
    """Make an empty table in one commit.

    Args:
        location: its folder.
        definition: what it is to be.
        commit: what the history says.
        replace: whether a table that is there becomes this one, and keeps its history.

    Returns:
        The version: 0 of a new table.

    Raises:
        DeltaError: EXISTS, SCHEMA, UNSUPPORTED, CONFLICT.
    """
    table: DeltaTable | None = open_table(location) if exists(location) else None
    if table is not None and not replace:
        raise DeltaError(DeltaErrorKind.EXISTS, f"There already is a Delta table at {location}.")
    if table is not None:
        writable(table)
    metadata = definition.metadata(Metadata.of(table) if table else None)
    version = table.version() if table else -1
    removed = removals(table) if table else []
    actions = [
        *commit.actions(version, {"numRemovedFiles": len(removed)} if table else {}, append=False),
        *metadata_actions(table, metadata),
        *removed,
    ]
    append_log(location, version + 1, actions)
    return version + 1
