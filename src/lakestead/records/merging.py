"""Records matched with a table's rows by key: MERGE."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

from lakestead.client.sql.retries import Statement
from lakestead.core.errors import SourceError
from lakestead.core.names import quote
from lakestead.records.changes import Changes, changes
from lakestead.records.fitting import Fitting
from lakestead.records.relation import Relation, relation
from lakestead.records.sources import Records
from lakestead.records.target import Target, describe, primary_key
from lakestead.records.writing import add_columns

if TYPE_CHECKING:
    from lakestead.records.connector import DatabricksConnector

Mode = Literal["upsert", "insert", "update", "mirror"]

_NAMED_KEYS = 5


def merge(
    connector: DatabricksConnector,
    records: Records,
    target: str,
    mode: Mode,
    *,
    keys: Sequence[str] | str | None,
    evolve: bool,
    volume: str | None,
) -> Changes:
    """Merge records; see `DatabricksConnector.upsert_records`."""
    if mode not in get_args(Mode):
        raise ValueError(f"mode is one of {', '.join(get_args(Mode))}, not {mode!r}")
    table = describe(connector.execute, target)
    names = keys_of(connector, table, keys)
    fitting = Fitting(records, table, new_columns=evolve)
    with relation(fitting, lambda: connector.staging(table.parts, volume)) as source:
        if not source.rows:
            if mode == "mirror":
                raise SourceError(
                    f"there are no records: to mirror them would delete every row of {table.name};"
                    " say so with write_records([], …, mode='overwrite')"
                )
            return Changes()
        missing = [name for name in names if name not in source.columns]
        if missing:
            raise SourceError(f"the records have no column {', '.join(missing)}, which is their key")
        _refuse_duplicates(connector, names, source)
        table = add_columns(connector, table, fitting)
        statement = _statement(table, names, source, mode)
        if statement is None:
            return Changes()
        return changes(connector.execute(statement, source.params).records()[0])


def keys_of(
    connector: DatabricksConnector, table: Target, keys: Sequence[str] | str | None
) -> tuple[str, ...]:
    """Return the columns that identify a table's rows: those given, else its primary key, else `id`.

    Raises:
        SourceError: the table has no such columns.
    """
    if keys is not None:
        named = table.require([keys] if isinstance(keys, str) else keys)
        if not named:
            raise ValueError("keys is empty: name the columns that identify a row")
        return named
    found = primary_key(connector.execute, connector.full_name(table.parts))
    if found:
        return table.require(found)
    fallback = table.find("id")
    if fallback is None:
        raise SourceError(
            f"table {table.name} has no primary key and no column 'id': name by `keys` what identifies a row"
        )
    return (fallback,)


def matches(keys: Sequence[str]) -> str:
    """Return the condition that source and target are one row; null is equal to null."""
    return " AND ".join(f"target.{quote(key)} <=> source.{quote(key)}" for key in keys)


def _statement(table: Target, keys: Sequence[str], source: Relation, mode: Mode) -> Statement | None:
    others = [name for name in source.columns if name not in keys]
    clauses = []
    if mode != "insert" and others:
        assigned = ", ".join(f"target.{quote(name)} = source.{quote(name)}" for name in others)
        clauses.append(f"WHEN MATCHED THEN UPDATE SET {assigned}")
    if mode != "update":
        columns = ", ".join(map(quote, source.columns))
        values = ", ".join(f"source.{quote(name)}" for name in source.columns)
        clauses.append(f"WHEN NOT MATCHED THEN INSERT ({columns}) VALUES ({values})")
    if mode == "mirror":
        clauses.append("WHEN NOT MATCHED BY SOURCE THEN DELETE")
    if not clauses:
        return None
    return Statement(
        f"MERGE INTO {table.sql} AS target USING ({source.query}) AS source ON {matches(keys)} "
        + " ".join(clauses)
    )


def _refuse_duplicates(connector: DatabricksConnector, keys: Sequence[str], source: Relation) -> None:
    """Say which keys come twice, which MERGE itself does not."""
    columns = ", ".join(map(quote, keys))
    twice: list[dict[str, Any]] = connector.execute(
        f"SELECT {columns}, count(*) AS n FROM ({source.query}) GROUP BY {columns}"
        f" HAVING count(*) > 1 ORDER BY {columns} LIMIT {_NAMED_KEYS + 1}",
        source.params,
    ).records()
    if not twice:
        return
    named = "; ".join(
        ", ".join(f"{key} = {row[key]!r}" for key in keys) + f" ({row['n']} times)"
        for row in twice[:_NAMED_KEYS]
    )
    more = " and others" if len(twice) > _NAMED_KEYS else ""
    raise SourceError(f"several records have one key: {named}{more}; keep one of each")
