"""OPTIMIZE: small files joined, rows ordered by several columns at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from lakestead.core.names import quote
from lakestead.engine import delta
from lakestead.engine.delta import Commit, Filter, Optimized
from lakestead.engine.delta.remove import partition_values
from lakestead.workspace.catalog import locations
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.sql.context import Context, rows
from lakestead.workspace.sql.dml import guarded
from lakestead.workspace.sql.dml.write import Target, hold, refusals
from lakestead.workspace.sql.grammar import ast
from lakestead.workspace.sql.service import Outcome

_SIZES = "struct<min:bigint,max:bigint,avg:double,totalFiles:bigint,totalSize:bigint>"
_COUNT = "struct<num:bigint,size:bigint>"
_CUBES = (
    f"struct<strategyName:string,inputCubeFiles:{_COUNT},inputOtherFiles:{_COUNT},inputNumCubes:bigint,"
    f"mergedFiles:{_COUNT},numOutputCubes:bigint,mergedNumCubes:bigint>"
)
_CLUSTERS = (
    f"struct<inputZCubeFiles:{_COUNT},inputOtherFiles:{_COUNT},inputNumZCubes:bigint,mergedFiles:{_COUNT},"
    "numOutputZCubes:bigint>"
)
_PARALLELISM = (
    "struct<maxClusterActiveParallelism:bigint,minClusterActiveParallelism:bigint,"
    "maxSessionActiveParallelism:bigint,minSessionActiveParallelism:bigint>"
)
_METRICS = (
    f"struct<numFilesAdded:bigint,numFilesRemoved:bigint,filesAdded:{_SIZES},filesRemoved:{_SIZES},"
    f"partitionsOptimized:bigint,zOrderStats:{_CUBES},clusteringStats:{_CLUSTERS},numBins:bigint,"
    "numBatches:bigint,totalConsideredFiles:bigint,totalFilesSkipped:bigint,preserveInsertionOrder:boolean,"
    "numFilesSkippedToReduceWriteAmplification:bigint,numBytesSkippedToReduceWriteAmplification:bigint,"
    "startTimeMs:bigint,endTimeMs:bigint,totalClusterParallelism:bigint,totalScheduledTasks:bigint,"
    f"autoCompactParallelismStats:{_PARALLELISM},deletionVectorStats:struct<numDeletionVectorsRemoved:bigint,"
    "numDeletionVectorRowsRemoved:bigint>,numTableColumns:bigint,numTableColumnsWithStats:bigint>"
)
# Files have statistics on so many columns, the first ones.
_STATISTICS_COLUMNS = 32


def optimize(ctx: Context, command: ast.Optimize) -> Outcome:
    """Carry out OPTIMIZE; tables with clustering columns are ordered by them.

    Raises:
        ApiError: the predicate is not on partition columns alone, or ZORDER BY names what rows cannot be
            ordered by.
    """
    with hold(ctx, command.table) as target, refusals():
        order = _order(target, command)
        predicate = command.where.text if command.where else None
        parameters = {
            "predicate": "[]" if predicate is None else f"[{predicate}]",
            "zOrderBy": f"[{','.join(order if command.zorder_by else [])}]",
            "clusterBy": f"[{','.join([] if command.zorder_by else order)}]",
        }
        commit = Commit("OPTIMIZE", parameters, user=ctx.principal.name)
        parts: list[Optimized] = []
        for where in [()] if predicate is None else _partitions(ctx, target, predicate):
            ctx.statement.check()
            parts.append(delta.optimize(target.location, commit, where=where, zorder_by=order))
        metrics = _metrics(parts, len(target.columns), order, clusters=not command.zorder_by)
        location = locations.url(target.location)
    return rows([("path", "string"), ("metrics", _METRICS)], [(location, metrics)])


def _order(target: Target, command: ast.Optimize) -> list[str]:
    """Return the columns to order by, as the table writes them."""
    clustering: list[str] = target.table.spec.get("clustering_columns") or []
    if not command.zorder_by:
        return list(clustering)
    if clustering:
        raise ApiError(
            ErrorCode.INVALID_STATEMENT,
            "OPTIMIZE command for Delta table with clustering columns doesn't support ZORDER BY.",
            condition="DELTA_CLUSTERING_WITH_ZORDER_BY",
            sqlstate="42613",
        )
    if any(len(name) > 1 for name in command.zorder_by):
        raise unsupported("ZORDER BY a field of a struct")
    order = [target.column(name[0]).name for name in command.zorder_by]
    partitioned = [name for name in order if name in target.table.spec.get("partition_columns", [])]
    if partitioned:
        raise ApiError(
            ErrorCode.INVALID_STATEMENT,
            f"{quote(partitioned[0])} is a partition column. Z-Ordering can only be performed on data "
            "columns.",
            condition="DELTA_ZORDERING_ON_PARTITION_COLUMN",
            sqlstate="42P10",
        )
    return order


def _partitions(ctx: Context, target: Target, predicate: str) -> list[Sequence[Filter]]:
    """Return filters for the partitions for which a predicate holds, one for each."""
    known = {name.lower(): name for name in target.table.spec.get("partition_columns", [])}
    try:
        tree = sqlglot.parse_one(predicate, dialect="databricks")
    except SqlglotError:
        raise ApiError(ErrorCode.SYNTAX_ERROR, f"Syntax error at or near '{predicate[:80]}'.") from None
    foreign = [column.name for column in tree.find_all(exp.Column) if column.name.lower() not in known]
    if foreign or tree.find(exp.Select):
        raise ApiError(
            ErrorCode.INVALID_STATEMENT,
            f"Predicate references non-partition column '{foreign[0] if foreign else predicate}'. Only the "
            f"partition columns may be referenced: [{', '.join(known.values())}].",
            condition="DELTA_UNSUPPORTED_OPTIMIZE_PREDICATE",
            sqlstate="0A000",
        )
    guarded.refuse(ctx, target, "OPTIMIZE … WHERE", predicate)
    columns = ", ".join(quote(name) for name in known.values())
    bound = target.binder.expression(predicate)
    found = ctx.query(f"SELECT DISTINCT {columns} FROM {target.name} WHERE {bound}").to_pylist()
    if any(value is None for row in found for value in row.values()):
        raise unsupported("OPTIMIZE … WHERE on partitions whose value is NULL")
    return [[(name, "=", text or "") for name, text in partition_values(row).items()] for row in found]


def _metrics(
    parts: Sequence[Optimized], columns: int, order: Sequence[str], *, clusters: bool
) -> dict[str, Any]:
    added = [size for part in parts for size in part.added]
    removed = [size for part in parts for size in part.removed]
    merged = {"num": len(removed), "size": sum(removed)}
    none = {"num": 0, "size": 0}
    cubes = {
        "strategyName": "all",
        "inputCubeFiles": none,
        "inputOtherFiles": merged,
        "inputNumCubes": 0,
        "mergedFiles": merged,
        "numOutputCubes": len(parts),
        "mergedNumCubes": None,
    }
    clustered = {
        "inputZCubeFiles": none,
        "inputOtherFiles": merged,
        "inputNumZCubes": 0,
        "mergedFiles": merged,
        "numOutputZCubes": len(parts),
    }
    return {
        "numFilesAdded": len(added),
        "numFilesRemoved": len(removed),
        "filesAdded": _sizes(added),
        "filesRemoved": _sizes(removed),
        "partitionsOptimized": sum(part.partitions for part in parts),
        "zOrderStats": cubes if order and not clusters else None,
        "clusteringStats": clustered if order and clusters else None,
        "numBins": 0,
        "numBatches": sum(part.batches for part in parts),
        "totalConsideredFiles": sum(part.considered for part in parts),
        "totalFilesSkipped": sum(part.skipped for part in parts),
        "preserveInsertionOrder": all(part.keeps_order for part in parts),
        "numFilesSkippedToReduceWriteAmplification": 0,
        "numBytesSkippedToReduceWriteAmplification": 0,
        "startTimeMs": min((part.started_at for part in parts), default=0),
        "endTimeMs": max((part.ended_at for part in parts), default=0),
        "totalClusterParallelism": 1,
        "totalScheduledTasks": len(parts),
        "autoCompactParallelismStats": None,
        "deletionVectorStats": {"numDeletionVectorsRemoved": 0, "numDeletionVectorRowsRemoved": 0},
        "numTableColumns": columns,
        "numTableColumnsWithStats": min(columns, _STATISTICS_COLUMNS),
    }


def _sizes(sizes: Sequence[int]) -> dict[str, Any]:
    return {
        "min": min(sizes, default=None),
        "max": max(sizes, default=None),
        "avg": sum(sizes) / len(sizes) if sizes else 0.0,
        "totalFiles": len(sizes),
        "totalSize": sum(sizes),
    }
