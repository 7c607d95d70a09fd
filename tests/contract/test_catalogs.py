from __future__ import annotations

from collections.abc import Callable

import pytest
from databricks.sdk.errors import (
    BadRequest,
    InvalidParameterValue,
    NotFound,
    NotImplemented,
    PermissionDenied,
)
from databricks.sdk.service.catalog import (
    CatalogType,
    PermissionsChange,
    Privilege,
    SecurableType,
    VolumeType,
)

from lakestead.testing import Workspace
from tests.contract.conftest import Robot


def test_a_catalog_from_its_making_to_its_end(workspace: Workspace) -> None:
    w = workspace.client()
    made = w.catalogs.create("Sales", comment="what we sell", properties={"team": "a"})
    assert made.name == made.full_name == "sales"
    assert made.owner == made.created_by == w.current_user.me().user_name
    assert made.catalog_type is CatalogType.MANAGED_CATALOG
    assert made.securable_type is SecurableType.CATALOG
    assert made.metastore_id == w.metastores.summary().metastore_id
    assert [one.name for one in w.schemas.list("sales")] == ["default"]

    w.groups.create(display_name="owners")
    changed = w.catalogs.update("SALES", comment="", owner="owners", properties={"x": "1"})
    assert changed.comment is None
    assert changed.owner == "owners"
    assert changed.properties == {"x": "1"}
    assert w.catalogs.update("sales", new_name="Sold").name == "sold"
    assert [one.name for one in w.catalogs.list()] == ["main", "sold", "system"]

    w.catalogs.delete("sold")
    with pytest.raises(NotFound):
        w.catalogs.get("sold")


def test_a_catalog_with_something_in_it_is_dropped_only_by_force(workspace: Workspace) -> None:
    w = workspace.client()
    w.catalogs.create("full")
    made = w.volumes.create("full", "default", "v", VolumeType.MANAGED)
    assert made.storage_location
    with pytest.raises(BadRequest, match="not empty"):
        w.catalogs.delete("full")
    w.catalogs.delete("full", force=True)
    with pytest.raises(NotFound):
        w.volumes.read("full.default.v")


@pytest.mark.parametrize("name", ["", "a b", "a.b", "a/b", "a\tb", "x" * 256, "system", "hive_metastore"])
def test_names_that_cannot_be(workspace_session: Workspace, name: str) -> None:
    with pytest.raises(InvalidParameterValue):
        workspace_session.client().catalogs.create(name)


def test_two_catalogs_cannot_have_one_name(workspace: Workspace) -> None:
    w = workspace.client()
    w.catalogs.create("twice")
    with pytest.raises(BadRequest, match="already exists"):
        w.catalogs.create("TWICE")
    w.catalogs.create("other")
    with pytest.raises(BadRequest, match="already exists"):
        w.catalogs.update("other", new_name="twice")


def test_what_is_not_supported_is_refused(workspace_session: Workspace) -> None:
    w = workspace_session.client()
    with pytest.raises(NotImplemented):
        w.catalogs.create("elsewhere", storage_root="s3://bucket/path")
    with pytest.raises(NotImplemented):
        w.catalogs.create("foreign", connection_name="c", options={"database": "d"})
    with pytest.raises(InvalidParameterValue, match="custom_max_retention_hours"):
        w.catalogs.create("kept", custom_max_retention_hours=1)


def test_lists_come_in_pages(workspace: Workspace) -> None:
    w = workspace.client()
    names = [f"c{number:02}" for number in range(7)]
    for name in names:
        w.catalogs.create(name)
    assert [one.name for one in w.catalogs.list(max_results=3)] == [*names, "main", "system"]
    with pytest.raises(InvalidParameterValue, match="page_token"):
        list(w.catalogs.list(max_results=3, page_token="é"))


def test_who_sees_and_changes_a_catalog(workspace: Workspace, robot: Callable[[], Robot]) -> None:
    w, other = workspace.client(), robot()
    w.catalogs.create("secret")
    assert [one.name for one in other.client.catalogs.list()] == ["main"]
    with pytest.raises(PermissionDenied):
        other.client.catalogs.get("secret")
    with pytest.raises(PermissionDenied, match="CREATE CATALOG"):
        other.client.catalogs.create("mine")

    w.grants.update(
        "catalog", "secret", changes=[PermissionsChange(principal=other.name, add=[Privilege.BROWSE])]
    )
    assert [one.name for one in other.client.catalogs.list()] == ["main"]
    browsed = {one.name: one.browse_only for one in other.client.catalogs.list(include_browse=True)}
    assert browsed == {"main": False, "secret": True}
    assert other.client.catalogs.get("secret").browse_only

    for change in (
        lambda: other.client.catalogs.update("secret", comment="x"),
        lambda: other.client.catalogs.delete("secret"),
    ):
        with pytest.raises(PermissionDenied, match="owner"):
            change()
    w.catalogs.update("secret", owner=other.name)
    assert other.client.catalogs.update("secret", comment="mine now").comment == "mine now"


def test_who_is_granted_create_catalog_makes_them(workspace: Workspace, robot: Callable[[], Robot]) -> None:
    w, other = workspace.client(), robot()
    metastore = w.metastores.summary()
    assert metastore.metastore_id
    assert w.metastores.current().metastore_id == metastore.metastore_id
    assert [one.metastore_id for one in w.metastores.list()] == [metastore.metastore_id]
    assert w.metastores.get(metastore.metastore_id).name == metastore.name
    with pytest.raises(NotFound):
        w.metastores.get("another")
    w.grants.update(
        "metastore",
        metastore.metastore_id,
        changes=[PermissionsChange(principal=other.name, add=[Privilege.CREATE_CATALOG])],
    )
    assert other.client.catalogs.create("mine").owner == other.name
