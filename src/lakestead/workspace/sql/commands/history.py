"""DESCRIBE HISTORY and DESCRIBE DETAIL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from lakestead.core.names import quote_name
from lakestead.engine import delta
from lakestead.engine.delta.protocol import legacy_features
from lakestead.workspace.access import Access
from lakestead.workspace.catalog import locations
from lakestead.workspace.catalog.lookup import get
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql import sources
from lakestead.workspace.sql.context import Context, Verb, rows
from lakestead.workspace.sql.dml.write import refusals
from lakestead.workspace.sql.grammar import ast
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.store.objects import Kind
from lakestead.workspace.store.principals import Identity
from lakestead.workspace.system.tables import SYSTEM

_HISTORY = (
    ("version", "bigint"),
    ("timestamp", "timestamp"),
    ("userId", "string"),
    ("userName", "string"),
    ("operation", "string"),
    ("operationParameters", "map<string,string>"),
    (
        "job",
        "struct<jobId:string,jobName:string,jobRunId:string,runId:string,jobOwnerId:string,triggerType:string>",
    ),
    ("notebook", "struct<notebookId:string>"),
    ("clusterId", "string"),
    ("readVersion", "bigint"),
    ("isolationLevel", "string"),
    ("isBlindAppend", "boolean"),
    ("operationMetrics", "map<string,string>"),
    ("userMetadata", "string"),
    ("engineInfo", "string"),
)
_DETAIL = (
    ("format", "string"),
    ("id", "string"),
    ("name", "string"),
    ("description", "string"),
    ("location", "string"),
    ("createdAt", "timestamp"),
    ("lastModified", "timestamp"),
    ("partitionColumns", "array<string>"),
    ("clusteringColumns", "array<string>"),
    ("numFiles", "bigint"),
    ("sizeInBytes", "bigint"),
    ("properties", "map<string,string>"),
    ("minReaderVersion", "int"),
    ("minWriterVersion", "int"),
    ("tableFeatures", "array<string>"),
    ("statistics", "map<string,bigint>"),
    ("clusterByAuto", "boolean"),
)


def describe_history(ctx: Context, command: ast.DescribeHistory) -> Outcome:
    """Carry out DESCRIBE HISTORY."""
    location = _located(ctx, command.table).location
    with refusals():
        versions = delta.history(location, command.limit)
    with ctx.store.read() as tx:
        names = {one.user for one in versions if one.user}
        found = tx.execute(select(Identity.name, Identity.id).where(Identity.name.in_(names)))
        ids = {name: str(number) for name, number in found}
    values = [
        (
            one.version,
            one.timestamp,
            ids.get(one.user or ""),
            one.user,
            one.operation,
            list(one.parameters.items()),
            None,
            None,
            None,
            one.read_version,
            "WriteSerializable",
            one.is_blind_append,
            list(one.metrics.items()),
            None,
            one.engine,
        )
        for one in versions
    ]
    return rows(_HISTORY, values)


def describe_detail(ctx: Context, command: ast.DescribeDetail) -> Outcome:
    """Carry out DESCRIBE DETAIL."""
    table = _located(ctx, command.table)
    location = table.location
    with refusals():
        state = delta.state(location)
        newest = delta.history(location, 1)[0]
    detail = (
        "delta",
        state.table_id,
        table.name,
        state.comment,
        locations.url(location),
        datetime.fromtimestamp(state.created_at / 1000, UTC),
        newest.timestamp,
        list(state.partition_columns),
        table.clustering,
        state.files,
        state.size,
        list(state.configuration.items()),
        state.min_reader_version,
        state.min_writer_version,
        sorted({*state.features, *legacy_features(state.min_writer_version)}),
        [("numRowsDeletedByDeletionVectors", 0), ("numDeletionVectors", 0)],
        False,
    )
    return rows(_DETAIL, [detail])


@dataclass(frozen=True, slots=True)
class _Table:
    """A table as a command names it; one given by its path has no name."""

    location: str
    name: str | None = None
    clustering: tuple[str, ...] = ()


def _located(ctx: Context, name: ast.Name) -> _Table:
    with ctx.store.read() as tx:
        if _is_path(name):
            return _Table(sources.folder(ctx, tx, ctx.principal, name[1]))
        path = ctx.full_name(name)
        table = get(tx, Kind.TABLE, path)
        if table.location is None:
            raise ApiError(ErrorCode.TABLE_EXPECTED, f"{quote_name(*path)} is a view; a table is expected.")
        if path[0] == SYSTEM:
            ctx.system.refresh(".".join(path[1:]))
        return _Table(table.location, table.full_name, tuple(table.spec.get("clustering_columns") or ()))


def _is_path(name: ast.Name) -> bool:
    return len(name) == 2 and name[0].lower() == "delta" and "/" in name[1]


def _access(ctx: Context, command: ast.DescribeHistory | ast.DescribeDetail) -> Iterable[Access]:
    # Paths are authorised where they are resolved.
    return () if _is_path(command.table) else [Access("SELECT", Kind.TABLE, ctx.full_name(command.table))]


VERBS: dict[type, Verb] = {
    ast.DescribeHistory: Verb(_access, describe_history, "DESCRIBE"),
    ast.DescribeDetail: Verb(_access, describe_detail, "DESCRIBE"),
}
