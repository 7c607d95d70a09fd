"""Rows out of a table: by id, by key, or by a predicate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lakestead.client.sql.retries import Statement
from lakestead.core.errors import SourceError
from lakestead.core.names import quote, quote_name, split_name
from lakestead.records.changes import Changes, changes
from lakestead.records.fitting import Fitting
from lakestead.records.merging import keys_of, matches
from lakestead.records.relation import relation, typed
from lakestead.records.target import describe
from lakestead.records.writing import affected

if TYPE_CHECKING:
    from lakestead.records.connector import DatabricksConnector


def delete_where(
    connector: DatabricksConnector, target: str, where: str, params: Mapping[str, Any] | None
) -> Changes:
    """Delete the rows of a predicate.

    Raises:
        ValueError: the predicate is empty.
    """
    if not where.strip():
        raise ValueError("an empty predicate would delete every row: say `true` if that is meant")
    name = quote_name(*split_name(target))
    statement = Statement(f"DELETE FROM {name} WHERE {where}")
    return Changes(deleted=affected(connector.execute(statement, dict(params or {})).records()))


def delete_ids(
    connector: DatabricksConnector,
    ids: Iterable[Any],
    target: str,
    *,
    keys: Sequence[str] | str | None,
    volume: str | None,
) -> Changes:
    """Delete the rows that have one of some ids."""
    if isinstance(ids, str | bytes | Mapping):
        raise SourceError(f"record_ids is a list of ids, not a {type(ids).__name__}: put one in a list")
    table = describe(connector.execute, target)
    names = keys_of(connector, table, keys)
    fitting = Fitting(_keyed(ids, names), table)
    with relation(fitting, lambda: connector.staging(table.parts, volume)) as source:
        if not source.rows:
            return Changes()
        if source.staged is None and len(names) == 1:
            values = ", ".join(typed(f"%({name})s", source.kinds[0]) for name in source.params)
            statement = Statement(f"DELETE FROM {table.sql} WHERE {quote(names[0])} IN ({values})")
            return Changes(deleted=affected(connector.execute(statement, source.params).records()))
        # An id may be given twice; it is the same row.
        statement = Statement(
            f"MERGE INTO {table.sql} AS target USING (SELECT DISTINCT * FROM ({source.query})) AS source"
            f" ON {matches(names)} WHEN MATCHED THEN DELETE"
        )
        return changes(connector.execute(statement, source.params).records()[0])


def _keyed(ids: Iterable[Any], keys: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield ids as records of their key columns."""
    for number, one in enumerate(ids):
        if isinstance(one, Mapping):
            named = {str(name).lower(): value for name, value in one.items()}
            values = [named.get(key.lower()) for key in keys]
        elif len(keys) == 1:
            values = [one]
        else:
            values = list(one) if isinstance(one, list | tuple) else []
        if len(values) != len(keys) or all(value is None for value in values):
            raise SourceError(
                f"record id {number} gives no value for the key {', '.join(keys)}:"
                " give a dict or a tuple of them"
            )
        yield dict(zip(keys, values, strict=True))
