"""What Unity Catalog knows of tables: ids, owners, columns and tags, in few requests however many tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from lakestead.core.names import quote, quote_string
from lakestead.profiling.pacing import Requests

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.service.catalog import TableInfo

    from lakestead.client import Warehouse

# Names in one statement; and tables of one schema that are worth asking for one by one.
_NAMES_IN_STATEMENT = 1000
_SINGLE_TABLES = 3

Tags: TypeAlias = Mapping[str, str]
# Of a table: the types of its columns by their names, in order.
Columns: TypeAlias = Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A table of Unity Catalog.

    Args:
        table_id: its id.
        owner: who owns it.
    """

    table_id: str
    owner: str | None


def read_tags(warehouse: Warehouse, catalog: str) -> dict[str, dict[str, str]]:
    """Return the tags of a catalog's tables, by full names."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    rows = warehouse.rows(
        "SELECT schema_name, table_name, tag_name, tag_value"
        f" FROM {quote(catalog)}.information_schema.table_tags"
    )
    for row in rows:
        found[f"{catalog}.{row['schema_name']}.{row['table_name']}"][row["tag_name"]] = row["tag_value"]
    return dict(found)


def read_columns(warehouse: Warehouse, names: Collection[str]) -> dict[str, dict[str, str]]:
    """Return the columns of tables by full names; tables that are not there are left out."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for catalog, tables in _by_first_part(names).items():
        for some in _chunks(sorted(tables), _NAMES_IN_STATEMENT):
            for row in warehouse.rows(_columns_statement(catalog, some)):
                name = f"{catalog}.{row['table_schema']}.{row['table_name']}"
                if name in names:
                    found[name][row["column_name"]] = row["full_data_type"]
    return dict(found)


def read_tables(requests: Requests, client: WorkspaceClient, names: Collection[str]) -> dict[str, Table]:
    """Return the tables that are there and that one may see, by full names."""
    schemas: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name in names:
        catalog, schema, _ = name.split(".")
        schemas[catalog, schema].append(name)
    singles = [name for some in schemas.values() if len(some) <= _SINGLE_TABLES for name in some]
    whole = [schema for schema, some in schemas.items() if len(some) > _SINGLE_TABLES]
    infos: list[TableInfo | None] = list(requests.gather(singles, _Getting(requests, client).table).values())
    for some in requests.gather(whole, _Getting(requests, client).schema).values():
        infos.extend(some)
    found: dict[str, Table] = {}
    for info in infos:
        if info is not None and info.full_name in names and info.full_name and info.table_id:
            found[info.full_name] = Table(info.table_id, info.owner)
    return found


def tables_with_metrics(warehouse: Warehouse, catalog: str, schemas: Collection[str]) -> set[str]:
    """Return the full names of tables that metric tables may be about, by the names of these.

    Args:
        warehouse: the workspace.
        catalog: where both are.
        schemas: the names of the schemas of metric tables.
    """
    tables = f"{quote(catalog)}.information_schema.tables"
    listed = ", ".join(quote_string(schema) for schema in sorted(schemas))
    rows = warehouse.rows(
        f"SELECT DISTINCT t.table_schema, t.table_name FROM {tables} t"
        f" JOIN {tables} m ON m.table_name = t.table_name || '_profile_metrics'"
        f" WHERE m.table_schema IN ({listed})"
    )
    return {f"{catalog}.{row['table_schema']}.{row['table_name']}" for row in rows}


class _Getting:
    def __init__(self, requests: Requests, client: WorkspaceClient) -> None:
        self._requests = requests
        self._client = client

    def table(self, name: str) -> TableInfo | None:
        from databricks.sdk.errors import NotFound

        try:
            return self._requests.make(lambda: self._client.tables.get(name))
        except NotFound:
            return None

    def schema(self, schema: tuple[str, str]) -> list[TableInfo]:
        from databricks.sdk.errors import NotFound

        def tables() -> list[TableInfo]:
            return list(
                self._client.tables.list(*schema, max_results=0, omit_columns=True, omit_properties=True)
            )

        try:
            return self._requests.make(tables)
        except NotFound:
            return []


def _columns_statement(catalog: str, names: Sequence[str]) -> str:
    parts = [name.split(".") for name in names]
    schemas = ", ".join(quote_string(schema) for schema in sorted({schema for _, schema, _ in parts}))
    tables = ", ".join(quote_string(table) for table in sorted({table for _, _, table in parts}))
    return (
        "SELECT table_schema, table_name, column_name, full_data_type"
        f" FROM {quote(catalog)}.information_schema.columns"
        f" WHERE table_schema IN ({schemas}) AND table_name IN ({tables})"
        " ORDER BY table_schema, table_name, ordinal_position"
    )


def _by_first_part(names: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name in names:
        found[name.split(".")[0]].append(name)
    return found


def _chunks(names: Iterable[str], size: int) -> Iterator[list[str]]:
    rest = iter(names)
    while some := list(islice(rest, size)):
        yield some
