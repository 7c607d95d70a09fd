"""What is known of the tables that statements name, remembered for a short time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lakestead.client import Warehouse
from lakestead.core.names import quote

KEPT_SECONDS = 30.0
"""How long what is known of a table is taken to be so: a new tag or mask counts after that at the latest."""

_TABLES = """
SELECT lower(concat_ws('.', x.table_catalog, x.table_schema, x.table_name)) AS full_name,
    coalesce(t.tag_value, s.tag_value, c.tag_value) AS level
FROM {schema}.tables AS x
LEFT JOIN {schema}.table_tags AS t ON t.catalog_name = x.table_catalog AND t.schema_name = x.table_schema
    AND t.table_name = x.table_name AND t.tag_name = :tag
LEFT JOIN {schema}.schema_tags AS s ON s.catalog_name = x.table_catalog AND s.schema_name = x.table_schema
    AND s.tag_name = :tag
LEFT JOIN {schema}.catalog_tags AS c ON c.catalog_name = x.table_catalog AND c.tag_name = :tag
WHERE array_contains(:names, lower(x.table_name)) AND x.table_schema <> 'information_schema'"""
_COLUMNS = """
SELECT lower(concat_ws('.', g.catalog_name, g.schema_name, g.table_name)) AS full_name,
    lower(g.column_name) AS name, g.tag_name, g.tag_value, m.mask_name IS NOT NULL AS masked
FROM {schema}.column_tags AS g
LEFT JOIN {schema}.column_masks AS m ON m.table_catalog = g.catalog_name AND m.table_schema = g.schema_name
    AND m.table_name = g.table_name AND m.column_name = g.column_name
WHERE array_contains(:names, lower(g.table_name))"""


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What is known of a column that has tags.

    Args:
        tags: values by the tags' names.
        masked: whether it has a mask.
    """

    tags: Mapping[str, str]
    masked: bool


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What is known of a table.

    Args:
        full_name: in lower case.
        level: what its tag says, or that of its schema or catalog; None if none says anything.
        columns: those that have tags, by their names.
    """

    full_name: str
    level: str | None
    columns: Mapping[str, ColumnFacts] = field(default_factory=dict)

    def is_called(self, parts: tuple[str, ...]) -> bool:
        """Return whether a name of a statement, in which the session may complete, can be this table's."""
        return self.full_name.split(".")[-len(parts) :] == list(parts)


class Metadata:
    """Looks up tables. Many threads may ask.

    Args:
        warehouse: of the workspace.
        tag: the tag that gives levels.
        system: the catalog that has `information_schema` of all catalogs.
        kept_seconds: how long what was found is remembered.
    """

    def __init__(
        self, warehouse: Warehouse, tag: str, system: str = "system", kept_seconds: float = KEPT_SECONDS
    ) -> None:
        self._warehouse = warehouse
        self._tag = tag
        self._schema = f"{quote(system)}.information_schema"
        self._kept_seconds = kept_seconds
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, list[TableFacts]]] = {}

    def tables(self, names: Iterable[tuple[str, ...]]) -> list[TableFacts]:
        """Return the tables that some names can be of.

        A name without catalog or schema can be of several: a statement's session is not known here.

        Args:
            names: parts of names, in lower case.
        """
        wanted = {parts for parts in names if 1 <= len(parts) <= 3}
        found = {
            fact.full_name: fact for facts in self._look_up({parts[-1] for parts in wanted}) for fact in facts
        }
        return [fact for fact in found.values() if any(fact.is_called(parts) for parts in wanted)]

    def forget(self) -> None:
        """Look everything up anew."""
        with self._lock:
            self._known.clear()

    def _look_up(self, names: set[str]) -> list[list[TableFacts]]:
        now = time.monotonic()
        with self._lock:
            self._known = {
                name: known for name, known in self._known.items() if now - known[0] < self._kept_seconds
            }
            known = {name: self._known[name][1] for name in names if name in self._known}
        missing = sorted(names - known.keys())
        if missing:
            fresh: dict[str, list[TableFacts]] = {name: [] for name in missing}
            for fact in self._ask(missing):
                fresh[fact.full_name.rsplit(".", 1)[-1]].append(fact)
            with self._lock:
                self._known.update({name: (now, facts) for name, facts in fresh.items()})
            known.update(fresh)
        return list(known.values())

    def _ask(self, names: list[str]) -> list[TableFacts]:
        tables = self._warehouse.rows(_TABLES.format(schema=self._schema), names=names, tag=self._tag)
        if not tables:
            return []
        tags: dict[str, dict[str, dict[str, str]]] = {}
        masked: set[tuple[str, str]] = set()
        for row in self._warehouse.rows(_COLUMNS.format(schema=self._schema), names=names):
            columns = tags.setdefault(row["full_name"], {})
            columns.setdefault(row["name"], {})[row["tag_name"]] = row["tag_value"]
            if row["masked"]:
                masked.add((row["full_name"], row["name"]))
        return [
            TableFacts(
                row["full_name"],
                row["level"],
                {
                    name: ColumnFacts(values, (row["full_name"], name) in masked)
                    for name, values in tags.get(row["full_name"], {}).items()
                },
            )
            for row in tables
        ]
