"""What settings ask of governance: who may see what."""

from __future__ import annotations

from lakestead.client import Profile, Warehouse, standing_workspace
from lakestead.core.errors import ConfigError, MissingExtra
from lakestead.core.guards import Guard
from lakestead.telemetry.settings import Settings

_RULE = "clearance"


def clearance_guard(settings: Settings, workspace_url: str | None) -> Guard:
    """Return a guard that stops statements on tables that are classified above the sender's clearance.

    Levels and clearances are those of the section `classification` of the governance file; without a file,
    the built-in levels, of which nobody is cleared for more than the default. The workspace is asked when the
    first statement is sent.

    Args:
        settings: name the file.
        workspace_url: the workspace; else the one that the environment names, or an embedded one here.

    Raises:
        ConfigError: when the file is wrong, or there is no workspace.
        MissingExtra: without `lakestead[govern]`.
    """
    try:
        from lakestead.govern.classification import Classification
        from lakestead.govern.compliance import ComplianceSettings
        from lakestead.govern.policies import Governance, Mode, Policies, PolicyGuard
        from lakestead.govern.retention.declared import Retention
    except ModuleNotFoundError as error:
        if error.name != "sqlglot":
            raise
        raise MissingExtra("enable_rbac", "govern") from None
    policies = Policies.model_validate({_RULE: {"rule": "clearance", "mode": Mode.BLOCK.value}})
    if settings.governance_file.is_file():
        found = Governance.load(settings.governance_file)
        governance = Governance(policies, found.classification, found.retention, found.compliance)
    else:
        governance = Governance(policies, Classification(), Retention(), ComplianceSettings())
    return PolicyGuard(_warehouse(workspace_url), governance)


def _warehouse(workspace_url: str | None) -> Warehouse:
    if workspace_url is not None:
        return Warehouse(Profile(host=workspace_url))
    found = standing_workspace()
    if found is None:
        raise ConfigError(
            "enable_rbac: no workspace is known that could tell tables' classification; set DATABRICKS_HOST"
        )
    return Warehouse(found.profile)
