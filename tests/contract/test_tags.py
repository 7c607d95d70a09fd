from __future__ import annotations

from collections.abc import Callable

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import (
    InvalidParameterValue,
    NotFound,
    PermissionDenied,
    ResourceAlreadyExists,
)
from databricks.sdk.service.catalog import EntityTagAssignment, PermissionsChange, Privilege

from lakestead.testing import Workspace
from tests.contract.conftest import Robot


def assign(w: WorkspaceClient, kind: str, name: str, key: str, value: str = "") -> None:
    w.entity_tag_assignments.create(EntityTagAssignment(name, key, kind, tag_value=value))


def tags(w: WorkspaceClient, kind: str, name: str) -> dict[str, str | None]:
    return {one.tag_key: one.tag_value for one in w.entity_tag_assignments.list(kind, name)}


@pytest.fixture
def table(workspace: Workspace) -> str:
    with workspace.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE main.default.people (Id BIGINT, mail STRING)")
    return "main.default.people"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("catalogs", "main"),
        ("schemas", "main.default"),
        ("tables", "main.default.people"),
        ("columns", "main.default.people.mail"),
    ],
)
def test_a_tag_from_its_assignment_to_its_end(workspace: Workspace, table: str, kind: str, name: str) -> None:
    w = workspace.client()
    assign(w, kind, name, "Pii", "yes")
    assert w.entity_tag_assignments.get(kind, name, "Pii").tag_value == "yes"
    changed = EntityTagAssignment(name, "Pii", kind, tag_value="no")
    w.entity_tag_assignments.update(kind, name, "Pii", changed, "tag_value")
    assign(w, kind, name, "flag")
    assert tags(w, kind, name) == {"Pii": "no", "flag": ""}
    with pytest.raises(ResourceAlreadyExists):
        assign(w, kind, name, "Pii", "again")
    w.entity_tag_assignments.delete(kind, name, "Pii")
    assert tags(w, kind, name) == {"flag": ""}
    for missing in (w.entity_tag_assignments.get, w.entity_tag_assignments.delete):
        with pytest.raises(NotFound):
            missing(kind, name, "Pii")


def test_columns_and_their_table_have_tags_of_their_own(workspace: Workspace, table: str) -> None:
    w = workspace.client()
    assign(w, "tables", table, "a")
    assign(w, "columns", f"{table}.ID", "b")
    assert tags(w, "tables", table) == {"a": ""}
    assert tags(w, "columns", f"{table}.id") == {"b": ""}
    with pytest.raises(InvalidParameterValue, match="absent"):
        assign(w, "columns", f"{table}.absent", "c")


@pytest.mark.parametrize(
    ("key", "value"),
    [("", "v"), ("a.b", "v"), ("a:b", "v"), ("a=b", "v"), (" a", "v"), ("k" * 256, "v"), ("k", "v" * 1001)],
)
def test_tags_that_cannot_be(workspace_session: Workspace, key: str, value: str) -> None:
    with pytest.raises(InvalidParameterValue, match="tag"):
        assign(workspace_session.client(), "catalogs", "main", key, value)


def test_fifty_tags_are_enough(workspace: Workspace) -> None:
    w = workspace.client()
    for number in range(50):
        assign(w, "catalogs", "main", f"k{number}")
    with pytest.raises(InvalidParameterValue, match="At most 50"):
        assign(w, "catalogs", "main", "k50")
    assert len(tags(w, "catalogs", "main")) == 50


def test_tagging_takes_apply_tag(workspace: Workspace, robot: Callable[[], Robot]) -> None:
    w, other = workspace.client(), robot()
    with pytest.raises(PermissionDenied, match="APPLY TAG"):
        assign(other.client, "catalogs", "main", "k")
    w.grants.update(
        "catalog", "main", changes=[PermissionsChange(principal=other.name, add=[Privilege.APPLY_TAG])]
    )
    assign(other.client, "catalogs", "main", "k")
    assert tags(w, "catalogs", "main") == {"k": ""}
