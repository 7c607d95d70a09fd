"""Statements that break a policy are found before they are sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lakestead.client import Warehouse
from lakestead.core.guards import Attempt, Outcome, Verdict
from lakestead.govern.classification import Clearances
from lakestead.govern.policies.declared import Governance
from lakestead.govern.policies.findings import Mode
from lakestead.govern.policies.metadata import KEPT_SECONDS, Metadata, TableFacts
from lakestead.govern.policies.rules.rule import Rule, Sender
from lakestead.govern.policies.statements import Statement, read


class PolicyGuard:
    """Judges statements by the policies whose mode is `warn` or `block` (a `lakestead.core.guards.Guard`).

    Args:
        warehouse: of the workspace that the statements are for; it is asked what tags and masks tables have.
        governance: the policies.
        system: the catalog that has `information_schema` of all catalogs.
        kept_seconds: how long what is known of a table is taken to be so.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        governance: Governance,
        *,
        system: str = "system",
        kept_seconds: float = KEPT_SECONDS,
    ) -> None:
        self._governance = governance
        self._metadata = Metadata(warehouse, governance.classification.tag, system, kept_seconds)
        self._warehouse = warehouse
        self._clearances: Clearances | None = None
        self._rules = {
            name: rule for name, rule in governance.policies.root.items() if rule.mode is not Mode.REPORT
        }

    def judge(self, attempt: Attempt) -> Sequence[Verdict]:
        """Return what each policy says of a statement.

        Raises:
            databricks.sql.Error, DatabricksError: when the workspace does not tell what has to be known of
            it.
        """
        if not self._rules:
            return ()
        return tuple(self._verdicts(attempt))

    def forget(self) -> None:
        """Look tables up anew: when tags or masks have just changed."""
        self._metadata.forget()

    def _verdicts(self, attempt: Attempt) -> Iterator[Verdict]:
        statement = read(attempt.text)
        tables = self._metadata.tables(statement.tables)
        sender = Sender(self._clearance(attempt.user), self._governance.classification)
        for name, rule in self._rules.items():
            yield _verdict(
                name, rule, statement, [one for one in tables if rule.concerns(one.full_name)], sender
            )

    def _clearance(self, user: str | None) -> str:
        if self._clearances is None:
            self._clearances = Clearances(self._warehouse.client, self._governance.classification)
        return self._clearances.level(user)


def _verdict(
    name: str, rule: Rule, statement: Statement, tables: Sequence[TableFacts], sender: Sender
) -> Verdict:
    refused = list(rule.refusals(statement, tables, sender))
    if not refused:
        return Verdict(name, Outcome.PASSED)
    outcome = Outcome.BLOCKED if rule.mode is Mode.BLOCK else Outcome.WARNING
    return Verdict(name, outcome, "; ".join(refused))
