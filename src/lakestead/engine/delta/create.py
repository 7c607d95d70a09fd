"""Making tables."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from lakestead.engine.delta.errors import DeltaError, DeltaErrorKind
from lakestead.engine.delta.log import Commit, Metadata, append_log, current, metadata_actions
from lakestead.engine.delta.protocol import refuse_properties
from lakestead.engine.delta.remove import removals
from lakestead.engine.delta.table import DeltaColumn, exists


@dataclass(frozen=True, slots=True)
class Definition:
    """What a new table is to be.

    Attributes:
        columns: in order.
        partition_by: names of columns.
        properties: the table's properties; CHECK constraints as ``delta.constraints.<name>``.
        comment: its description.
        table_id: its identifier in the log, by default a new one.
    """

    columns: tuple[DeltaColumn, ...]
    partition_by: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    comment: str | None = None
    table_id: str | None = None

    def metadata(self) -> Metadata:
        """Return the log's metadata for it: a table that is replaced gets a new identifier, as on Databricks.

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
        return Metadata(
            table_id=self.table_id or str(uuid.uuid4()),
            fields=[column.field for column in self.columns],
            partition_columns=[names[name.lower()] for name in self.partition_by],
            configuration=dict(self.properties),
            comment=self.comment,
        )


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
    if exists(location) and not replace:
        raise DeltaError(DeltaErrorKind.EXISTS, f"There already is a Delta table at {location}.")
    table, version = current(location)
    metadata = definition.metadata()
    removed = removals(table) if table else []
    actions = [
        *commit.actions(version, {"numRemovedFiles": len(removed)} if table else {}, append=False),
        *metadata_actions(table, metadata),
        *removed,
    ]
    append_log(location, version + 1, actions)
    return version + 1
