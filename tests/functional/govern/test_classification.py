from __future__ import annotations

import pytest

from lakestead.client import Profile, Warehouse
from lakestead.core.errors import ConfigError
from lakestead.govern import DatabricksGovernanceMonitor
from lakestead.govern.compliance import ComplianceSettings


@pytest.fixture
def monitor(warehouse: Warehouse) -> DatabricksGovernanceMonitor:
    return DatabricksGovernanceMonitor(warehouse=warehouse)


def decide(
    monitor: DatabricksGovernanceMonitor, schema: str, required: str, clearance: str
) -> dict[str, object]:
    return monitor.enforce_data_classification_policy(*schema.split("."), "t", required, clearance)


def test_the_nearest_tag_counts(
    monitor: DatabricksGovernanceMonitor, warehouse: Warehouse, schema: str
) -> None:
    warehouse.rows(f"CREATE TABLE {schema}.t (id INT, secret STRING)")
    assert decide(monitor, schema, "internal", "internal")["source"] == "given"
    warehouse.rows(f"ALTER SCHEMA {schema} SET TAGS ('classification' = 'confidential')")
    denied = decide(monitor, schema, "public", "internal")
    assert denied["access_granted"] is False
    assert denied["actual_classification"] == "confidential"
    warehouse.rows(f"ALTER TABLE {schema}.t SET TAGS ('classification' = 'public')")
    assert decide(monitor, schema, "public", "public")["access_granted"] is True
    warehouse.rows(f"ALTER TABLE {schema}.t ALTER COLUMN secret SET TAGS ('classification' = 'restricted')")
    column = decide(monitor, schema, "public", "confidential")
    assert column["access_granted"] is False
    assert column["columns_above_clearance"] == ["secret"]


def test_what_the_caller_asks_for_is_never_lowered(
    monitor: DatabricksGovernanceMonitor, warehouse: Warehouse, schema: str
) -> None:
    warehouse.rows(f"CREATE TABLE {schema}.t (id INT)")
    warehouse.rows(f"ALTER TABLE {schema}.t SET TAGS ('classification' = 'public')")
    decision = decide(monitor, schema, "confidential", "internal")
    assert decision["access_granted"] is False
    assert decision["effective_classification"] == "confidential"


def test_a_tag_that_is_no_level_is_refused(
    monitor: DatabricksGovernanceMonitor, warehouse: Warehouse, schema: str
) -> None:
    warehouse.rows(f"CREATE TABLE {schema}.t (id INT)")
    warehouse.rows(f"ALTER TABLE {schema}.t SET TAGS ('classification' = 'cosmic')")
    with pytest.raises(ConfigError, match="'cosmic'; the levels are public"):
        decide(monitor, schema, "public", "restricted")


def test_a_workspace_that_is_gone_counts_as_none() -> None:
    gone = Warehouse(Profile(host="http://127.0.0.1:9", token="none", warehouse_id="none"))
    monitor = DatabricksGovernanceMonitor(warehouse=gone)
    decision = monitor.enforce_data_classification_policy("a", "b", "c", "confidential", "confidential")
    assert decision["access_granted"] is True
    assert "no workspace could be asked" in decision["reasons"][0]


def test_decisions_and_audits_are_counted(warehouse: Warehouse, schema: str) -> None:
    settings = ComplianceSettings(table_in=schema)
    monitor = DatabricksGovernanceMonitor(warehouse=warehouse, compliance=settings)
    decide(monitor, schema, "internal", "internal")
    decide(monitor, schema, "restricted", "internal")
    monitor.track_compliance_audit("pii_scan", f"{schema}.t", "pass", ["one", "two"])
    monitor.track_compliance_audit("retention", f"{schema}.t", "fail", ["it's late"])
    summary = monitor.get_governance_summary()
    assert (summary.access_granted, summary.access_denied) == (1, 1)
    assert (summary.audits_passed, summary.audits_failed, summary.audit_findings) == (1, 1, 3)
    assert (summary.schema_validation_pass, summary.schema_validation_fail) == (2, 2)
    kept = {audit.audit_type: audit.findings for audit in monitor.audits.audits()}
    assert kept == {"pii_scan": ("one", "two"), "retention": ("it's late",)}


def test_a_status_that_is_none_is_refused() -> None:
    monitor = DatabricksGovernanceMonitor()
    with pytest.raises(ConfigError, match="unknown compliance_status 'fine'; give one of pass, warning"):
        monitor.track_compliance_audit("x", "a.b.c", "fine", [])
