"""What settings ask of governance: who may see what, and what has to be complied with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lakestead.client import Profile, Warehouse, standing_workspace
from lakestead.core.errors import ConfigError, MissingExtra
from lakestead.core.guards import Guard
from lakestead.telemetry.settings import Settings

if TYPE_CHECKING:
    from lakestead.govern.compliance.auditing import Report
    from lakestead.govern.policies import Governance
    from lakestead.telemetry.adapter import GenOpsDatabricksUnityCatalogAdapter

_RULE = "clearance"


def guards_of(adapter: GenOpsDatabricksUnityCatalogAdapter) -> list[Guard]:
    """Return what stops statements, as an adapter's settings ask: clearances, policies, budgets.

    The workspace is asked when the first statement is sent: the adapter's, else the one that the environment
    names, or an embedded one here.

    Raises:
        ConfigError: when the governance file is wrong or, for `enforce_governance`, is not there; or there is
            no workspace.
        MissingExtra: without `lakestead[govern]`.
    """
    settings = adapter.recorder.settings
    warehouse = _warehouse(adapter.workspace_url)
    found: list[Guard] = []
    with _parts("stopping statements"):
        from lakestead.govern.policies import Governance, PolicyGuard
    if settings.enable_rbac:
        found.append(_clearance_guard(settings, warehouse))
    if settings.enforce_governance:
        from lakestead.costs.budgets import budget_guard, read_budgets

        file = settings.governance_file
        found.append(PolicyGuard(warehouse, Governance.load(file)))
        if read_budgets(file):
            found.append(budget_guard([warehouse], file, tell=adapter.record_budget))
    return found


def _clearance_guard(settings: Settings, warehouse: Warehouse) -> Guard:
    """Return a guard that stops statements on tables that are classified above the sender's clearance.

    Levels and clearances are those of the section `classification` of the governance file; without a file,
    the built-in levels, of which nobody is cleared for more than the default.
    """
    from lakestead.govern.policies import Governance, Mode, Policies, PolicyGuard

    policies = Policies.model_validate({_RULE: {"rule": "clearance", "mode": Mode.BLOCK.value}})
    found = _governance(settings)
    governance = Governance(policies, found.classification, found.retention, found.compliance)
    return PolicyGuard(warehouse, governance)


def compliance(settings: Settings, workspace_url: str | None) -> Report:
    """Return what the frameworks of the settings find in the workspace; else those of the governance file.

    Args:
        settings: name the frameworks and the file.
        workspace_url: the workspace; else the one that the environment names, or an embedded one here.

    Raises:
        ConfigError: when the file is wrong, or there is no workspace.
        MissingExtra: without `lakestead[govern]`.
        databricks.sql.Error: when the workspace refuses a query.
    """
    with _parts("check_compliance"):
        from lakestead.govern.compliance.auditing import audit
    return audit(_warehouse(workspace_url), _governance(settings), only=settings.compliance_frameworks)


def _governance(settings: Settings) -> Governance:
    """Return what the governance file says; nothing if there is none."""
    from lakestead.govern.classification import Classification
    from lakestead.govern.compliance import ComplianceSettings
    from lakestead.govern.policies import Governance, Policies
    from lakestead.govern.retention.declared import Retention

    if settings.governance_file.is_file():
        return Governance.load(settings.governance_file)
    return Governance(Policies(), Classification(), Retention(), ComplianceSettings())


@contextmanager
def _parts(feature: str) -> Iterator[None]:
    """Import what needs govern's extra."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in ("sqlglot", "numpy"):
            raise
        raise MissingExtra(feature, "govern") from None


def _warehouse(workspace_url: str | None) -> Warehouse:
    if workspace_url is not None:
        return Warehouse(Profile(host=workspace_url))
    found = standing_workspace()
    if found is None:
        raise ConfigError(
            "no workspace is known that could tell what tables are classified as: set DATABRICKS_HOST"
        )
    return Warehouse(found.profile)
