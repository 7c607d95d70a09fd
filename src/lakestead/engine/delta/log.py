"""Commits to the transaction log.

Every change but those of OPTIMIZE, VACUUM and RESTORE is committed here and not by delta-rs, whose own
operations translate CHECK expressions to another SQL dialect, drop NOT NULL when they merge schemas and
switch on table features that nobody asked for.
"""

from __future__ import annotations

import json
import os
import re
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from deltalake import CommitProperties, DeltaTable

from lakestead.engine.delta.errors import DeltaError, DeltaErrorKind, mapped
from lakestead.engine.delta.protocol import needed, protocol, refuse_features
from lakestead.engine.delta.table import exists, open_table

OPERATION = "lakestead.operation"
_CHECKPOINT_INTERVAL = 50
_AWKWARD = re.compile(r"[^A-Za-z0-9/_.=+@~,:-]")
Action = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Commit:
    """What a commit says of itself, for DESCRIBE HISTORY.

    Attributes:
        operation: in Databricks' words, e.g. ``COPY INTO``.
        parameters: the operation's parameters.
        user: who did it.
        transactions: application transactions that the commit records: identifier and version.
    """

    operation: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    transactions: tuple[tuple[str, int], ...] = ()

    def properties(self) -> CommitProperties:
        """Return it for operations that delta-rs commits; it gives them names of its own."""
        return CommitProperties(custom_metadata={OPERATION: self.operation, **self._info()})

    def _info(self) -> Action:
        info: Action = {"operationParameters": dict(self.parameters)}
        return info | ({"userName": self.user} if self.user else {})

    def actions(self, read_version: int, metrics: Mapping[str, int], *, append: bool) -> list[Action]:
        """Return the log's entries on the commit itself.

        Args:
            read_version: the version that it is built on; -1 for none.
            metrics: Databricks' operation metrics.
            append: whether it only adds rows and depends on none.
        """
        info = {
            "timestamp": time.time_ns() // 1_000_000,
            "operation": self.operation,
            "isBlindAppend": append,
            "engineInfo": "lakestead",
            "operationMetrics": {name: str(value) for name, value in metrics.items()},
            **self._info(),
        }
        if read_version >= 0:
            info["readVersion"] = read_version
        return [
            {"commitInfo": info},
            *({"txn": {"appId": app, "version": number}} for app, number in self.transactions),
        ]


@dataclass(slots=True)
class Metadata:
    """What a table is besides its data; edited in place.

    Attributes:
        table_id: its identifier in the log.
        fields: columns, as the log writes them.
        partition_columns: their names.
        configuration: properties, CHECK constraints among them.
        comment: the table's description.
        created_at: milliseconds since the epoch.
    """

    table_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    fields: list[dict[str, Any]] = field(default_factory=list)
    partition_columns: list[str] = field(default_factory=list)
    configuration: dict[str, str] = field(default_factory=dict)
    comment: str | None = None
    created_at: int = field(default_factory=lambda: time.time_ns() // 1_000_000)

    @classmethod
    def of(cls, table: DeltaTable) -> Metadata:
        """Return the metadata of an open table."""
        metadata = table.metadata()
        return cls(
            table_id=str(metadata.id),
            fields=json.loads(table.schema().to_json())["fields"],
            partition_columns=list(metadata.partition_columns),
            configuration=dict(metadata.configuration),
            comment=metadata.description or None,
            created_at=metadata.created_time,
        )

    def column(self, name: str) -> dict[str, Any]:
        """Return a column by its name in any case.

        Raises:
            DeltaError: SCHEMA when there is none.
        """
        for one in self.fields:
            if one["name"].lower() == name.lower():
                return one
        raise DeltaError(DeltaErrorKind.SCHEMA, f"Column `{name}` is not in the table.")

    def action(self) -> Action:
        """Return the log's entry."""
        return {
            "metaData": {
                "id": self.table_id,
                "description": self.comment,
                "format": {"provider": "parquet", "options": {}},
                "schemaString": json.dumps({"type": "struct", "fields": self.fields}),
                "partitionColumns": self.partition_columns,
                "createdTime": self.created_at,
                "configuration": self.configuration,
            }
        }


def metadata_actions(table: DeltaTable | None, metadata: Metadata) -> list[Action]:
    """Return the log's entries that give a table new metadata, and the protocol that this needs.

    Args:
        table: the table as it is; None for a new one.
        metadata: what it is to be.
    """
    features = needed(metadata.fields, metadata.configuration)
    if table is None:
        return [{"protocol": protocol(features)}, metadata.action()]
    old = table.protocol()
    now = old.min_reader_version, old.min_writer_version
    readers, writers = old.reader_features or [], old.writer_features or []
    after = protocol(features, *now, readers, writers)
    same = now == (after["minReaderVersion"], after["minWriterVersion"]) and set(writers) >= set(
        after.get("writerFeatures", ())
    )
    return [metadata.action()] if same else [{"protocol": after}, metadata.action()]


def writable(table: DeltaTable) -> None:
    """Check that a table has no feature that we would break.

    Raises:
        DeltaError: UNSUPPORTED.
    """
    protocol = table.protocol()
    refuse_features({*(protocol.reader_features or ()), *(protocol.writer_features or ())})
    # Version 5 brings column mapping and 6 identity columns, unlisted.
    if (
        5 <= protocol.min_writer_version <= 6
        and table.metadata().configuration.get("delta.columnMapping.mode", "none") != "none"
    ):
        raise DeltaError(DeltaErrorKind.UNSUPPORTED, "Tables with column mapping are not supported.")


def current(location: str) -> tuple[DeltaTable | None, int]:
    """Return the table at a location, open for writing, and its version; -1 when there is none.

    A table that was made without columns cannot be opened; it has a version, and nothing else to keep.

    Raises:
        DeltaError: UNSUPPORTED when writing would break it.
    """
    if not exists(location):
        return None, -1
    try:
        table = open_table(location)
    except DeltaError as error:
        if error.kind is not DeltaErrorKind.NO_COLUMNS:
            raise
        return None, max(version for version, _ in _files(location))
    writable(table)
    return table, table.version()


def table_id(location: str) -> str:
    """Return the identifier that the log gives to a table, which may have no columns yet.

    Raises:
        DeltaError: NOT_FOUND.
    """
    try:
        return str(open_table(location).metadata().id)
    except DeltaError as error:
        if error.kind is not DeltaErrorKind.NO_COLUMNS:
            raise
    for _, path in sorted(_files(location), reverse=True):
        for line in path.read_text(encoding="utf-8").splitlines():
            action: Action = json.loads(line)
            if "metaData" in action:
                return str(action["metaData"]["id"])
    raise DeltaError(DeltaErrorKind.NOT_FOUND, f"The log of {location} has no metadata.")


def _files(location: str) -> Iterator[tuple[int, Path]]:
    for path in (local_path(location) / "_delta_log").glob("*.json"):
        if path.stem.isdigit():
            yield int(path.stem), path


def append_log(location: str, version: int, actions: Sequence[Action]) -> None:
    """Write one file of a table's log, whole or not at all; only one writer can make it.

    Args:
        location: the table's folder.
        version: the version that it makes.
        actions: its lines.

    Raises:
        DeltaError: CONFLICT when another writer made the version; UNSUPPORTED.
    """
    if version == 0:
        _refuse_awkward(location)
    folder = local_path(location) / "_delta_log"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{version:020}.json"
    temporary = folder / f"_{uuid.uuid4()}.tmp"
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(action, ensure_ascii=False) + "\n" for action in actions)
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, target)
    except FileExistsError:
        raise DeltaError(DeltaErrorKind.CONFLICT, f"Another writer made version {version} first.") from None
    finally:
        temporary.unlink(missing_ok=True)
    if version and version % _CHECKPOINT_INTERVAL == 0:
        with mapped():
            DeltaTable(location).create_checkpoint()


def _refuse_awkward(location: str) -> None:
    """Refuse a new table where the engine would not find it: it encodes such paths once too often.

    Raises:
        DeltaError: UNSUPPORTED.
    """
    path = str(local_path(location))
    character = awkward_character(path)
    if character is not None:
        raise DeltaError(
            DeltaErrorKind.UNSUPPORTED,
            f"A table cannot be kept in '{path}': its path has the character {character!r}.",
        )


def awkward_character(path: str) -> str | None:
    """Return the first character of a path for which the engine would not find a table there, or None."""
    found = _AWKWARD.search(path)
    return found.group() if found else None


def local_path(location: str) -> Path:
    """Return a table's folder.

    Raises:
        DeltaError: UNSUPPORTED when it lies in an object store.
    """
    parsed = urlparse(location)
    if parsed.scheme not in ("", "file"):
        raise DeltaError(
            DeltaErrorKind.UNSUPPORTED, f"Tables on {parsed.scheme}:// can be read but not written."
        )
    return Path(unquote(parsed.path) if parsed.scheme else location)
