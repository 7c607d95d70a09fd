"""Tags that tables must have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import Field

from lakestead.core.names import quote_name, quote_string
from lakestead.govern.policies.findings import Problem, Step
from lakestead.govern.policies.metadata import TableFacts
from lakestead.govern.policies.rules.rule import Rule, Sender
from lakestead.govern.policies.statements import Statement
from lakestead.govern.policies.view import View, tagged
from lakestead.govern.scope import words

_UNSET = re.compile(r"\bUNSET\s+TAGS\s*\(([^)]*)\)", re.IGNORECASE)


class RequiredTags(Rule):
    """Tables must have tags; those of their schema or catalog count.

    A statement that takes such a tag away breaks it. (None that makes a table does: CREATE TABLE sets no
    tags.)

    Args:
        tags: names, and globs of the values that each may have; none for any value.
        defaults: values that `apply` gives to tables that have none.
    """

    rule: Literal["required_tags"]
    tags: dict[str, tuple[str, ...]]
    defaults: dict[str, str] = Field(default_factory=dict)

    def problems(self, view: View) -> Iterator[Problem]:
        for tag, values in self.tags.items():
            for row in self._offenders(view, tag, values):
                allowed = f" ({' or '.join(values)})" if values else ""
                is_now = (
                    f"the tag '{tag}' is '{row['value']}'" if row["value"] else f"the tag '{tag}' is missing"
                )
                table = quote_name(row["catalog_name"], row["schema_name"], row["table_name"])
                yield Problem(
                    row["full_name"], is_now, f"ALTER TABLE {table} SET TAGS ('{tag}' = …){allowed}"
                )

    def steps(self, view: View) -> Iterator[Step]:
        for tag, value in self.defaults.items():
            for row in self._offenders(view, tag, self.tags.get(tag, ())):
                if row["value"] is None:
                    table = quote_name(row["catalog_name"], row["schema_name"], row["table_name"])
                    assignment = f"{quote_string(tag)} = {quote_string(value)}"
                    kind = "VIEW" if row["table_type"] == "VIEW" else "TABLE"
                    statement = f"ALTER {kind} {table} SET TAGS ({assignment})"
                    yield Step(row["full_name"], f"set the tag '{tag}' to '{value}'", statement)

    def refusals(self, statement: Statement, tables: Sequence[TableFacts], sender: Sender) -> Iterator[str]:
        taken = _UNSET.search(statement.text)
        for tag in self.tags:
            if tables and taken and tag in re.findall(r"[\w.]+", taken.group(1)):
                yield f"the tag '{tag}' of {tables[0].full_name} is required"

    def _offenders(self, view: View, tag: str, values: Sequence[str]) -> list[dict[str, str]]:
        return view.rows(
            f"SELECT * FROM {tagged(':tag')} WHERE value IS NULL OR NOT value RLIKE :allowed"
            " ORDER BY full_name",
            self.scope,
            self.without,
            tag=tag,
            allowed=words(values or ("*",)),
        )
