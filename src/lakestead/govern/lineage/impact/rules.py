"""What a table's own rules need of it: keys, checks, generated columns, masks, filters, monitors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from databricks.sdk.errors import NotFound
from sqlglot import exp, parse_one, tokenize
from sqlglot.errors import SqlglotError

from lakestead.client import Warehouse
from lakestead.core.names import quote_name
from lakestead.govern.lineage.edges import Node
from lakestead.govern.lineage.impact.finding import Broken, Kind
from lakestead.govern.lineage.impact.metastore import Metastore

_CHECK = "delta.constraints."

Look = Callable[[], Iterator[Broken]]


class Rules:
    """Finds the rules that need a table or a column; not those that are dropped together with it.

    Args:
        warehouse: the workspace.
        metastore: asks it.
        dropped: the table or column.
        owner: the table's.
    """

    def __init__(self, warehouse: Warehouse, metastore: Metastore, dropped: Node, owner: str | None) -> None:
        self._warehouse = warehouse
        self._metastore = metastore
        self._table = dropped.table
        self._quoted = quote_name(*dropped.table.split("."))
        self._column = dropped.column
        self._owner = owner

    def looks(self) -> dict[str, Look]:
        """Return what can be looked at, by a name for it."""
        anyway: dict[str, Look] = {"foreign keys": self._foreign_keys, "monitors": self._monitors}
        if self._column is None:
            return anyway
        return anyway | {
            "keys": self._keys,
            "check constraints": self._checks,
            "generated columns": self._generated,
            "column masks": self._masks,
            "row filters": self._filters,
        }

    def _foreign_keys(self) -> Iterator[Broken]:
        for row in self._metastore.foreign_keys(self._table):
            if self._column is None or self._column in _lower(row["columns"]):
                why = f"a foreign key of {row['table']} refers to it"
                yield Broken(Kind.CONSTRAINT, row["name"], why, row["owner"])

    def _monitors(self) -> Iterator[Broken]:
        try:
            monitor = self._warehouse.client.quality_monitors.get(self._table)
        except NotFound:
            return
        if self._column is None or any(self._uses(text) for text in _texts(monitor.as_dict())):
            yield Broken(Kind.MONITOR, self._table, "a monitor looks at it", self._owner)

    def _keys(self) -> Iterator[Broken]:
        for row in self._metastore.of_table("key_column_usage", self._table):
            if row["column_name"].lower() == self._column:
                yield Broken(
                    Kind.CONSTRAINT, row["constraint_name"], "a key of the table has it", self._owner
                )

    def _checks(self) -> Iterator[Broken]:
        for row in self._warehouse.rows(f"SHOW TBLPROPERTIES {self._quoted}"):
            constraint = row["key"].removeprefix(_CHECK)
            if constraint != row["key"] and self._uses(row["value"]):
                yield Broken(Kind.CONSTRAINT, constraint, f"it checks {row['value']}", self._owner)

    def _generated(self) -> Iterator[Broken]:
        # Databricks' information_schema has no place for the expressions of columns.
        text = self._warehouse.rows(f"SHOW CREATE TABLE {self._quoted}")[0]["createtab_stmt"]
        for column, expression in _generated_columns(text):
            if self._uses(expression):
                yield Broken(
                    Kind.GENERATED, f"{self._table}.{column}", f"it is made by {expression}", self._owner
                )

    def _masks(self) -> Iterator[Broken]:
        for row in self._metastore.of_table("column_masks", self._table):
            masked = row["column_name"].lower()
            if masked == self._column:
                yield Broken(Kind.MASK, str(row["mask_name"]), "it masks the column", self._owner)
            elif self._column in _listed(row["using_columns"]):
                yield Broken(Kind.MASK, str(row["mask_name"]), f"it masks {masked} by it", self._owner)

    def _filters(self) -> Iterator[Broken]:
        for row in self._metastore.of_table("row_filters", self._table):
            if self._column in _listed(row["target_columns"]):
                yield Broken(Kind.ROW_FILTER, str(row["filter_name"]), "it filters rows by it", self._owner)

    def _uses(self, expression: str) -> bool:
        """Return whether an expression names the column."""
        try:
            tree = parse_one(expression, dialect="databricks")
        except SqlglotError:
            return re.search(rf"(?<!\w){re.escape(self._column or '')}(?!\w)", expression, re.I) is not None
        return any(one.name.lower() == self._column for one in tree.find_all(exp.Identifier))


def _generated_columns(text: str) -> Iterator[tuple[str, str]]:
    """Yield the generated columns of a CREATE TABLE with their expressions.

    By its words: masks and other clauses are more than the parser knows.
    """
    tokens = tokenize(text, dialect="databricks")
    depth, column, expression = 0, "", -1
    for before, token in pairwise(tokens):
        if token.text == ")":
            if depth == 2 and expression >= 0:
                yield column, text[expression : token.start]
                expression = -1
            depth -= 1
        elif token.text == "(":
            depth += 1
            is_made = depth == 2 and text[: token.start].upper().rstrip().endswith("GENERATED ALWAYS AS")
            expression = token.end + 1 if is_made else expression
        elif depth == 1 and before.text in ("(", ","):
            column = token.text


def _texts(value: Any) -> Iterator[str]:
    """Yield all texts inside a value of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _listed(names: str | None) -> list[str]:
    """Return the names of a list of columns, as `information_schema` writes it."""
    return [name.strip(" `[]\"'").lower() for name in (names or "").split(",")]


def _lower(names: list[str]) -> list[str]:
    return [name.lower() for name in names]
