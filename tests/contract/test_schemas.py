from __future__ import annotations

from collections.abc import Callable

import pytest
from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound, PermissionDenied
from databricks.sdk.service.catalog import PermissionsChange, Privilege, VolumeType

from lakestead.testing import Workspace
from tests.contract.conftest import Robot


def test_a_schema_from_its_making_to_its_end(workspace: Workspace) -> None:
    w = workspace.client()
    made = w.schemas.create("Raw", "MAIN", comment="as it came", properties={"a": "b"})
    assert (made.name, made.full_name, made.catalog_name) == ("raw", "main.raw", "main")
    assert w.schemas.get("Main.Raw").as_dict() == made.as_dict() | {"browse_only": False}
    assert w.schemas.update("main.raw", comment="new").comment == "new"
    assert w.schemas.update("main.raw", new_name="cooked").full_name == "main.cooked"
    assert [one.name for one in w.schemas.list("main", max_results=1)] == ["cooked", "default"]
    w.schemas.delete("main.cooked")
    with pytest.raises(NotFound):
        w.schemas.get("main.cooked")


def test_refusals(workspace: Workspace) -> None:
    w = workspace.client()
    w.schemas.create("raw", "main")
    with pytest.raises(BadRequest, match="already exists"):
        w.schemas.create("RAW", "main")
    with pytest.raises(NotFound, match="catalog"):
        w.schemas.create("raw", "nowhere")
    with pytest.raises(InvalidParameterValue, match="reserved"):
        w.schemas.create("information_schema", "main")
    with pytest.raises(InvalidParameterValue, match="2"):
        w.schemas.get("main")
    w.volumes.create("main", "raw", "v", VolumeType.MANAGED)
    with pytest.raises(BadRequest, match="contains objects"):
        w.schemas.delete("main.raw")
    w.schemas.delete("main.raw", force=True)


def test_making_a_schema_takes_use_catalog_and_create_schema(
    workspace: Workspace, robot: Callable[[], Robot]
) -> None:
    w, other = workspace.client(), robot()
    w.catalogs.create("c")

    def give(privilege: Privilege) -> None:
        w.grants.update("catalog", "c", changes=[PermissionsChange(principal=other.name, add=[privilege])])

    give(Privilege.CREATE_SCHEMA)
    with pytest.raises(PermissionDenied, match="USE CATALOG"):
        other.client.schemas.create("mine", "c")
    give(Privilege.USE_CATALOG)
    assert other.client.schemas.create("mine", "c").owner == other.name
    # USE CATALOG alone does not show the other schemas.
    assert [one.name for one in other.client.schemas.list("c")] == ["mine"]
    with pytest.raises(PermissionDenied):
        other.client.schemas.get("c.default")
    with pytest.raises(PermissionDenied):
        other.client.schemas.delete("c.default")
    other.client.schemas.delete("c.mine")
