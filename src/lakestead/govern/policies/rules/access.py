"""Who may see data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from lakestead.core.names import quote, quote_name, quote_string
from lakestead.govern.policies.findings import Problem, Step
from lakestead.govern.policies.metadata import TableFacts
from lakestead.govern.policies.rules.rule import HIDDEN, Rule, Sender
from lakestead.govern.policies.statements import Statement
from lakestead.govern.policies.view import View, tagged
from lakestead.govern.scope import words

_READS = ("SELECT", "MODIFY", "ALL PRIVILEGES")
_GRANT = re.compile(r"^\s*GRANT\b.*\bTO\s+(?:`([^`]+)`|([^\s;]+))\s*;?\s*$", re.IGNORECASE | re.DOTALL)
_OWN = ("NONE", "", None)  # of `inherited_from`: granted on the table itself


class Clearance(Rule):
    """Nobody may read tables above their clearance, which the section `classification` gives.

    A finding is a privilege of somebody whose clearance is too low; `apply` revokes those that are granted
    on a table itself, and grants SELECT to the groups of `grant_to` whose clearance is enough. A statement
    that reads such a table breaks it, and so does one that reads a column whose own tag is above.

    Args:
        grant_to: groups that get SELECT on the tables up to their clearance.
    """

    rule: Literal["clearance"]
    grant_to: tuple[str, ...] = ()

    def problems(self, view: View) -> Iterator[Problem]:
        for row in self._excess(view):
            what = f"'{row['grantee']}' has {row['privilege_type']} and is cleared for"
            cleared = view.classification.cleared(row["grantee"])
            level = row["value"] or view.classification.default
            remedy = (
                _revoke(row)
                if row["inherited_from"] in _OWN
                else (
                    f"revoke it where it is granted, on the {row['inherited_from'].lower()},"
                    f" or clear '{row['grantee']}' for '{level}'"
                )
            )
            yield Problem(row["full_name"], f"{what} '{cleared}', and the table is '{level}'", remedy)

    def steps(self, view: View) -> Iterator[Step]:
        for row in self._excess(view):
            if row["inherited_from"] in _OWN:
                what = f"revoke {row['privilege_type']} from '{row['grantee']}'"
                yield Step(row["full_name"], what, _revoke(row))
        for group in self.grant_to:
            for row in self._lacking(view, group):
                table = quote_name(row["catalog_name"], row["schema_name"], row["table_name"])
                statement = f"GRANT SELECT ON TABLE {table} TO {quote(group)}"
                yield Step(row["full_name"], f"grant SELECT to '{group}'", statement)

    def refusals(self, statement: Statement, tables: Sequence[TableFacts], sender: Sender) -> Iterator[str]:
        if statement.hidden:
            yield HIDDEN
        for table in tables:
            if any(table.is_called(parts) for parts in statement.reads):
                yield from _above(statement, table, sender)

    def _excess(self, view: View) -> list[dict[str, Any]]:
        grantees = view.warehouse.rows(f"SELECT DISTINCT grantee FROM {view.schema}.table_privileges")
        cases = " ".join(
            f"WHEN {quote_string(name)} THEN {view.classification.rank(view.classification.cleared(name))}"
            for name in (row["grantee"] for row in grantees)
        )
        if not cases:
            return []
        privileges = ", ".join(quote_string(one) for one in _READS)
        return view.rows(
            f"""
SELECT s.*, p.grantee, p.privilege_type, p.inherited_from
FROM {tagged(":tag")} AS s JOIN {{schema}}.table_privileges AS p ON p.table_catalog = s.catalog_name
    AND p.table_schema = s.schema_name AND p.table_name = s.table_name
WHERE replace(p.privilege_type, '_', ' ') IN ({privileges})
    AND {view.rank("s.value")} > CASE p.grantee {cases} END
ORDER BY s.full_name, p.grantee, p.privilege_type""",
            self.scope,
            self.without,
            tag=view.classification.tag,
        )

    def _lacking(self, view: View, group: str) -> list[dict[str, Any]]:
        rank = view.classification.rank(view.classification.cleared(group))
        return view.rows(
            f"""
SELECT s.* FROM {tagged(":tag")} AS s LEFT ANTI JOIN {{schema}}.table_privileges AS p
    ON p.table_catalog = s.catalog_name AND p.table_schema = s.schema_name AND p.table_name = s.table_name
    AND p.grantee = :group AND replace(p.privilege_type, '_', ' ') IN ('SELECT', 'ALL PRIVILEGES')
WHERE {view.rank("s.value")} <= {rank} ORDER BY s.full_name""",
            self.scope,
            self.without,
            tag=view.classification.tag,
            group=group,
        )


def _above(statement: Statement, table: TableFacts, sender: Sender) -> Iterator[str]:
    """Yield what of a table is above the sender's clearance."""
    known, clearance = sender.classification, sender.clearance
    cleared = known.rank(clearance)
    level = table.level or known.default
    if known.rank(level) > cleared:
        yield f"{table.full_name} is '{level}', and you are cleared for '{clearance}'"
        return
    for name, column in table.columns.items():
        own = column.tags.get(known.tag)
        if own and known.rank(own) > cleared and statement.uses(name):
            yield f"the column {table.full_name}.{name} is '{own}', and you are cleared for '{clearance}'"


class Grants(Rule):
    """Some principals get no privileges: mostly the groups that everybody is in.

    A finding is a privilege that such a one has; `apply` revokes those that are granted on a table itself. A
    GRANT to one breaks it.

    Args:
        never_to: names of principals, as globs.
    """

    rule: Literal["grants"]
    never_to: tuple[str, ...] = ("account users", "users")

    def problems(self, view: View) -> Iterator[Problem]:
        for row in self._excess(view):
            where = f"where it is granted, on the {row['inherited_from']}".lower()
            remedy = _revoke(row) if row["inherited_from"] in _OWN else f"revoke it {where}"
            yield Problem(row["full_name"], f"'{row['grantee']}' has {row['privilege_type']}", remedy)

    def steps(self, view: View) -> Iterator[Step]:
        for row in self._excess(view):
            if row["inherited_from"] in _OWN:
                what = f"revoke {row['privilege_type']} from '{row['grantee']}'"
                yield Step(row["full_name"], what, _revoke(row))

    def refusals(self, statement: Statement, tables: Sequence[TableFacts], sender: Sender) -> Iterator[str]:
        granted = _GRANT.match(statement.text)
        if granted:
            grantee = granted.group(1) or granted.group(2)
            if re.match(words(self.never_to), grantee):
                yield f"nothing may be granted to '{grantee}'"

    def _excess(self, view: View) -> list[dict[str, Any]]:
        return view.rows(
            """
SELECT s.*, p.grantee, p.privilege_type, p.inherited_from
FROM scoped AS s JOIN {schema}.table_privileges AS p ON p.table_catalog = s.catalog_name
    AND p.table_schema = s.schema_name AND p.table_name = s.table_name
WHERE p.grantee RLIKE :grantees ORDER BY s.full_name, p.grantee, p.privilege_type""",
            self.scope,
            self.without,
            grantees=words(self.never_to),
        )


def _revoke(row: dict[str, Any]) -> str:
    table = quote_name(row["catalog_name"], row["schema_name"], row["table_name"])
    privilege = row["privilege_type"].replace("_", " ")
    return f"REVOKE {privilege} ON TABLE {table} FROM {quote(row['grantee'])}"
