"""Views of Athena and Hive, in Databricks SQL, with names of Unity Catalog."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

_PRESTO = re.compile(r"/\*\s*Presto View:\s*([A-Za-z0-9+/=\s]+?)\s*\*/\s*\Z")
_GLUE = "awsdatacatalog"


class UnknownView(ValueError):
    """A view whose definition cannot be carried over."""


@dataclass(frozen=True, slots=True)
class View:
    """A view.

    Args:
        query: what it selects, in Databricks SQL.
        reads: the full names of the tables and views that it reads.
    """

    query: str
    reads: frozenset[str]


def view(table: Mapping[str, Any], catalog: str) -> View:
    """Return a view as Unity Catalog has it.

    Args:
        table: the view, as Glue describes it.
        catalog: gets Glue's databases: names in the query are looked up there.

    Raises:
        UnknownView: when there is no query, it cannot be parsed, or it reads another of Athena's catalogs.
    """
    text = str(table.get("ViewOriginalText") or "").strip()
    database, dialect = str(table["DatabaseName"]), "hive"
    presto = _PRESTO.match(text)
    if presto:
        text, database = _presto(presto[1], database)
        dialect = "athena"
    if not text:
        raise UnknownView("Glue does not say what the view selects")
    try:
        query = parse_one(text, dialect=dialect)
    except SqlglotError as error:
        raise UnknownView(f"its definition cannot be parsed: {str(error).splitlines()[0]}") from None
    if not isinstance(query, exp.Query):
        raise UnknownView("its definition is no query")
    reads = _rename(query, catalog, database)
    return View(query.sql(dialect="databricks"), reads)


def _presto(encoded: str, database: str) -> tuple[str, str]:
    """Return the query and its database from what Athena writes into a comment."""
    try:
        said = json.loads(base64.b64decode(encoded))
        return str(said["originalSql"]), str(said.get("schema") or database)
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise UnknownView(f"what Athena wrote of it cannot be read: {error}") from None


def _rename(query: exp.Query, catalog: str, database: str) -> frozenset[str]:
    """Give the tables of a query their full names, and return these."""
    inner = {one.alias.lower() for one in query.find_all(exp.CTE)}
    found = set()
    for table in list(query.find_all(exp.Table)):
        if not table.name or (not table.db and table.name.lower() in inner):
            continue
        if table.catalog and table.catalog.lower() != _GLUE:
            raise UnknownView(f"it reads {table.sql()} of another catalog of Athena")
        parts = catalog, (table.db or database).lower(), table.name.lower()
        for place, part in zip(("catalog", "db", "this"), parts, strict=True):
            table.set(place, exp.to_identifier(part, quoted=True))
        found.add(".".join(parts))
    return frozenset(found)
