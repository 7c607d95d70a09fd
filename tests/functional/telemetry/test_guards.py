"""Policies and budgets are asked before a statement is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from lakestead.core.errors import PolicyError
from lakestead.core.guards import Attempt, Outcome, Verdict
from lakestead.telemetry import attribution, install_guard, remove_guard
from lakestead.testing import Workspace

from .conftest import Seen


@dataclass
class Rule:
    """Says something of statements that have a word, and keeps what it was asked."""

    word: str
    outcome: Outcome
    asked: list[Attempt] = field(default_factory=list)
    before: Callable[[], object] = lambda: None

    def judge(self, attempt: Attempt) -> Sequence[Verdict]:
        self.asked.append(attempt)
        self.before()
        if self.word not in attempt.text:
            return [Verdict(self.word, Outcome.PASSED)]
        return [Verdict(self.word, self.outcome, f"'{self.word}' is not wanted")]


def test_a_blocked_statement_is_never_sent(
    instrumented: Seen, workspace_session: Workspace, schema: str
) -> None:
    rule = Rule("INSERT", Outcome.BLOCKED)
    with workspace_session.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {schema}.t (id INT)")
        install_guard(rule)
        install_guard(rule)
        with attribution(team="data"), pytest.raises(PolicyError, match="INSERT: 'INSERT' is not wanted"):
            cursor.execute(f"INSERT INTO {schema}.t VALUES (1)")
        with pytest.raises(PolicyError):
            cursor.executemany(f"INSERT INTO {schema}.t VALUES (?)", [[1], [2]])
        with pytest.raises(PolicyError):
            workspace_session.client().statement_execution.execute_statement(
                f"INSERT INTO {schema}.t VALUES (1)", workspace_session.warehouse_id
            )
        assert cursor.execute(f"SELECT count(*) FROM {schema}.t").fetchone()[0] == 0
        remove_guard(rule)
        cursor.execute(f"INSERT INTO {schema}.t VALUES (1)")
    assert len(rule.asked) == 4
    assert rule.asked[0].host == workspace_session.host
    assert rule.asked[0].warehouse_id == workspace_session.warehouse_id
    assert rule.asked[0].attribution.team == "data"
    blocked = instrumented.spans("table.insert")[0]
    (query,) = instrumented.spans("table.query")
    assert blocked.attributes is not None
    assert query.attributes is not None
    assert blocked.attributes["genops.governance.policy_check"] == "blocked"
    assert blocked.attributes["genops.governance.policy_rules"] == ("INSERT",)
    assert blocked.attributes["error.type"] == "PolicyError"
    assert query.attributes["genops.governance.policy_check"] == "passed"
    counted = {
        (labels.get("genops.team"), labels["genops.governance.outcome"]): count
        for labels, count in instrumented.points("genops.governance.violation")
    }
    assert counted == {("data", "blocked"): 1, (None, "blocked"): 2}


def test_a_warning_lets_pass(instrumented: Seen, workspace_session: Workspace) -> None:
    install_guard(Rule("7", Outcome.WARNING))
    install_guard(Rule("8", Outcome.BLOCKED))
    with workspace_session.connect() as connection, connection.cursor() as cursor:
        assert cursor.execute("SELECT 7").fetchone()[0] == 7
    (span,) = instrumented.spans("sql_warehouse.query")
    assert span.attributes is not None
    assert span.attributes["genops.governance.policy_check"] == "warning"
    assert span.attributes["genops.governance.policy_rules"] == ("7",)


def test_statements_of_a_guard_are_not_judged(instrumented: Seen, workspace_session: Workspace) -> None:
    with workspace_session.connect() as connection, connection.cursor() as own, connection.cursor() as cursor:
        rule = Rule("nothing", Outcome.BLOCKED, before=lambda: own.execute("SELECT 1").fetchall())
        install_guard(rule)
        cursor.execute("SELECT 2")
    assert len(rule.asked) == 1


def test_a_guard_that_fails_keeps_the_statement_from_being_sent(
    instrumented: Seen, workspace_session: Workspace
) -> None:
    def fail() -> None:
        raise OSError("nobody answers")

    install_guard(Rule("nothing", Outcome.PASSED, before=fail))
    with (
        workspace_session.connect() as connection,
        connection.cursor() as cursor,
        pytest.raises(OSError, match="nobody answers"),
    ):
        cursor.execute("SELECT 1")


def test_nothing_is_said_where_nobody_is_asked(instrumented: Seen, workspace_session: Workspace) -> None:
    with workspace_session.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    (span,) = instrumented.spans("sql_warehouse.query")
    assert "genops.governance.policy_check" not in (span.attributes or {})
