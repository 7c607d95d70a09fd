from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakestead.client import Warehouse
from lakestead.client.workspaces import named_workspaces
from lakestead.core.errors import ConfigError
from lakestead.govern import get_governance_monitor
from lakestead.govern.workspaces import configure_unity_catalog_governance, unified_lineage
from lakestead.testing import Workspace, serve

GONE = "http://127.0.0.1:9"
SECONDS = 60.0


@pytest.fixture(scope="module")
def second() -> Iterator[Workspace]:
    """Another workspace."""
    with serve() as made:
        yield made


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """No workspace stays known."""
    yield
    for one in named_workspaces().all():
        named_workspaces().remove(one.url)


def test_a_workspace_that_has_everything_is_configured(workspace_session: Workspace) -> None:
    found = configure_unity_catalog_governance(
        workspace_url=workspace_session.host,
        token=workspace_session.token,
        warehouse_id=workspace_session.warehouse_id,
        compliance_level="enterprise",
    )
    assert found["configured"] is True
    names = [one["name"] for one in found["checks"]]
    assert names == ["reachable", "login", "metastore", "encryption", "audit_log"]
    assert found["active_workspace_url"] == workspace_session.host
    assert named_workspaces().all() == []


def test_one_that_does_not_answer_or_lets_nobody_in_is_not(workspace_session: Workspace) -> None:
    gone = configure_unity_catalog_governance(workspace_url=GONE, token="none", warehouse_id="none")
    assert gone["configured"] is False
    assert gone["checks"] == [
        {
            "name": "reachable",
            "ok": False,
            "message": f"{GONE} does not answer: check the URL and the network",
        }
    ]
    locked = configure_unity_catalog_governance(workspace_url=workspace_session.host, token="wrong")
    assert [(one["name"], one["ok"]) for one in locked["checks"]] == [("reachable", True), ("login", False)]
    assert "wrong" not in str(locked["checks"])


def test_another_metastore_than_the_named_is_told(workspace_session: Workspace) -> None:
    found = configure_unity_catalog_governance(
        workspace_session.host, "00000000-0000-0000-0000-000000000000", token=workspace_session.token
    )
    assert found["configured"] is False
    assert "not 00000000-0000-0000-0000-000000000000" in found["checks"][-1]["message"]


def test_the_lineage_of_two_workspaces_is_one_graph(workspace_session: Workspace, second: Workspace) -> None:
    for number, workspace in enumerate((workspace_session, second)):
        warehouse = Warehouse(workspace.profile)
        catalog = f"only_{number}"
        warehouse.rows(f"CREATE CATALOG IF NOT EXISTS {catalog}")
        warehouse.rows(f"CREATE OR REPLACE TABLE {catalog}.default.raw AS SELECT 1 AS id")
        warehouse.rows(
            f"CREATE OR REPLACE TABLE {catalog}.default.made AS SELECT * FROM {catalog}.default.raw"
        )
        warehouse.close()
        found = configure_unity_catalog_governance(
            workspace_url=workspace.host,
            token=workspace.token,
            warehouse_id=workspace.warehouse_id,
            enable_cross_workspace_lineage=True,
            enable_unified_cost_reporting=number == 0,
        )
        assert found["configured"]
    assert [one.url for one in named_workspaces().for_costs()] == [workspace_session.host]
    edges = {(one.source.table, one.target.table) for one in unified_lineage().edges}
    for number in range(2):
        assert (f"only_{number}.default.raw", f"only_{number}.default.made") in edges
    admin = Warehouse(workspace_session.profile)
    admin.rows("DROP CATALOG only_0 CASCADE")
    admin.close()


def test_the_second_stands_in_for_one_that_is_gone_and_records_reach_it(
    second: Workspace, tmp_path: Path
) -> None:
    found = configure_unity_catalog_governance(
        workspace_url=GONE,
        metastore_id="of-this-test",
        token="none",
        warehouse_id="none",
        enable_high_availability=True,
        failover_workspace_url=second.host,
        failover_token=second.token,
        failover_warehouse_id=second.warehouse_id,
        sync_interval_seconds=60,
        records_in="main.records",
        spool=tmp_path / "spool",
    )
    assert found["configured"] is False
    assert found["active_workspace_url"] == second.host
    monitor = get_governance_monitor("of-this-test")
    monitor.track_compliance_audit("pii_scan", "main.a.b", "pass", ["masked"])
    monitor.track_data_lineage("read", "main", "a", "b")
    assert found["recorder"].flush(SECONDS)
    found["recorder"].close()
    found["failover"].close()
    monitor.record_with(None)
    warehouse = Warehouse(second.profile)
    rows = warehouse.rows("SELECT kind, body FROM main.records._lakestead_records ORDER BY kind")
    warehouse.close()
    assert [row["kind"] for row in rows] == ["audit", "lineage"]
    assert '"masked"' in rows[0]["body"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"compliance_level": "extreme"}, "give one of basic, standard, enterprise"),
        ({"enable_high_availability": True}, "needs failover_workspace_url"),
        ({"failover_workspace_url": GONE}, "has no effect without enable_high_availability"),
        ({"records_in": "main.x"}, "has no effect without enable_high_availability"),
        ({"sync_interval_seconds": 0}, "must be more than 0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, object], message: str) -> None:
    given: dict[str, object] = {"workspace_url": GONE, "token": "none", **settings}
    with pytest.raises(ConfigError, match=message):
        configure_unity_catalog_governance(**given)  # type: ignore[arg-type]
