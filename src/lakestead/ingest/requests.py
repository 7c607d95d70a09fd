"""What a job asks of its source, and what its rows are in the target."""

from __future__ import annotations

from typing import Any

from lakestead.core.errors import ConfigError
from lakestead.ingest.jobs import Job
from lakestead.ingest.loading.package import StagedColumn
from lakestead.ingest.naming import column_names
from lakestead.ingest.sources.source import Request, Shape, Window

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


def request(job: Job, window: Window | None) -> Request:
    """Return what a job asks of its source.

    Args:
        job: of one table, not of a pattern.
        window: the rows wanted; all if None.
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
        window=window,
        partition_column=job.partition_column,
        partitions=job.partitions,
        chunk_size=job.chunk_size,
        options=options,
    )


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
