from __future__ import annotations

import base64
import io

import pytest
from databricks.sdk.errors import (
    BadRequest,
    InvalidParameterValue,
    NotFound,
    NotImplemented,
    PermissionDenied,
    ResourceAlreadyExists,
)
from databricks.sdk.service.workspace import ExportFormat, ImportFormat, Language, ObjectType

from lakestead.testing import Workspace
from tests.contract.conftest import Reader


def test_folders_and_files(workspace_session: Workspace, schema: str) -> None:
    w = workspace_session.client()
    top = f"/Shared/{schema}"
    w.workspace.mkdirs(f"/Workspace{top}/a/b")
    w.workspace.mkdirs(f"{top}/a")
    content = base64.b64encode(b"\x00 file").decode()
    w.workspace.import_(f"{top}/a/note.txt", content=content, format=ImportFormat.AUTO)
    listed = {one.path: one.object_type for one in w.workspace.list(f"{top}/a")}
    assert listed == {f"{top}/a/b": ObjectType.DIRECTORY, f"{top}/a/note.txt": ObjectType.FILE}
    assert w.workspace.export(f"{top}/a/note.txt").content == content
    with w.workspace.download(f"{top}/a/note.txt", format=ExportFormat.AUTO) as file:
        assert file.read() == b"\x00 file"
    with pytest.raises(ResourceAlreadyExists):
        w.workspace.import_(f"{top}/a/note.txt", content=content, format=ImportFormat.AUTO)
    w.workspace.import_(f"{top}/a/note.txt", content="", format=ImportFormat.AUTO, overwrite=True)
    assert w.workspace.export(f"{top}/a/note.txt").content == ""
    with pytest.raises(ResourceAlreadyExists, match="not a directory"):
        w.workspace.mkdirs(f"{top}/a/note.txt/c")
    with pytest.raises(BadRequest, match="not empty"):
        w.workspace.delete(top)
    w.workspace.delete(top, recursive=True)
    with pytest.raises(NotFound):
        w.workspace.get_status(f"{top}/a/note.txt")


def test_what_is_there_by_itself_and_whose_it_is(workspace_session: Workspace, reader: Reader) -> None:
    w = workspace_session.client()
    mine = reader.client.workspace
    assert {one.path for one in mine.list("/")} == {"/Users", "/Shared"}
    home = mine.get_status(f"/Users/{reader.name}")
    assert home.object_type is ObjectType.DIRECTORY
    assert home.object_id == w.workspace.get_status(f"/Workspace/Users/{reader.name}").object_id
    for path in ("/Users/admin@lakestead.local", "/Elsewhere"):
        with pytest.raises(PermissionDenied):
            mine.mkdirs(f"{path}/x")
    with pytest.raises(NotFound):
        w.workspace.get_status("/Users/nobody@example.com")
    with pytest.raises(PermissionDenied):
        w.workspace.delete("/Shared", recursive=True)
    for path in ("relative", "/Shared/../Users", "/Shared//x"):
        with pytest.raises(InvalidParameterValue):
            w.workspace.mkdirs(path)


def test_a_file_is_uploaded_as_it_is_and_notebooks_are_refused(
    workspace_session: Workspace, schema: str
) -> None:
    w = workspace_session.client()
    path = f"/Shared/{schema}.bin"
    for content in (bytes(range(256)), b"--\r\n\r\n"):
        w.workspace.upload(path, io.BytesIO(content), format=ImportFormat.AUTO, overwrite=True)
        with w.workspace.download(path) as file:
            assert file.read() == content
    w.workspace.delete(path)
    with pytest.raises(NotImplemented, match="notebook"):
        w.workspace.import_(path, content="", format=ImportFormat.SOURCE, language=Language.PYTHON)
