"""A workspace that is governed: alone, with others, or with one that stands in for it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from lakestead.client import Profile, Warehouse, standing_workspace
from lakestead.client.workspaces import KnownWorkspace, named_workspaces, profile_of
from lakestead.core.errors import ConfigError
from lakestead.core.names import InvalidName, split_name
from lakestead.govern.monitor import get_governance_monitor
from lakestead.govern.workspaces.failover import Failover, Member
from lakestead.govern.workspaces.readiness import look
from lakestead.govern.workspaces.recorder import Recorder
from lakestead.govern.workspaces.spool import Spool

DEFAULT_SPOOL = Path(".lakestead-spool")


def configure_unity_catalog_governance(
    workspace_url: str | None = None,
    metastore_id: str | None = None,
    *,
    enable_cross_workspace_lineage: bool = False,
    enable_unified_cost_reporting: bool = False,
    compliance_level: str = "standard",
    enable_high_availability: bool = False,
    failover_workspace_url: str | None = None,
    sync_interval_seconds: float = 30,
    token: str | None = None,
    warehouse_id: str | None = None,
    failover_token: str | None = None,
    failover_warehouse_id: str | None = None,
    records_in: str | None = None,
    spool: Path | str = DEFAULT_SPOOL,
) -> dict[str, Any]:
    """Look whether a workspace is fit to be governed, and let the program's parts know of it.

    Args:
        workspace_url: the workspace; else the one that the environment names, or the embedded one in
            `.lakestead`.
        metastore_id: its metastore; audits and lineage of `get_governance_monitor(metastore_id)` are
            recorded.
        enable_cross_workspace_lineage: its lineage is part of the one of all workspaces (`unified_lineage`).
        enable_unified_cost_reporting: its costs are part of the one account of all workspaces.
        compliance_level: what it must have: see `lakestead.govern.workspaces.readiness.look`.
        enable_high_availability: `failover_workspace_url` stands in for it while it does not answer.
        failover_workspace_url: the workspace that does.
        sync_interval_seconds: how often to look whether they answer.
        token: for the workspace; else as `lakestead.client.workspaces.profile_of` finds it.
        warehouse_id: the SQL warehouse there.
        failover_token: for the other workspace.
        failover_warehouse_id: the SQL warehouse there.
        records_in: `catalog.schema`, in both workspaces, that gets what the monitor records.
        spool: the folder that keeps records until a workspace has them.

    Returns:
        `configured`: whether the workspace has all that `compliance_level` asks for; `checks`: what was
        looked at; `active_workspace_url`: the one that is used; `failover`: a `Failover` and `recorder`: a
        `Recorder`, or None; and the settings.

    Raises:
        ConfigError: settings that contradict each other or are incomplete, no credentials, or a metastore_id
            that is none. A workspace that does not answer is no error: it is not `configured`.
    """
    _check(enable_high_availability, failover_workspace_url, sync_interval_seconds, records_in)
    url, profile = _way_in(workspace_url, token, warehouse_id)
    with closing(Warehouse(profile)) as warehouse:
        checks = look(warehouse, url, compliance_level, metastore_id)
    configured = all(one.ok for one in checks)
    if configured and (enable_cross_workspace_lineage or enable_unified_cost_reporting):
        named_workspaces().add(
            KnownWorkspace(url, url, profile, enable_cross_workspace_lineage, enable_unified_cost_reporting)
        )
    failover, recorder = None, None
    if enable_high_availability and failover_workspace_url is not None:
        second = Member(
            failover_workspace_url,
            profile_of(failover_workspace_url, failover_token, failover_warehouse_id),
        )
        failover = Failover(Member(url, profile), second, sync_interval_seconds)
        if records_in is not None:
            recorder = _recorder(Path(spool), failover, records_in, metastore_id)
        failover.start()
    return {
        "configured": configured,
        "workspace_url": url,
        "active_workspace_url": failover.active.url if failover else url,
        "metastore_id": metastore_id,
        "checks": [one.values() for one in checks],
        "compliance_level": compliance_level,
        "enable_cross_workspace_lineage": enable_cross_workspace_lineage,
        "enable_unified_cost_reporting": enable_unified_cost_reporting,
        "enable_high_availability": enable_high_availability,
        "failover_workspace_url": failover_workspace_url,
        "sync_interval_seconds": sync_interval_seconds,
        "failover": failover,
        "recorder": recorder,
    }


def _check(available: bool, second: str | None, seconds: float, records_in: str | None) -> None:
    if available and second is None:
        raise ConfigError("enable_high_availability needs failover_workspace_url")
    if second is not None and not available:
        raise ConfigError("failover_workspace_url has no effect without enable_high_availability=True")
    if seconds <= 0:
        raise ConfigError(f"sync_interval_seconds must be more than 0, not {seconds}")
    if records_in is not None and not available:
        raise ConfigError("records_in has no effect without enable_high_availability=True")
    if records_in is not None:
        _schema(records_in)


def _schema(text: str) -> tuple[str, str]:
    try:
        catalog, schema = split_name(text)
    except (InvalidName, ValueError):
        raise ConfigError(f"records_in: '{text}' is no schema: give catalog.schema") from None
    return catalog, schema


def _way_in(url: str | None, token: str | None, warehouse_id: str | None) -> tuple[str, Profile]:
    if url is not None:
        return url, profile_of(url, token, warehouse_id)
    found = standing_workspace()
    if found is None:
        raise ConfigError("no workspace: give workspace_url, or set DATABRICKS_HOST and DATABRICKS_TOKEN")
    return found.profile.url, found.profile


def _recorder(folder: Path, failover: Failover, records_in: str, metastore_id: str | None) -> Recorder:
    made = Recorder(Spool(folder / f"{metastore_id or 'records'}.db"), failover, _schema(records_in))
    get_governance_monitor(metastore_id).record_with(made.record)
    return made
