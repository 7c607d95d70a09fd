"""What programs tell of their own operations."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from opentelemetry.trace import StatusCode

from lakestead.core.errors import ConfigError
from lakestead.costs import create_workspace_cost_context, get_cost_aggregator
from lakestead.telemetry import instrument_databricks_unity_catalog
from lakestead.telemetry.adapter import GenOpsDatabricksUnityCatalogAdapter

from .conftest import Seen

URL = "https://example.cloud.databricks.com"


@pytest.fixture
def adapter(seen: Seen) -> Iterator[GenOpsDatabricksUnityCatalogAdapter]:
    made = instrument_databricks_unity_catalog(URL, **seen.providers)
    yield made
    made.close()
    get_cost_aggregator().reset()


def test_the_span_of_the_guide(seen: Seen, adapter: GenOpsDatabricksUnityCatalogAdapter) -> None:
    adapter.track_table_operation(
        "query",
        "production",
        "analytics",
        "customer_data",
        cost=Decimal("0.045"),
        team="data-engineering",
        project="customer-insights",
        row_count=15_000,
        data_size_bytes=52_428_800,
        policy_check="passed",
        data_classification="confidential",
        lineage_upstream="raw_data.events.user_actions",
        lineage_downstream="analytics.reports.daily_metrics",
    )
    (span,) = seen.spans()
    assert span.name == "genops.databricks.unity_catalog.table.query"
    assert dict(span.attributes or {}) == {
        "genops.provider": "databricks_unity_catalog",
        "genops.framework_type": "data_platform",
        "genops.operation_type": "table.query",
        "genops.workspace_url": URL,
        "genops.catalog_name": "production",
        "genops.schema_name": "analytics",
        "genops.table_name": "customer_data",
        "genops.cost.total": 0.045,
        "genops.cost.currency": "USD",
        "genops.cost.resource_type": "sql_warehouse",
        "genops.team": "data-engineering",
        "genops.project": "customer-insights",
        "genops.data.row_count": 15_000,
        "genops.data.size_bytes": 52_428_800,
        "genops.governance.policy_check": "passed",
        "genops.governance.data_classification": "confidential",
        "genops.governance.lineage_upstream": "raw_data.events.user_actions",
        "genops.governance.lineage_downstream": "analytics.reports.daily_metrics",
    }
    ((labels, cost),) = seen.points("genops.cost.total")
    assert (labels["genops.team"], cost) == ("data-engineering", 0.045)
    ((labels, count),) = seen.points("genops.data.lineage")
    assert (labels["genops.project"], count) == ("customer-insights", 1)


def test_names_by_position(seen: Seen, adapter: GenOpsDatabricksUnityCatalogAdapter) -> None:
    operation = adapter.track_table_operation("read", "raw", "events", "user_actions")
    adapter.track_catalog_operation("read", "raw", nobody=None)
    table, catalog = seen.spans()
    assert operation.span_id == f"{table.context.span_id:016x}"
    assert table.attributes is not None
    assert table.attributes["genops.table_name"] == "user_actions"
    assert catalog.name == "genops.databricks.unity_catalog.catalog.read"


def test_a_warehouse_costs_what_its_units_cost(
    seen: Seen, adapter: GenOpsDatabricksUnityCatalogAdapter
) -> None:
    with create_workspace_cost_context("production-workspace-123", "etl") as costs:
        adapter.track_sql_warehouse_operation(
            sql_warehouse_id="analytics-warehouse",
            query_type="transform",
            query_duration_ms=45_000,
            compute_units=2.5,
            team="data",
        )
        adapter.track_sql_warehouse_operation(
            "w", "query", warehouse_size="Small", query_duration_ms=3_600_000
        )
        adapter.track_sql_warehouse_operation(warehouse_id="unknown", query_type="query")
    summary = costs.get_summary()
    first, second, third = seen.spans()
    assert first.attributes is not None
    assert second.attributes is not None
    # By list price for 2.5 DBUs, and for the 12 DBUs of an hour.
    assert second.attributes["genops.cost.total"] == pytest.approx(
        first.attributes["genops.cost.total"] * 12 / 2.5
    )
    assert float(summary.total_cost) == pytest.approx(
        first.attributes["genops.cost.total"] + second.attributes["genops.cost.total"]
    )
    assert "genops.cost.total" not in (third.attributes or {})
    assert first.end_time is not None
    assert first.start_time is not None
    assert (first.end_time - first.start_time) / 1e9 == pytest.approx(45, abs=1)


def test_a_warehouse_must_be_named_once(adapter: GenOpsDatabricksUnityCatalogAdapter) -> None:
    with pytest.raises(TypeError, match="sql_warehouse_id or warehouse_id"):
        adapter.track_sql_warehouse_operation(query_type="query")
    with pytest.raises(TypeError, match="sql_warehouse_id or warehouse_id"):
        adapter.track_sql_warehouse_operation("a", "query", warehouse_id="b")


def test_what_happens_inside_belongs_to_an_operation(
    seen: Seen, adapter: GenOpsDatabricksUnityCatalogAdapter
) -> None:
    def load() -> None:
        with adapter.table_operation("write", "a", "b", "c") as operation:
            adapter.track_catalog_operation("read", "a")
            operation.set(row_count=3, rejected=["x"])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        load()
    inner, outer = seen.spans()
    assert inner.parent is not None
    assert inner.parent.span_id == outer.context.span_id
    assert outer.status.status_code is StatusCode.ERROR
    assert outer.attributes is not None
    assert outer.attributes["error.type"] == "ZeroDivisionError"
    assert outer.attributes["genops.data.row_count"] == 3
    assert outer.attributes["genops.custom.rejected"] == ("x",)


@pytest.mark.parametrize("keywords", [{"note": {"a": 1}}, {"note": object()}])
def test_values_that_no_attribute_holds(
    adapter: GenOpsDatabricksUnityCatalogAdapter, keywords: dict[str, object]
) -> None:
    with pytest.raises(TypeError, match="note: a span can show"):
        adapter.track_catalog_operation("read", "main", **keywords)


def test_an_operation_needs_a_name(adapter: GenOpsDatabricksUnityCatalogAdapter) -> None:
    with pytest.raises(ValueError, match="is no name of an operation"):
        adapter.track_catalog_operation("--", "main")


def test_gauges(seen: Seen, adapter: GenOpsDatabricksUnityCatalogAdapter) -> None:
    adapter.record_data_quality(97.5, "main", "raw", "t")
    adapter.record_compliance_rate(80.0, "production")
    adapter.record_budget("data", Decimal(30), Decimal(40))
    assert [value for _, value in seen.points("genops.databricks.data_quality_score")] == [97.5]
    assert [value for _, value in seen.points("genops.databricks.governance_compliance_rate")] == [80.0]
    assert [value for _, value in seen.points("genops.budget.used")] == [0.75]


def test_every_operation_is_audited_for_as_long_as_was_said(seen: Seen, tmp_path: Path) -> None:
    old, young = tmp_path / "audit-2019-01-01.jsonl", tmp_path / "audit-2999-01-01.jsonl"
    old.touch()
    young.touch()
    adapter = instrument_databricks_unity_catalog(
        audit_all_operations=True, audit_folder=tmp_path, data_retention_days=2_555, **seen.providers
    )
    adapter.track_catalog_operation("read", "main", team="data")
    adapter.track_catalog_operation("read", "main")
    adapter.close()
    assert not old.exists()
    (written,) = [path for path in tmp_path.iterdir() if path != young]
    first, _ = [json.loads(line) for line in written.read_text().splitlines()]
    (span, _) = seen.spans()
    assert first["trace_id"] == f"{span.context.trace_id:032x}"
    assert first["attributes"] == json.loads(json.dumps(dict(span.attributes or {})))
    assert first["attributes"]["genops.governance.data_retention_days"] == 2_555


def test_personal_data_is_named_and_hidden(seen: Seen) -> None:
    adapter = instrument_databricks_unity_catalog(
        enable_data_masking=True, pii_detection_enabled=True, compliance_frameworks=["gdpr"], **seen.providers
    )
    adapter.track_catalog_operation(
        "read", "main", user="jane", note="asked by jane.doe@example.com today", card="4111 1111 1111 1111"
    )
    (span,) = seen.spans()
    assert span.attributes is not None
    assert span.attributes["genops.user"] == "?"
    assert span.attributes["genops.custom.note"] == "asked by ? today"
    assert span.attributes["genops.custom.card"] == "?"
    assert span.attributes["genops.data.pii_types"] == ("credit_card",)
    assert span.attributes["genops.governance.compliance_frameworks"] == ("GDPR",)


def test_an_unknown_framework_is_refused(seen: Seen) -> None:
    with pytest.raises(ConfigError, match="unknown framework 'GDPX'"):
        instrument_databricks_unity_catalog(compliance_frameworks=["GDPX"], **seen.providers)


def test_log_records_tell_their_trace(seen: Seen, caplog: pytest.LogCaptureFixture) -> None:
    adapter = instrument_databricks_unity_catalog(
        enable_trace_correlation=True, log_level="debug", **seen.providers
    )
    try:
        assert logging.getLogger("lakestead").level == logging.DEBUG
        with adapter.catalog_operation("read", "main") as operation:
            logging.getLogger("program").warning("inside")
        logging.getLogger("program").warning("outside")
        inside, outside = caplog.records
        assert inside.__dict__["otelTraceID"] == operation.trace_id
        assert inside.__dict__["otelSpanID"] == operation.span_id
        assert outside.__dict__["otelTraceID"] == "0"
    finally:
        adapter.close()
        logging.getLogger("lakestead").setLevel(logging.NOTSET)
    logging.getLogger("program").warning("after")
    assert "otelTraceID" not in caplog.records[-1].__dict__


def test_a_span_that_is_not_as_its_schema_says_is_told(seen: Seen, caplog: pytest.LogCaptureFixture) -> None:
    adapter = instrument_databricks_unity_catalog(validate_telemetry_schema=True, **seen.providers)
    adapter.track_catalog_operation("read", "main", currency="USD")
    assert not caplog.records
    adapter.track_catalog_operation("read", "main", currency="dollars")
    assert "'dollars' does not match" in caplog.text


def test_what_instrumentation_costs_is_measured(seen: Seen) -> None:
    adapter = instrument_databricks_unity_catalog(enable_performance_metrics=True, **seen.providers)
    adapter.track_catalog_operation("read", "main")
    ((_, seconds),) = seen.points("genops.telemetry.overhead")
    assert 0 < seconds < 1
