"""Who sees which rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from lakestead.core.names import quote, quote_name, quote_string, split_name
from lakestead.govern.policies.findings import Problem, Step
from lakestead.govern.policies.rules.rule import Rule
from lakestead.govern.policies.view import View

PREFIX = "lakestead_rows_"
"""Functions that `apply` makes have it; row filters that are such functions are ours to change, others are
not."""


class RowFilter(Rule):
    """Tables with a column must have a row filter on it.

    `apply` sets one that shows to the members of each group the rows with its values, and no rows to others.

    Args:
        column: the name of the column, of type STRING.
        groups: values by groups; `*` for all rows. What somebody sees is what all of their groups see.
        functions_in: `catalog.schema` where `apply` makes the function; without, it sets no filters.
    """

    rule: Literal["row_filter"]
    column: str
    groups: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    functions_in: str | None = None

    @model_validator(mode="after")
    def _names_a_schema(self) -> Self:
        if self.functions_in is not None and len(split_name(self.functions_in)) != 2:
            raise ValueError(f"'{self.functions_in}' is no schema: give catalog.schema")
        return self

    def problems(self, view: View) -> Iterator[Problem]:
        for row in self._concerned(view):
            if not row["filter_name"]:
                what = f"has the column '{self.column}' and no row filter"
                yield Problem(row["full_name"], what, self._statement(row, "…"))

    def steps(self, view: View) -> Iterator[Step]:
        if self.functions_in is None or not self.groups:
            return
        schema = split_name(self.functions_in)
        name, definition = self._function()
        function = quote_name(*schema, name)
        to_set = [row for row in self._concerned(view) if _is_to_set(row["filter_name"], name)]
        if to_set:
            yield Step(
                ".".join((*schema, name)),
                "make a row filter function",
                f"CREATE FUNCTION IF NOT EXISTS {function}{definition}",
            )
        for row in to_set:
            yield Step(row["full_name"], f"filter its rows by {name}", self._statement(row, function))

    def _concerned(self, view: View) -> list[dict[str, Any]]:
        return view.rows(
            """
SELECT s.*, f.filter_name FROM scoped AS s JOIN {schema}.columns AS c ON c.table_catalog = s.catalog_name
    AND c.table_schema = s.schema_name AND c.table_name = s.table_name AND c.column_name = :column
LEFT JOIN {schema}.row_filters AS f ON f.table_catalog = s.catalog_name
    AND f.table_schema = s.schema_name AND f.table_name = s.table_name
WHERE s.table_type <> 'VIEW' ORDER BY s.full_name""",
            self.scope,
            self.without,
            column=self.column.lower(),
        )

    def _function(self) -> tuple[str, str]:
        seen = " OR ".join(_seen(group, values) for group, values in self.groups.items())
        definition = (
            f"(value STRING) RETURNS BOOLEAN COMMENT {quote_string(f'Who sees which rows, by {self.column}')}"
            f" RETURN {seen}"
        )
        return PREFIX + hashlib.sha256(definition.encode()).hexdigest()[:8], definition

    def _statement(self, row: dict[str, Any], function: str) -> str:
        table = quote_name(row["catalog_name"], row["schema_name"], row["table_name"])
        return f"ALTER TABLE {table} SET ROW FILTER {function} ON ({quote(self.column)})"


def _is_to_set(current: str | None, name: str) -> bool:
    """Return whether a table's filter is to be set: it has none, or an older one of ours."""
    if not current:
        return True
    bare = current.rsplit(".", 1)[-1].strip("`")
    return bare.startswith(PREFIX) and bare != name


def _seen(group: str, values: tuple[str, ...]) -> str:
    member = f"is_account_group_member({quote_string(group)})"
    if "*" in values:
        return member
    return f"({member} AND value IN ({', '.join(quote_string(value) for value in values)}))"
