"""Records into a table: appended, in the place of others, or into a table made for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

from lakestead.client.sql.retries import Statement
from lakestead.core.datatypes import VARIANT
from lakestead.core.names import quote, quote_name, quote_string, split_name
from lakestead.records.changes import Changes, changes
from lakestead.records.fitting import Fitting
from lakestead.records.relation import Relation, relation, stored
from lakestead.records.sources import Records
from lakestead.records.target import Target, describe

if TYPE_CHECKING:
    from lakestead.records.connector import DatabricksConnector

Mode = Literal["append", "overwrite", "create"]


def write(
    connector: DatabricksConnector,
    records: Records,
    target: str,
    mode: Mode,
    *,
    where: str | None,
    params: Mapping[str, Any] | None,
    evolve: bool,
    schema: Mapping[str, str] | None,
    volume: str | None,
) -> Changes:
    """Write records; see `DatabricksConnector.write_records`."""
    if mode not in get_args(Mode):
        raise ValueError(f"mode is one of {', '.join(get_args(Mode))}, not {mode!r}")
    if where is not None and (mode != "overwrite" or not where.strip()):
        raise ValueError("where says which rows are overwritten: give a predicate, and mode='overwrite'")
    if mode == "create":
        return _create(connector, Fitting(records, None, schema=schema), target, volume)
    table = describe(connector.execute, target)
    fitting = Fitting(records, table, new_columns=evolve, schema=schema)
    if mode == "append":
        return _append(connector, fitting, table, volume)
    return _overwrite(connector, fitting, table, where, dict(params or {}), volume)


def _append(connector: DatabricksConnector, fitting: Fitting, table: Target, volume: str | None) -> Changes:
    with relation(fitting, lambda: connector.staging(table.parts, volume), stage=bool(fitting.new)) as source:
        if not source.rows:
            return Changes()
        if source.staged:
            # COPY INTO loads a file once, so that it may be sent again.
            connector.execute(Statement(_copy(table, fitting, source)), None).close()
            return Changes(inserted=source.rows)
        columns = ", ".join(map(quote, source.columns))
        statement = f"INSERT INTO {table.sql} ({columns}) {source.query}"
        answer = connector.execute(statement, source.params).records()
        return changes(answer[0], inserted=source.rows)


def _copy(table: Target, fitting: Fitting, source: Relation) -> str:
    assert source.staged is not None
    files = quote_string(source.staged.folder)
    if not source.is_plain or len(source.columns) < len(fitting.fields):
        pairs = zip(source.columns, source.kinds, strict=True)
        files = f"(SELECT {', '.join(stored(name, kind) for name, kind in pairs)} FROM {files})"
    merge = " COPY_OPTIONS ('mergeSchema' = 'true')" if fitting.new else ""
    return f"COPY INTO {table.sql} FROM {files} FILEFORMAT = PARQUET{merge}"


def _overwrite(
    connector: DatabricksConnector,
    fitting: Fitting,
    table: Target,
    where: str | None,
    params: dict[str, Any],
    volume: str | None,
) -> Changes:
    with relation(fitting, lambda: connector.staging(table.parts, volume)) as source:
        condition = f" WHERE {where}" if where else ""
        if not source.rows:
            statement = Statement(f"DELETE FROM {table.sql}{condition}")
            return Changes(deleted=affected(connector.execute(statement, params).records()))
        count = f"SELECT count(*) AS n FROM {table.sql}{condition}"
        before = connector.execute(count, params).records()[0]["n"]
        table = add_columns(connector, table, fitting)
        if where is None:
            columns = ", ".join(map(quote, source.columns))
            statement = Statement(f"INSERT OVERWRITE {table.sql} ({columns}) {source.query}")
        else:
            # It takes no list of columns: those that records lack become null.
            all_columns = ", ".join(
                quote(name) if name in source.columns else f"CAST(NULL AS {kind.sql}) AS {quote(name)}"
                for name, kind in table.columns.items()
            )
            statement = Statement(
                f"INSERT INTO {table.sql} REPLACE WHERE {where} SELECT {all_columns} FROM ({source.query})"
            )
        connector.execute(statement, params | source.params).close()
        return Changes(inserted=source.rows, deleted=before)


def _create(connector: DatabricksConnector, fitting: Fitting, target: str, volume: str | None) -> Changes:
    parts = split_name(target)
    name = quote_name(*parts)
    if fitting.first is None or not len(fitting.first):
        columns = ", ".join(f"{quote(column)} {kind.sql}" for column, kind in fitting.fields.items())
        connector.execute(f"CREATE TABLE {name} ({columns})", None).close()
        return Changes()
    # In one statement, lest a failure leave an empty table.
    with relation(fitting, lambda: connector.staging(parts, volume), stage=True) as source:
        assert source.staged is not None
        columns = ", ".join(
            quote(column) if kind == VARIANT else f"CAST({quote(column)} AS {kind.sql}) AS {quote(column)}"
            for column, kind in fitting.fields.items()
        )
        connector.execute(f"CREATE TABLE {name} AS SELECT {columns} FROM ({source.query})", None).close()
        return Changes(inserted=source.rows)


def add_columns(connector: DatabricksConnector, table: Target, fitting: Fitting) -> Target:
    """Add a fitting's new columns to a table; return the table as it then is."""
    if not fitting.new:
        return table
    columns = ", ".join(f"{quote(name)} {kind.sql}" for name, kind in fitting.new.items())
    connector.execute(f"ALTER TABLE {table.sql} ADD COLUMNS ({columns})", None).close()
    return Target(table.parts, table.columns | fitting.new)


def affected(answer: list[dict[str, Any]]) -> int:
    """Return how many rows a statement says it changed."""
    return int(answer[0]["num_affected_rows"])
