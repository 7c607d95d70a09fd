"""How tables and columns are called, and that they say what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import field_validator

from lakestead.core.names import quote_name
from lakestead.govern.policies.findings import Problem
from lakestead.govern.policies.metadata import TableFacts
from lakestead.govern.policies.rules.rule import Rule, Sender
from lakestead.govern.policies.statements import Statement
from lakestead.govern.policies.view import View

_COLUMNS = """
SELECT concat_ws('.', s.full_name, c.column_name) AS resource, c.column_name AS name
FROM scoped AS s JOIN {schema}.columns AS c ON c.table_catalog = s.catalog_name
    AND c.table_schema = s.schema_name AND c.table_name = s.table_name
WHERE NOT c.column_name RLIKE :pattern ORDER BY resource"""
_TABLES = """
SELECT full_name AS resource, table_name AS name FROM scoped
WHERE NOT table_name RLIKE :pattern ORDER BY resource"""
_SCHEMAS = """
SELECT DISTINCT concat_ws('.', catalog_name, schema_name) AS resource, schema_name AS name FROM scoped
WHERE NOT schema_name RLIKE :pattern ORDER BY resource"""
_QUERIES = {"table": _TABLES, "column": _COLUMNS, "schema": _SCHEMAS}


class Naming(Rule):
    """Names must match a pattern. A statement that makes a table with others breaks it.

    Args:
        pattern: a regular expression of the whole name, which is in lower case.
        of: what has the names.
    """

    rule: Literal["naming"]
    pattern: str
    of: Literal["table", "column", "schema"] = "table"

    @field_validator("pattern")
    @classmethod
    def _is_pattern(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"'{pattern}' is no regular expression: {error}") from None
        return pattern

    def problems(self, view: View) -> Iterator[Problem]:
        rows = view.rows(_QUERIES[self.of], self.scope, self.without, pattern=f"^(?:{self.pattern})$")
        for row in rows:
            yield Problem(row["resource"], self._wrong(row["name"]), f"rename the {self.of}")

    def refusals(self, statement: Statement, tables: Sequence[TableFacts], sender: Sender) -> Iterator[str]:
        made = statement.made
        if made is None or not self.concerns_new(made.parts):
            return
        names = {"table": made.parts[-1:], "column": made.columns, "schema": made.parts[-2:-1]}[self.of]
        for name in names:
            if not re.fullmatch(self.pattern, name):
                yield self._wrong(name)

    def _wrong(self, name: str) -> str:
        return f"the {self.of} name '{name}' does not match {self.pattern}"


class Documented(Rule):
    """Tables must have a comment. A statement that makes one without breaks it."""

    rule: Literal["documented"]

    def problems(self, view: View) -> Iterator[Problem]:
        select = "SELECT * FROM scoped WHERE comment IS NULL OR trim(comment) = '' ORDER BY full_name"
        for row in view.rows(select, self.scope, self.without):
            table = quote_name(row["catalog_name"], row["schema_name"], row["table_name"])
            yield Problem(row["full_name"], "has no comment", f"COMMENT ON TABLE {table} IS '…'")

    def refusals(self, statement: Statement, tables: Sequence[TableFacts], sender: Sender) -> Iterator[str]:
        made = statement.made
        if made is not None and not made.commented and self.concerns_new(made.parts):
            yield f"{'.'.join(made.parts)} is made without a COMMENT"
