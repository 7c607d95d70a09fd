"""Metrics: how long operations take, what they cost, what policies said of them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lakestead.telemetry import attributes as names

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider

# What OpenTelemetry asks of db.client.operation.duration.
_SECONDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10)
_OVERHEAD_SECONDS = (0.000005, 0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.01)
# Few values each, so that a metric has few series: no tables, no users.
_DIMENSIONS = (
    names.GENOPS_PROVIDER,
    names.GENOPS_OPERATION_TYPE,
    names.GENOPS_TEAM,
    names.GENOPS_PROJECT,
    names.GENOPS_ENVIRONMENT,
    names.DB_SYSTEM_NAME,
    names.DB_OPERATION_NAME,
    names.SERVER_ADDRESS,
    names.ERROR_TYPE,
)
_COST_DIMENSIONS = (
    names.GENOPS_PROVIDER,
    names.GENOPS_TEAM,
    names.GENOPS_PROJECT,
    names.GENOPS_ENVIRONMENT,
    names.GENOPS_COST_CENTER,
    names.GENOPS_COST_CURRENCY,
    names.GENOPS_COST_RESOURCE_TYPE,
)


class Instruments:
    """The metrics of one program.

    Counters that dashboards ask for by a name without `_total` are up-down counters: Prometheus has them
    under the very name.

    Args:
        provider: makes them.
        performance: also measure what instrumentation itself costs.
    """

    def __init__(self, provider: MeterProvider, *, performance: bool = False) -> None:
        meter = provider.get_meter("lakestead.telemetry")
        self._duration = meter.create_histogram(
            "db.client.operation.duration",
            unit="s",
            description="Duration of database client operations.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )
        self._cost = meter.create_counter("genops.cost.total", description="What operations cost")
        self._violation = meter.create_up_down_counter(
            "genops.governance.violation",
            description="Statements that a policy or budget warned of or stopped",
        )
        self._lineage = meter.create_up_down_counter(
            "genops.data.lineage", description="Operations that took data from tables to tables"
        )
        self._budget = meter.create_gauge(
            "genops.budget.used", unit="1", description="The part of a budget that is spent"
        )
        self._quality = meter.create_gauge(
            "genops.databricks.data_quality_score", description="Data quality of tables, 0 to 100"
        )
        self._compliance = meter.create_gauge(
            "genops.databricks.governance_compliance_rate", description="Checks that were passed, in percent"
        )
        self._overhead = (
            meter.create_histogram(
                "genops.telemetry.overhead",
                unit="s",
                description="Time that instrumentation itself took, for each operation",
                explicit_bucket_boundaries_advisory=_OVERHEAD_SECONDS,
            )
            if performance
            else None
        )

    def operation(self, seconds: float, attributes: Mapping[str, Any]) -> None:
        """Count an operation that has ended: its duration, its cost and its lineage, where it has them."""
        self._duration.record(seconds, _only(attributes, _DIMENSIONS))
        cost = attributes.get(names.GENOPS_COST_TOTAL)
        if cost:
            self._cost.add(max(cost, 0), _only(attributes, _COST_DIMENSIONS))
        if names.GENOPS_LINEAGE_DOWNSTREAM in attributes:
            self._lineage.add(1, _only(attributes, _DIMENSIONS))

    def overhead(self, seconds: float) -> None:
        """Record what instrumenting an operation took, if that is measured."""
        if self._overhead is not None:
            self._overhead.record(seconds)

    def violation(self, rule: str, outcome: str, attributes: Mapping[str, Any]) -> None:
        """Count what a rule said of a statement.

        Args:
            rule: its name.
            outcome: warning or blocked.
            attributes: the statement's.
        """
        said = {"genops.governance.rule": rule, "genops.governance.outcome": outcome}
        self._violation.add(1, {**_only(attributes, _COST_DIMENSIONS), **said})

    def budget(self, name: str, spent: Decimal, limit: Decimal) -> None:
        """Tell how much of a budget is spent.

        Args:
            name: the budget's.
            spent: money.
            limit: money, in the same currency, more than 0.
        """
        self._budget.set(float(spent / limit), {"genops.budget": name, names.GENOPS_PROVIDER: names.PROVIDER})

    def quality(self, score: float, attributes: Mapping[str, str]) -> None:
        """Tell the quality of a table's data, from 0 to 100."""
        self._quality.set(score, {names.GENOPS_PROVIDER: names.PROVIDER, **attributes})

    def compliance(self, percent: float, attributes: Mapping[str, str]) -> None:
        """Tell which part of the checks was passed."""
        self._compliance.set(percent, {names.GENOPS_PROVIDER: names.PROVIDER, **attributes})


def _only(attributes: Mapping[str, Any], wanted: tuple[str, ...]) -> dict[str, Any]:
    return {name: attributes[name] for name in wanted if name in attributes}
