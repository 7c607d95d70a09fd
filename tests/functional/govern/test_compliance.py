from __future__ import annotations

import datetime as dt
import html.parser
import json
from collections.abc import Callable

import pytest

from lakestead.client import Warehouse
from lakestead.govern import DatabricksGovernanceMonitor
from lakestead.govern.compliance import FRAMEWORKS
from lakestead.govern.compliance.auditing import Report, audit
from lakestead.govern.compliance.frameworks import frameworks
from lakestead.govern.compliance.html import page
from lakestead.govern.policies import Governance, apply, plan

Declared = Callable[[str], Governance]

TEXT = """
compliance: {scope: SCHEMA, frameworks: [gdpr, hipaa]}
policies:
  named: {rule: naming, scope: SCHEMA, pattern: "<b>"}
"""
GOOD = (
    TEXT
    + """
  masked: {rule: masked, scope: SCHEMA, functions_in: SCHEMA}
  owned: {rule: ownership, scope: SCHEMA, to: admins}
  shared: {rule: grants, scope: SCHEMA}
retention:
  people: {scope: SCHEMA.people, column: born, days: 100000}
"""
)


@pytest.fixture
def people(warehouse: Warehouse, schema: str) -> str:
    for statement in (
        f"CREATE TABLE {schema}.people (email STRING, born DATE)",
        f"ALTER TABLE {schema}.people ALTER COLUMN email SET TAGS ('pii' = 'email')",
        f"GRANT SELECT ON TABLE {schema}.people TO `account users`",
    ):
        warehouse.rows(statement)
    return f"{schema}.people"


def statuses(report: Report) -> dict[str, str]:
    return {check.name: str(check.result.status) for one in report.requirements for check in one.checks}


def test_each_framework_has_requirements() -> None:
    assert tuple(frameworks()) == FRAMEWORKS
    assert all(one.requirements for one in frameworks().values())


def test_what_fails_passes_when_it_is_put_right(
    warehouse: Warehouse, people: str, declared: Declared
) -> None:
    before = statuses(audit(warehouse, declared(TEXT)))
    assert before == {
        "at_rest": "unknown",
        "audit_log": "pass",
        "classified": "fail",
        "direct_grants": "pass",
        "documented": "fail",
        "lineage": before["lineage"],
        "owned": "fail",
        "pii_masked": "fail",
        "retention_declared": "fail",
        "retention_kept": "unknown",
        "shared_with_all": "fail",
        "transport": "pass",
    }
    governance = declared(GOOD)
    list(apply(warehouse, plan(warehouse, governance)))
    warehouse.rows(f"ALTER TABLE {people} SET TAGS ('classification' = 'confidential')")
    warehouse.rows(f"COMMENT ON TABLE {people} IS 'Who we know'")
    after = statuses(audit(warehouse, governance))
    assert {name for name, status in after.items() if status != "pass"} <= {"at_rest", "lineage"}
    assert after["at_rest"] == "unknown"


def test_nothing_to_look_at_is_no_pass(warehouse: Warehouse, schema: str, declared: Declared) -> None:
    seen = statuses(audit(warehouse, declared(TEXT)))
    assert {seen[name] for name in ("classified", "pii_masked", "owned", "retention_kept")} == {"unknown"}


def test_an_audit_log_that_does_not_reach_back_fails(
    warehouse: Warehouse, people: str, declared: Declared
) -> None:
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=3)
    assert statuses(audit(warehouse, declared(TEXT), now=later))["audit_log"] == "fail"


def test_findings_are_counted(warehouse: Warehouse, people: str, declared: Declared) -> None:
    monitor = DatabricksGovernanceMonitor(warehouse=warehouse)
    report = monitor.audit_compliance(declared(TEXT))
    summary = monitor.get_governance_summary()
    assert summary.audits_failed == 2
    assert summary.audit_findings == len(report.wrong("GDPR")) + len(report.wrong("HIPAA"))
    assert summary.audit_findings > 5


def test_the_page_is_whole_and_escapes_what_it_shows(
    warehouse: Warehouse, people: str, declared: Declared
) -> None:
    report = audit(warehouse, declared(TEXT))
    shown = page(report)
    opened: list[str] = []

    class Parser(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag not in ("script", "link", "img")
            if tag not in ("meta", "br"):
                opened.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert opened.pop() == tag

    Parser().feed(shown)
    assert opened == []
    assert "does not match &lt;b&gt;" in shown
    assert "http" not in shown.replace(report.workspace, "")
    assert people in shown
    assert json.loads(json.dumps(report.values()))["frameworks"]["GDPR"]["status"] == "fail"
