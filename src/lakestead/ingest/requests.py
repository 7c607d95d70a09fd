"""What a job asks of its source, and what its rows are in the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from lakestead.core.datatypes import DataType
from lakestead.core.errors import ConfigError
from lakestead.ingest.jobs import Job
from lakestead.ingest.loading.package import StagedColumn
from lakestead.ingest.loading.windows import Backfill, window
from lakestead.ingest.naming import column_names
from lakestead.ingest.sources.source import Cursor, Request, Shape, Source, Window

OPTIONS = (
    "api_endpoint",
    "pagination_type",
    "auth_type",
    "page_size",
    "data_selector",
    "params",
    "path",
    "file_format",
    "format_options",
    "incremental_by",
)


def request(job: Job, window: Window | None, known: Mapping[str, DataType] = MappingProxyType({})) -> Request:
    """Return what a job asks of its source.

    Args:
        job: of one table, not of a pattern.
        window: the rows wanted; all if None.
        known: the target's columns and their types.
    """
    options: dict[str, Any] = {
        name: value for name in OPTIONS if (value := getattr(job, name)) not in (None, {}, ())
    }
    return Request(
        table=job.table_name,
        schema=job.schema_name,
        query=job.query,
        columns=job.columns,
        types=job.types,
        known={name.lower(): kind for name, kind in known.items()},
        window=window,
        partition_column=job.partition_column,
        partitions=job.partitions,
        chunk_size=job.chunk_size,
        options=options,
    )


def looked_at(
    job: Job,
    source: Source,
    cursor: Cursor | None,
    backfill: Backfill | None,
    known: Mapping[str, DataType] = MappingProxyType({}),
) -> tuple[Shape, Request, Window | None]:
    """Look at a job's source: return its columns, what to ask of it, and the window of that.

    Files and APIs have to be read for their columns to be known: they are asked for what is new and no more.

    Args:
        job: of one table, not of a pattern.
        source: the job's.
        cursor: how far the job has come.
        backfill: a part of the past to read instead.
        known: the target's columns and their types.
    """
    if job.incremental_by is None and job.api_endpoint is None:
        shape = source.shape(request(job, None, known))
        rows = window(job, shape, cursor, backfill)
        return shape, request(job, rows, known), rows
    rows = window(job, None, cursor, backfill)
    wanted = request(job, rows, known)
    shape = source.shape(wanted)
    spelled = {column.name.lower(): column.name for column in shape.columns}
    if rows is not None:
        rows = replace(rows, column=spelled.get(rows.column.lower(), rows.column))
    return shape, wanted, rows


def staged_columns(shape: Shape) -> tuple[StagedColumn, ...]:
    """Return a source's columns with the names that they get in a table.

    Raises:
        ConfigError: when two would get the same.
    """
    names = column_names(column.name for column in shape.columns)
    return tuple(
        StagedColumn(column.name, names[column.name], column.type.sql, column.comment)
        for column in shape.columns
    )


def key_columns(job: Job, shape: Shape) -> tuple[str, ...]:
    """Return the names, in a table, of the columns that identify a row; the job's, or the source's.

    Raises:
        ConfigError: when the job names one that the source does not have.
    """
    known = {column.source.lower(): column.name for column in staged_columns(shape)}
    wanted = job.primary_key or shape.primary_key
    unknown = [name for name in wanted if name.lower() not in known]
    if unknown and job.primary_key:
        raise ConfigError(
            f"job '{job.name}': there is no primary_key column '{unknown[0]}'; there are"
            f" {', '.join(known.values())}"
        )
    # A key that the source declares counts only if all of it is read.
    return () if unknown else tuple(known[name.lower()] for name in wanted)
