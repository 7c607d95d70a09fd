from __future__ import annotations

from collections.abc import Callable

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import (
    InvalidParameterValue,
    NotFound,
    NotImplemented,
    PermissionDenied,
    ResourceAlreadyExists,
    Unauthenticated,
)
from databricks.sdk.service.catalog import PermissionsChange, Privilege
from databricks.sdk.service.iam import ComplexValue, Group, ListSortOrder, Name, Patch, PatchOp, User

from lakestead.testing import Workspace
from tests.contract.conftest import Robot

ADMIN = "admin@lakestead.local"


def members(group: Group) -> set[str | None]:
    return {one.value for one in group.members or []}


def user_id(user: User) -> str:
    assert user.id
    return user.id


def test_who_am_i(workspace: Workspace, robot: Callable[[], Robot]) -> None:
    w, other = workspace.client(), robot()
    me = w.current_user.me()
    assert (me.user_name, me.active) == (ADMIN, True)
    assert {one.display for one in me.groups or []} == {"admins", "users"}
    assert other.client.current_user.me().user_name == other.name
    assert w.get_workspace_id() == w.metastores.current().workspace_id


def test_a_user_from_its_making_to_its_end(workspace: Workspace) -> None:
    w = workspace.client()
    made = w.users.create(
        user_name="ann@example.com",
        display_name="Ann",
        name=Name(given_name="Ann", family_name="Other"),
        external_id="42",
        entitlements=[ComplexValue(value="workspace-access")],
    )
    identity = user_id(made)
    assert made.active
    assert {one.display for one in made.groups or []} == {"users"}
    assert w.users.get(identity).as_dict() == made.as_dict()

    w.users.patch(
        identity,
        operations=[
            Patch(op=PatchOp.REPLACE, path="name.familyName", value="Else"),
            Patch(op=PatchOp.REPLACE, value={"displayName": "A. Else"}),
            Patch(op=PatchOp.ADD, path="entitlements", value=[{"value": "databricks-sql-access"}]),
            Patch(op=PatchOp.REMOVE, path='entitlements[value eq "workspace-access"]'),
            Patch(op=PatchOp.REMOVE, path="externalId"),
        ],
    )
    found = w.users.get(identity)
    assert found.name
    assert (found.name.given_name, found.name.family_name) == ("Ann", "Else")
    assert (found.display_name, found.external_id) == ("A. Else", None)
    assert [one.value for one in found.entitlements or []] == ["databricks-sql-access"]

    w.users.update(identity, user_name="ann@example.com", display_name="Ann again")
    assert w.users.get(identity).display_name == "Ann again"
    w.users.delete(identity)
    with pytest.raises(NotFound):
        w.users.get(identity)
    # Numbers are not given twice: the next user is not taken for the one before.
    assert user_id(w.users.create(user_name="ann@example.com")) != identity


def test_lists_are_filtered_sorted_and_paged(workspace: Workspace) -> None:
    w = workspace.client()
    for name in ("carl", "ann", "bert"):
        w.users.create(user_name=f"{name}@example.com", display_name=name.upper(), active=name != "bert")

    def names(text: str) -> set[str | None]:
        return {one.display_name for one in w.users.list(filter=text)}

    assert names('userName eq "ANN@example.com"') == {"ANN"}
    assert names('displayName co "AR" or userName sw "be"') == {"CARL", "BERT"}
    assert names('userName ew "example.com" and active eq true') == {"ANN", "CARL"}
    assert names('emails.value eq "carl@example.com"') == {"CARL"}
    assert names('userName ne "ann@example.com" and externalId pr') == set()
    ordered = w.users.list(sort_by="userName", sort_order=ListSortOrder.DESCENDING, count=2)
    assert [one.user_name for one in ordered][:2] == ["carl@example.com", "bert@example.com"]
    assert len(list(w.users.list(count=1))) == 4
    slim = next(iter(w.users.list(filter='displayName eq "ann"', attributes="userName")))
    assert slim.user_name
    assert slim.id
    assert slim.display_name is None
    assert next(iter(w.users.list(excluded_attributes="groups,emails"))).groups == []
    for malformed in ("userName", 'userName like "x"', 'userName eq "x" nor active eq true', "(a eq 1)"):
        with pytest.raises(InvalidParameterValue):
            list(w.users.list(filter=malformed))


def test_groups_and_their_members(workspace: Workspace) -> None:
    w = workspace.client()
    ann, bert = (user_id(w.users.create(user_name=f"{name}@example.com")) for name in ("ann", "bert"))
    made = w.groups.create(display_name="eng", members=[ComplexValue(value=ann)])
    assert made.id
    assert members(made) == {ann}

    def patch(op: PatchOp, path: str | None, value: object = None) -> set[str | None]:
        assert made.id
        w.groups.patch(made.id, operations=[Patch(op=op, path=path, value=value)])
        return members(w.groups.get(made.id))

    assert patch(PatchOp.ADD, "members", [{"value": bert}]) == {ann, bert}
    assert patch(PatchOp.ADD, None, {"members": [{"value": bert}]}) == {ann, bert}
    assert patch(PatchOp.REMOVE, f'members[value eq "{ann}"]') == {bert}
    assert patch(PatchOp.REPLACE, "members", [{"value": ann}]) == {ann}
    assert patch(PatchOp.REMOVE, "members") == set()
    w.groups.update(made.id, display_name="eng", members=[ComplexValue(value=bert)])
    assert {one.display for one in w.users.get(bert).groups or []} == {"users", "eng"}
    with pytest.raises(InvalidParameterValue, match="member"):
        patch(PatchOp.ADD, "members", [{"value": "9999"}])
    with pytest.raises(InvalidParameterValue, match="member"):
        patch(PatchOp.ADD, "members", [{"value": made.id}])
    with pytest.raises(InvalidParameterValue, match="member"):
        patch(PatchOp.ADD, "members", [{"value": "9" * 30}])
    with pytest.raises(InvalidParameterValue, match="members"):
        patch(PatchOp.ADD, "members", [{"value": ["1"]}])
    with pytest.raises(InvalidParameterValue, match="value"):
        patch(PatchOp.REPLACE, "displayName")
    with pytest.raises(InvalidParameterValue, match="path"):
        patch(PatchOp.ADD, "shoeSize", 42)


def test_grants_and_ownership_follow_a_renamed_group_and_leave_a_deleted_one(workspace: Workspace) -> None:
    w = workspace.client()
    made = w.groups.create(display_name="eng")
    assert made.id
    change = PermissionsChange(principal="eng", add=[Privilege.USE_CATALOG])
    w.catalogs.create("c")
    w.grants.update("catalog", "c", changes=[change])
    w.schemas.update("main.default", owner="eng")
    w.groups.patch(made.id, operations=[Patch(op=PatchOp.REPLACE, path="displayName", value="science")])

    def granted() -> list[str | None]:
        return [one.principal for one in w.grants.get("catalog", "c").privilege_assignments or []]

    assert granted() == ["science"]
    assert w.schemas.get("main.default").owner == "science"
    w.groups.delete(made.id)
    assert granted() == []
    assert w.schemas.get("main.default").owner == ADMIN


def test_who_is_not_active_or_gone_gets_nothing(workspace: Workspace, robot: Callable[[], Robot]) -> None:
    w, other = workspace.client(), robot()
    active = Patch(op=PatchOp.REPLACE, path="active", value="false")
    w.service_principals.patch(other.id, operations=[active])
    with pytest.raises(Unauthenticated):
        other.client.current_user.me()
    active.value = "true"
    w.service_principals.patch(other.id, operations=[active])
    assert other.client.current_user.me().user_name == other.name
    w.service_principals.delete(other.id)
    with pytest.raises(Unauthenticated):
        other.client.current_user.me()


def test_names_that_cannot_be(workspace: Workspace) -> None:
    w = workspace.client()
    w.groups.create(display_name="eng")
    for name in ("no e-mail", "", "a b@example.com", "x" * 250 + "@example.com"):
        with pytest.raises(InvalidParameterValue):
            w.users.create(user_name=name)
    for name in ("ENG", "account users", "admins", ADMIN):
        with pytest.raises(ResourceAlreadyExists):
            w.groups.create(display_name=name)
    ann = user_id(w.users.create(user_name="ann@example.com"))
    with pytest.raises(InvalidParameterValue, match="cannot be changed"):
        w.users.update(ann, user_name="bert@example.com")
    with pytest.raises(NotImplemented, match="role"):
        w.users.create(user_name="carl@example.com", roles=[ComplexValue(value="arn:aws:iam::1:role")])


def test_the_first_admin_and_the_first_groups_stay(workspace: Workspace) -> None:
    w = workspace.client()
    me = w.current_user.me()
    groups = {one.display: one.value for one in me.groups or []}
    changes: list[Callable[[], object]] = [
        lambda: w.users.delete(user_id(me)),
        lambda: w.users.patch(
            user_id(me), operations=[Patch(op=PatchOp.REPLACE, path="active", value="false")]
        ),
        lambda: w.groups.delete(groups["admins"] or ""),
        lambda: w.groups.patch(groups["admins"] or "", operations=[Patch(op=PatchOp.REMOVE, path="members")]),
        lambda: w.groups.patch(
            groups["users"] or "", operations=[Patch(op=PatchOp.REPLACE, path="displayName", value="all")]
        ),
        lambda: w.groups.patch(groups["users"] or "", operations=[Patch(op=PatchOp.REMOVE, path="members")]),
    ]
    for change in changes:
        with pytest.raises(InvalidParameterValue):
            change()
    assert w.current_user.me().as_dict() == me.as_dict()


def test_only_admins_change_identities(workspace: Workspace, robot: Callable[[], Robot]) -> None:
    w, other = workspace.client(), robot()

    def create(client: WorkspaceClient) -> None:
        client.users.create(user_name="ann@example.com")

    with pytest.raises(PermissionDenied, match="admins"):
        create(other.client)
    admins = next(iter(w.groups.list(filter='displayName eq "admins"')))
    assert admins.id
    w.groups.patch(admins.id, operations=[Patch(op=PatchOp.ADD, path="members", value=[{"value": other.id}])])
    create(other.client)
    assert [one.user_name for one in other.client.users.list()] == [ADMIN, "ann@example.com"]
