"""Who owns tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from lakestead.core.names import quote, quote_name
from lakestead.govern.policies.findings import Problem, Step
from lakestead.govern.policies.metadata import TableFacts
from lakestead.govern.policies.rules.rule import Rule, Sender
from lakestead.govern.policies.statements import Statement
from lakestead.govern.policies.view import View

# Names of users are addresses of mail, and those of groups and service principals are not.
_USER = re.compile(r"\bOWNER\s+TO\s+`?([^`\s;]+@[^`\s;]+)", re.IGNORECASE)


class Owned(Rule):
    """No user may own a table: users leave. Groups and service principals may.

    A statement that gives a table to a user breaks it.

    Args:
        to: the group that `apply` gives such tables to.
    """

    rule: Literal["ownership"]
    to: str | None = None

    def problems(self, view: View) -> Iterator[Problem]:
        for row in self._offenders(view):
            owner = f"is owned by the user '{row['table_owner']}'"
            yield Problem(row["full_name"], owner, self._statement(row, self.to or "…"))

    def steps(self, view: View) -> Iterator[Step]:
        if self.to is not None:
            for row in self._offenders(view):
                what = f"give it from '{row['table_owner']}' to '{self.to}'"
                yield Step(row["full_name"], what, self._statement(row, self.to))

    def refusals(self, statement: Statement, tables: Sequence[TableFacts], sender: Sender) -> Iterator[str]:
        given = _USER.search(statement.text)
        if given and tables:
            yield f"{tables[0].full_name} may not be owned by the user '{given.group(1)}'"

    def _offenders(self, view: View) -> list[dict[str, str]]:
        select = "SELECT * FROM scoped WHERE table_owner LIKE '%@%' ORDER BY full_name"
        return view.rows(select, self.scope, self.without)

    @staticmethod
    def _statement(row: dict[str, str], to: str) -> str:
        kind = "VIEW" if row["table_type"] == "VIEW" else "TABLE"
        table = quote_name(row["catalog_name"], row["schema_name"], row["table_name"])
        return f"ALTER {kind} {table} OWNER TO {quote(to)}"
