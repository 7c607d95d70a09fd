"""What AWS Glue says of its catalog, in the forms of its API: answers of GetDatabases and GetTables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lakestead.core.errors import SourceError
from lakestead.govern.imports.documents import documents


@dataclass(frozen=True, slots=True)
class GlueCatalog:
    """Databases and tables, as Glue describes them.

    Args:
        databases: by their names.
        tables: by their databases' names and their own.
    """

    databases: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    tables: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)


def read_glue(paths: Iterable[Path]) -> GlueCatalog:
    """Read answers of `aws glue get-databases` and `get-tables`, as the command writes them.

    Raises:
        SourceError: when a file cannot be read or is no such answer.
    """
    return parse_glue(documents(paths))


def parse_glue(said: Iterable[tuple[str, Any]]) -> GlueCatalog:
    """Return what documents say.

    Args:
        said: documents with `DatabaseList` or `TableList`, lists of tables, or single ones (`Database`,
            `Table`); each with its place for messages.

    Raises:
        SourceError: when one is nothing of these.
    """
    databases: dict[str, Mapping[str, Any]] = {}
    tables: dict[tuple[str, str], Mapping[str, Any]] = {}
    for where, document in said:
        listed = document if isinstance(document, dict) else {"TableList": document}
        known = [listed.get(key) for key in ("DatabaseList", "TableList", "Database", "Table")]
        if all(one is None for one in known):
            raise SourceError(f"{where} is no answer of Glue: it has neither DatabaseList nor TableList")
        found_databases, found_tables, database, table = known
        for one in [*(found_databases or []), *([database] if database else [])]:
            databases[_named(one, where)] = one
        for one in [*(found_tables or []), *([table] if table else [])]:
            if not isinstance(one, dict) or not one.get("DatabaseName"):
                raise SourceError(f"{where} has a table without `DatabaseName`")
            tables[one["DatabaseName"], _named(one, where)] = one
    return GlueCatalog(databases, tables)


def _named(one: Any, where: str) -> str:
    if not isinstance(one, dict) or not one.get("Name"):
        raise SourceError(f"{where} has a database or table without `Name`")
    return str(one["Name"])
