from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from databricks.sdk.errors import (
    BadRequest,
    InvalidParameterValue,
    NotFound,
    PermissionDenied,
    ResourceAlreadyExists,
)
from databricks.sdk.service.catalog import PermissionsChange, Privilege, VolumeType

from lakestead.testing import Workspace
from tests.contract.conftest import Robot


def test_a_managed_volume_has_a_folder_as_long_as_it_is_there(workspace: Workspace) -> None:
    w = workspace.client()
    made = w.volumes.create("main", "default", "Files", VolumeType.MANAGED, comment="c")
    assert (made.full_name, made.volume_type) == ("main.default.files", VolumeType.MANAGED)
    assert made.storage_location
    folder = Path(unquote(urlsplit(made.storage_location).path))
    assert folder.is_dir()
    assert w.volumes.update("main.default.files", new_name="kept", comment="d").comment == "d"
    assert w.volumes.read("main.default.kept").volume_id == made.volume_id
    assert [one.name for one in w.volumes.list("main", "default")] == ["kept"]
    w.volumes.delete("main.default.kept")
    assert not folder.exists()
    with pytest.raises(NotFound):
        w.volumes.read("main.default.kept")


def test_an_external_volume_leaves_its_files(workspace: Workspace, tmp_path: Path) -> None:
    w = workspace.client()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "kept.txt").write_text("here")
    made = w.volumes.create(
        "main", "default", "ext", VolumeType.EXTERNAL, storage_location=f"{tmp_path}/data/"
    )
    assert made.storage_location == (tmp_path / "data").as_uri()
    listed = w.files.list_directory_contents("/Volumes/main/default/ext")
    assert [one.name for one in listed] == ["kept.txt"]
    w.volumes.delete("main.default.ext")
    assert (tmp_path / "data" / "kept.txt").exists()


def test_locations_that_cannot_be(workspace: Workspace, tmp_path: Path) -> None:
    w = workspace.client()
    managed = w.volumes.create("main", "default", "m", VolumeType.MANAGED).storage_location
    assert managed
    w.volumes.create("main", "default", "e", VolumeType.EXTERNAL, storage_location=str(tmp_path / "a"))

    def external(location: str) -> None:
        w.volumes.create("main", "default", "x", VolumeType.EXTERNAL, storage_location=location)

    for overlapping in (managed, f"{managed}/deeper", "/", f"{tmp_path}/a/b", str(tmp_path)):
        with pytest.raises(BadRequest, match="overlaps"):
            external(overlapping)
    for malformed in ("relative/path", "ftp://host/path", "s3://bucket/../other", "file://host/path"):
        with pytest.raises(InvalidParameterValue, match="not a valid location"):
            external(malformed)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(InvalidParameterValue, match="folder cannot be made"):
        external(str(tmp_path / "file"))
    with pytest.raises(InvalidParameterValue, match="needs a storage location"):
        w.volumes.create("main", "default", "x", VolumeType.EXTERNAL)
    with pytest.raises(InvalidParameterValue, match="cannot be given"):
        w.volumes.create("main", "default", "x", VolumeType.MANAGED, storage_location=str(tmp_path / "b"))
    with pytest.raises(ResourceAlreadyExists):
        w.volumes.create("main", "default", "M", VolumeType.MANAGED)
    # A neighbour whose name begins alike does not overlap.
    external(str(tmp_path / "ab"))


def test_who_may_make_volumes(workspace: Workspace, robot: Callable[[], Robot], tmp_path: Path) -> None:
    w, other = workspace.client(), robot()
    w.schemas.create("s", "main")
    changes = [PermissionsChange(principal=other.name, add=[Privilege.USE_SCHEMA, Privilege.CREATE_VOLUME])]
    with pytest.raises(PermissionDenied, match="USE SCHEMA"):
        other.client.volumes.create("main", "s", "mine", VolumeType.MANAGED)
    w.grants.update("schema", "main.s", changes=changes)
    assert other.client.volumes.create("main", "s", "mine", VolumeType.MANAGED).owner == other.name
    # An external volume would show any folder of the machine.
    with pytest.raises(PermissionDenied, match="admins"):
        other.client.volumes.create(
            "main", "s", "ext", VolumeType.EXTERNAL, storage_location=str(tmp_path / "x")
        )
