"""What must hold between a job's fields: one function for each rule, each says which field to change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from .job import Job

Mistakes: TypeAlias = Iterator[tuple[str, str]]
"""Field, and what is wrong with it and what to do."""

DATABASES = frozenset(
    {"postgres", "postgresql", "mysql", "mariadb", "mssql", "azure_sql", "oracle", "sqlite", "duckdb"}
)
APIS = frozenset({"api", "rest_api"})
FILES = frozenset({"filesystem"})

_OF_DATABASES = ("query", "partition_column")
_OF_APIS = ("api_endpoint", "pagination_type", "auth_type", "page_size", "data_selector", "params")
_OF_FILES = ("path", "file_format", "format_options", "incremental_by")


def one_thing_to_read(job: Job) -> Mistakes:
    """A job reads a table, a query, an API's resource, or files."""
    if job.query and job.table_name:
        yield "query", "cannot go with table_name; leave one of them empty"
    if job.source_type in APIS and not (job.api_endpoint or job.table_name):
        yield "api_endpoint", f"is needed for source type {job.source_type}: the resource's path"
    elif job.source_type in FILES and not (job.path or job.table_name):
        yield "path", "is needed for source type filesystem: a URL or folder, e.g. s3://bucket/in/*.csv"
    elif not (job.table_name or job.query or job.api_endpoint or job.path):
        yield "table_name", "is needed, or a query"


def a_target(job: Job) -> Mistakes:
    """The target's name is given, or is the table's."""
    if not job.table_name and not job.target_table and (job.query or job.api_endpoint or job.path):
        yield "target_table", "is needed where there is no table_name"


def fields_of_the_source(job: Job) -> Mistakes:
    """A field that the kind of source does not know would be ignored."""
    allowed: tuple[str, ...]
    if job.source_type in DATABASES:
        allowed = _OF_DATABASES
    elif job.source_type in APIS:
        allowed = _OF_APIS
    elif job.source_type in FILES:
        allowed = _OF_FILES
    else:  # an installed package's kind of source: only it knows
        return
    for kinds, fields in (("databases", _OF_DATABASES), ("APIs", _OF_APIS), ("files", _OF_FILES)):
        for field in fields if fields is not allowed else ():
            if getattr(job, field):
                yield field, f"is for {kinds}, not for source type {job.source_type}; leave it empty"


def no_target_for_many(job: Job) -> Mistakes:
    """The tables of a pattern have the same fields, and so no field that can be only one table's."""
    if not job.is_pattern:
        return
    for field in ("target_table", "query"):
        if getattr(job, field):
            yield field, f"cannot be given for all tables like '{job.table_name}'; leave it empty"


def incremental_is_told_by_something(job: Job) -> Mistakes:
    """Something tells which rows are new."""
    if job.load_type != "INCREMENTAL":
        return
    if job.path or job.source_type in FILES:
        if not job.incremental_by and not job.watermark_column:
            yield "incremental_by", "is needed for INCREMENTAL files: modified, name or folder_date"
    elif not job.watermark_column:
        yield "watermark_column", "is needed for load_type INCREMENTAL"


def watermarks_have_a_column(job: Job) -> Mistakes:
    """Values of a watermark say nothing without the column."""
    if job.watermark_column or job.incremental_by:
        return
    for field in ("last_watermark", "lag", "end_value"):
        if getattr(job, field) is not None:
            yield field, "needs a watermark_column"


def incremental_keeps_the_rest(job: Job) -> Mistakes:
    """New rows alone do not tell what the whole table is."""
    if job.load_type == "INCREMENTAL" and job.strategy in ("replace", "mirror"):
        yield (
            "strategy",
            f"'{job.strategy}' with load_type INCREMENTAL would remove all rows that are not new;"
            " use load_type FULL, or merge, append, delete+insert or scd2",
        )


def keys_of_what_declares_none(job: Job) -> Mistakes:
    """Tables may declare a primary key; queries, APIs and files cannot."""
    wants_key = job.strategy in ("merge", "delete+insert", "scd2", "mirror")
    declares_none = job.query or job.source_type in APIS | FILES
    if wants_key and declares_none and not job.primary_key:
        yield "primary_key", f"is needed for strategy {job.strategy}: the columns that identify a row"


def keys_are_read(job: Job) -> Mistakes:
    """A selection of columns has those that the load needs."""
    if not job.columns:
        return
    read = {column.lower() for column in job.columns}
    wanted = {
        "primary_key": job.primary_key,
        "watermark_column": (job.watermark_column,) if job.watermark_column else (),
        "cluster_by": job.cluster_by,
        "types": tuple(job.types),
    }
    for field, columns in wanted.items():
        for column in columns:
            if column.lower() not in read:
                yield field, f"names the column '{column}', which 'columns' leaves out; add it there"


def partitions_have_a_use(job: Job) -> Mistakes:
    """A column to split by, and into how many."""
    if job.partition_column and job.partitions == 1:
        yield "partition_column", "has no effect with one partition; set partitions to 2 or more"
    if job.partitions > 1 and job.source_type in APIS | FILES:
        yield "partitions", f"is for databases, not for source type {job.source_type}; leave it empty"


def format_of_a_filesystem(job: Job) -> Mistakes:
    """Unity Catalog's tables are Delta."""
    if job.target_format and job.destination_type == "databricks":
        yield "target_format", "is for destination_type filesystem; leave it empty"


def not_for_files(job: Job) -> Mistakes:
    """Files are added, or make way for others; they are no tables of Unity Catalog."""
    if job.strategy not in (None, "append", "replace"):
        yield (
            "strategy",
            f"'{job.strategy}' changes rows that are there, which a filesystem cannot: use append or replace,"
            " or destination_type databricks",
        )
    elif job.strategy is None and job.load_type == "INCREMENTAL" and job.primary_key:
        yield (
            "primary_key",
            "asks for the strategy merge, which a filesystem does not have: add strategy append (a row that"
            " has changed is then there in each version), or use destination_type databricks",
        )
    given = ("target_catalog", "tags", "cluster_by", *(("comment",) if job.target_format != "delta" else ()))
    for field in given:
        if getattr(job, field):
            yield field, "is for destination_type databricks, not for a filesystem; leave it empty"


def can_be_loaded_into_files(job: Job) -> Mistakes:
    """A job that names its destination is asked what that can do."""
    if job.destination_type == "filesystem":
        yield from not_for_files(job)


def names_are_there_once(job: Job) -> Mistakes:
    """A column that is named twice is a slip."""
    for field in ("primary_key", "columns", "cluster_by"):
        names = [name.lower() for name in getattr(job, field)]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield field, f"names the column '{name}' twice"


RULES: tuple[Callable[[Job], Mistakes], ...] = (
    one_thing_to_read,
    a_target,
    fields_of_the_source,
    no_target_for_many,
    incremental_is_told_by_something,
    watermarks_have_a_column,
    incremental_keeps_the_rest,
    keys_of_what_declares_none,
    keys_are_read,
    partitions_have_a_use,
    format_of_a_filesystem,
    can_be_loaded_into_files,
    names_are_there_once,
)
