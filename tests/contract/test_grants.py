from __future__ import annotations

from collections.abc import Callable

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import (
    BadRequest,
    InvalidParameterValue,
    NotFound,
    NotImplemented,
    PermissionDenied,
)
from databricks.sdk.service.catalog import PermissionsChange, Privilege, VolumeType
from databricks.sdk.service.iam import Patch, PatchOp

from lakestead.testing import Workspace
from tests.contract.conftest import Robot


def direct(w: WorkspaceClient, kind: str, name: str, principal: str | None = None) -> dict[str, set[str]]:
    found = w.grants.get(kind, name, principal=principal).privilege_assignments or []
    return {one.principal or "": {privilege.value for privilege in one.privileges or []} for one in found}


def effective(w: WorkspaceClient, kind: str, name: str, principal: str) -> set[tuple[str, str | None]]:
    found = w.grants.get_effective(kind, name, principal=principal).privilege_assignments or []
    return {
        (one.privilege.value, one.inherited_from_name)
        for assignment in found
        for one in assignment.privileges or []
        if one.privilege
    }


def test_grants_are_added_and_removed(workspace: Workspace, robot: Callable[[], Robot]) -> None:
    w, other = workspace.client(), robot()
    w.schemas.create("s", "main")
    add = [Privilege.USE_SCHEMA, Privilege.SELECT, Privilege.SELECT]
    answer = w.grants.update("SCHEMA", "main.s", changes=[PermissionsChange(principal=other.name, add=add)])
    assert [one.principal for one in answer.privilege_assignments or []] == [other.name]
    assert direct(w, "schema", "main.s") == {other.name: {"SELECT", "USE_SCHEMA"}}
    remove = [Privilege.SELECT, Privilege.MODIFY]
    w.grants.update("schema", "main.s", changes=[PermissionsChange(principal=other.name, remove=remove)])
    assert direct(w, "schema", "main.s", other.name) == {other.name: {"USE_SCHEMA"}}
    assert [one.principal for one in w.grants.list("schema", "main.s")] == [other.name]


def test_effective_grants_tell_where_they_come_from(workspace: Workspace, robot: Callable[[], Robot]) -> None:
    w, other = workspace.client(), robot()
    w.volumes.create("main", "default", "v", VolumeType.MANAGED)

    def give(kind: str, name: str, *privileges: Privilege) -> None:
        w.grants.update(kind, name, changes=[PermissionsChange(principal=other.name, add=list(privileges))])

    give("catalog", "main", Privilege.READ_VOLUME, Privilege.USE_CATALOG)
    give("schema", "main.default", Privilege.WRITE_VOLUME)
    give("volume", "main.default.v", Privilege.READ_VOLUME)
    expected = {("READ_VOLUME", None), ("READ_VOLUME", "main"), ("WRITE_VOLUME", "main.default")}
    assert effective(w, "volume", "main.default.v", other.name) == expected
    newer = w.grants.list_effective("volume", "main.default.v", principal=other.name)
    assert {len(one.privileges or []) for one in newer} == {3}
    assert direct(w, "volume", "main.default.v") == {other.name: {"READ_VOLUME"}}


def test_all_changes_or_none(workspace: Workspace) -> None:
    w = workspace.client()
    good = PermissionsChange(principal="account users", add=[Privilege.SELECT])
    bad = PermissionsChange(principal="nobody@example.com", add=[Privilege.SELECT])
    before = direct(w, "catalog", "main")
    with pytest.raises(NotFound, match="nobody"):
        w.grants.update("catalog", "main", changes=[good, bad])
    assert direct(w, "catalog", "main") == before


def test_refusals(workspace: Workspace) -> None:
    w = workspace.client()
    w.volumes.create("main", "default", "v", VolumeType.MANAGED)

    def grant(kind: str, name: str, privilege: Privilege) -> None:
        change = PermissionsChange(principal="account users", add=[privilege])
        w.grants.update(kind, name, changes=[change])

    with pytest.raises(InvalidParameterValue, match="SELECT is not applicable"):
        grant("volume", "main.default.v", Privilege.SELECT)
    with pytest.raises(InvalidParameterValue, match="USE CATALOG is not applicable"):
        grant("schema", "main.default", Privilege.USE_CATALOG)
    with pytest.raises(InvalidParameterValue, match="SECURABLE_TYPE"):
        w.grants.get("tableau", "x")
    with pytest.raises(NotImplemented):
        w.grants.get("external_location", "x")
    with pytest.raises(NotFound):
        w.grants.get("table", "main.default.absent")
    both = PermissionsChange(principal="account users", add=[Privilege.SELECT], remove=[Privilege.SELECT])
    with pytest.raises(BadRequest, match="SELECT"):
        w.grants.update("catalog", "main", changes=[both])


def test_only_who_manages_an_object_grants_and_sees_all_grants(
    workspace: Workspace, robot: Callable[[], Robot]
) -> None:
    w, other, third = workspace.client(), robot(), robot()
    w.schemas.create("s", "main")
    add = [Privilege.USE_SCHEMA]
    changes = [PermissionsChange(principal=one.name, add=add) for one in (other, third)]
    w.grants.update("schema", "main.s", changes=changes)
    assert direct(other.client, "schema", "main.s").keys() == {other.name}
    with pytest.raises(PermissionDenied):
        other.client.grants.update("schema", "main.s", changes=changes)
    manage = [PermissionsChange(principal=other.name, add=[Privilege.MANAGE])]
    w.grants.update("schema", "main.s", changes=manage)
    assert direct(other.client, "schema", "main.s").keys() == {other.name, third.name}
    # MANAGE lets its holder grant itself what it does not have, but is not itself access.
    with pytest.raises(PermissionDenied):
        other.client.volumes.create("main", "s", "v", VolumeType.MANAGED)
    own = [PermissionsChange(principal=other.name, add=[Privilege.CREATE_VOLUME])]
    other.client.grants.update("schema", "main.s", changes=own)
    other.client.volumes.create("main", "s", "v", VolumeType.MANAGED)


def test_what_a_group_is_granted_its_members_have(workspace: Workspace, robot: Callable[[], Robot]) -> None:
    w, other = workspace.client(), robot()
    outer = w.groups.create(display_name="outer")
    inner = w.groups.create(display_name="inner")
    assert inner.id
    assert outer.id
    w.catalogs.create("c")
    w.grants.update(
        "catalog", "c", changes=[PermissionsChange(principal="outer", add=[Privilege.USE_CATALOG])]
    )
    with pytest.raises(PermissionDenied):
        other.client.catalogs.get("c")
    patch_members(w, outer.id, inner.id)
    patch_members(w, inner.id, other.id)
    assert other.client.catalogs.get("c").name == "c"
    w.groups.delete(outer.id)
    with pytest.raises(PermissionDenied):
        other.client.catalogs.get("c")


def patch_members(w: WorkspaceClient, group: str, member: str) -> None:
    w.groups.patch(group, operations=[Patch(op=PatchOp.ADD, path="members", value=[{"value": member}])])
