from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from io import BytesIO, RawIOBase
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest
import requests
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import (
    AlreadyExists,
    BadRequest,
    InvalidParameterValue,
    NotFound,
    PermissionDenied,
)
from databricks.sdk.service.catalog import PermissionsChange, Privilege, VolumeType

from lakestead.testing import Workspace
from tests.contract.conftest import Robot

VOLUME = "/Volumes/main/default/v"
# Just above the size from which the SDK uploads and downloads in parts.
LARGE = os.urandom(50 * 1024 * 1024 + 12345)


@pytest.fixture
def w(workspace: Workspace) -> WorkspaceClient:
    client = workspace.client()
    client.volumes.create("main", "default", "v", VolumeType.MANAGED)
    return client


def read(w: WorkspaceClient, path: str) -> bytes:
    contents = w.files.download(path).contents
    assert contents
    with contents:
        return contents.read()


def folder(w: WorkspaceClient) -> Path:
    return Path(unquote(urlsplit(w.volumes.read("main.default.v").storage_location or "").path))


def get(workspace: Workspace, path: str, method: str = "GET", **headers: str) -> tuple[int, bytes]:
    """Send a path just as it is: the usual clients would tidy it up."""
    address = urlsplit(workspace.host)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=30)
    try:
        connection.request(method, path, headers={"Authorization": f"Bearer {workspace.token}", **headers})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("name", ["a.txt", "deep/er/b c.txt", "q?#%25&+é漢😀.txt", ".hidden", "back\\slash"])
def test_a_file_from_its_making_to_its_end(w: WorkspaceClient, name: str) -> None:
    path = f"{VOLUME}/{name}"
    w.files.upload(path, BytesIO(b"first"))
    assert read(w, path) == b"first"
    w.files.upload(path, BytesIO(b"second time"), overwrite=True)
    assert read(w, path) == b"second time"
    metadata = w.files.get_metadata(path)
    assert (metadata.content_length, metadata.content_type) == (11, "application/octet-stream")
    assert metadata.last_modified == w.files.download(path).last_modified
    with pytest.raises(AlreadyExists):
        w.files.upload(path, BytesIO(b"third"), overwrite=False)
    assert read(w, path) == b"second time"
    w.files.delete(path)
    for gone in (w.files.get_metadata, w.files.download, w.files.delete):
        with pytest.raises(NotFound):
            gone(path)


def test_an_empty_file(w: WorkspaceClient) -> None:
    w.files.upload(f"{VOLUME}/empty", BytesIO())
    assert read(w, f"{VOLUME}/empty") == b""
    assert w.files.get_metadata(f"{VOLUME}/empty").content_length == 0


def test_directories(w: WorkspaceClient) -> None:
    w.files.create_directory(f"{VOLUME}/a/b")
    w.files.create_directory(f"{VOLUME}/a/b/")
    w.files.upload(f"{VOLUME}/a/file", BytesIO(b"abc"))
    listed = {one.name: one for one in w.files.list_directory_contents(f"{VOLUME}/a")}
    assert {name: one.is_directory for name, one in listed.items()} == {"b": True, "file": False}
    assert (listed["file"].path, listed["file"].file_size) == (f"{VOLUME}/a/file", 3)
    assert listed["b"].file_size is None
    w.files.get_directory_metadata(f"{VOLUME}/a")
    for no_directory in (f"{VOLUME}/a/file", f"{VOLUME}/absent"):
        with pytest.raises(NotFound):
            w.files.get_directory_metadata(no_directory)
    with pytest.raises(NotFound):
        w.files.get_metadata(f"{VOLUME}/a")
    with pytest.raises(BadRequest, match="not empty"):
        w.files.delete_directory(f"{VOLUME}/a")
    with pytest.raises(InvalidParameterValue, match="volume"):
        w.files.delete_directory(VOLUME)
    with pytest.raises(InvalidParameterValue, match="directory"):
        w.files.upload(f"{VOLUME}/a/b", BytesIO(b"x"))
    with pytest.raises((NotFound, AlreadyExists)):
        w.files.upload(f"{VOLUME}/a/file/below", BytesIO(b"x"))
    w.files.delete_directory(f"{VOLUME}/a/b")
    w.files.delete(f"{VOLUME}/a/file")
    w.files.delete_directory(f"{VOLUME}/a")
    assert list(w.files.list_directory_contents(VOLUME)) == []


def test_long_lists_come_in_pages(w: WorkspaceClient) -> None:
    for number in range(25):
        (folder(w) / f"f{number:02}").touch()
    names = [one.name for one in w.files.list_directory_contents(VOLUME, page_size=7)]
    assert names == [f"f{number:02}" for number in range(25)]


def test_large_files_go_up_and_come_down_in_parts(w: WorkspaceClient, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(LARGE)
    w.files.upload_from(f"{VOLUME}/large", str(source))
    assert read(w, f"{VOLUME}/large") == LARGE
    w.files.download_to(f"{VOLUME}/large", str(target), use_parallel=True)
    assert target.read_bytes() == LARGE
    with pytest.raises(AlreadyExists):
        w.files.upload_from(f"{VOLUME}/large", str(source), overwrite=False)
    assert [one.name for one in w.files.list_directory_contents(VOLUME)] == ["large"]


def test_a_stream_of_unknown_length_goes_up_in_parts(w: WorkspaceClient) -> None:
    class Pipe(RawIOBase):
        def __init__(self) -> None:
            self._source = BytesIO(LARGE)

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            return self._source.read(size)

    for use_parallel in (True, False):
        w.files.upload(f"{VOLUME}/piped", Pipe(), use_parallel=use_parallel)  # type: ignore[arg-type]
        assert w.files.get_metadata(f"{VOLUME}/piped").content_length == len(LARGE)
        w.files.delete(f"{VOLUME}/piped")


def test_uploads_in_parts_are_the_callers_own_and_complete(
    workspace: Workspace, w: WorkspaceClient, robot: Callable[[], Robot]
) -> None:
    other = robot()
    change = PermissionsChange(principal=other.name, add=[Privilege.WRITE_VOLUME])
    w.grants.update("volume", "main.default.v", changes=[change])
    url = f"/api/2.0/fs/files{VOLUME}/x"
    begun = w.api_client.do("POST", url, query={"action": "initiate-upload"})
    token = begun["multipart_upload"]["session_token"]  # type: ignore[call-overload, index]
    asked = {
        "path": f"{VOLUME}/x",
        "session_token": token,
        "start_part_number": 1,
        "count": 1,
        "expire_time": "2100-01-01T00:00:00Z",
    }
    with pytest.raises(PermissionDenied, match="another"):
        other.client.api_client.do("POST", "/api/2.0/fs/create-upload-part-urls", body=asked)
    links = w.api_client.do("POST", "/api/2.0/fs/create-upload-part-urls", body=asked)
    link = links["upload_part_urls"][0]["url"]  # type: ignore[call-overload, index]
    assert requests.put(link, data=b"abc", timeout=10).status_code == 200
    for changed in (link.replace("/1?", "/2?"), link[:-1], link.replace("expires=1", "expires=2")):
        assert requests.put(changed, data=b"abc", timeout=10).status_code == 403
    expired = asked | {"expire_time": "2000-01-01T00:00:00Z"}
    links = w.api_client.do("POST", "/api/2.0/fs/create-upload-part-urls", body=expired)
    late = requests.put(links["upload_part_urls"][0]["url"], data=b"abc", timeout=10)  # type: ignore[call-overload, index]
    assert (late.status_code, "Request has expired" in late.text) == (403, True)
    query = {"action": "complete-upload", "upload_type": "multipart", "session_token": token}
    for parts in ([], [{"part_number": 1, "etag": "wrong"}], [{"part_number": 2, "etag": "x"}]):
        with pytest.raises(InvalidParameterValue, match="parts"):
            w.api_client.do("POST", url, query=query, body={"parts": parts})
    with pytest.raises(InvalidParameterValue, match="not for"):
        w.api_client.do("POST", f"{url}y", query=query, body={"parts": []})
    with pytest.raises(NotFound):
        w.files.get_metadata(f"{VOLUME}/x")


@pytest.mark.parametrize(
    ("header", "status", "body"),
    [
        ("bytes=2-4", 206, b"234"),
        ("bytes=7-", 206, b"789"),
        ("bytes=-3", 206, b"789"),
        ("bytes=5-99", 206, b"56789"),
        ("bytes=10-", 416, b""),
        ("bytes=4-2", 416, b""),
        ("lines=1-2", 200, b"0123456789"),
    ],
)
def test_ranges(workspace: Workspace, w: WorkspaceClient, header: str, status: int, body: bytes) -> None:
    w.files.upload(f"{VOLUME}/digits", BytesIO(b"0123456789"))
    assert get(workspace, f"/api/2.0/fs/files{VOLUME}/digits", Range=header) == (status, body)


def test_a_file_that_changed_since_is_not_continued(workspace: Workspace, w: WorkspaceClient) -> None:
    w.files.upload(f"{VOLUME}/digits", BytesIO(b"0123456789"))
    path = f"/api/2.0/fs/files{VOLUME}/digits"
    modified = w.files.get_metadata(f"{VOLUME}/digits").last_modified
    assert modified
    assert get(workspace, path, **{"If-Unmodified-Since": modified})[0] == 200
    assert get(workspace, path, **{"If-Unmodified-Since": "Tue, 01 Jan 2013 00:00:00 GMT"}) == (412, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/Volumes/main/default/v/../../../../etc/passwd",
        "/Volumes/main/default/v/./a",
        "/Volumes/main/default/v//a",
        "/Volumes/main/default/v/%2e%2e/a",
        "/Volumes/main/default/v/a%2Fb",
        "/Volumes/main/default/v/a%2fb",
        "/Volumes/main/default/v/a%00b",
        "/Volumes/main/default/v/" + "x" * 256,
        "/Volumes/main/default/v/" + "/".join(["x" * 200] * 20),
        "/Volumes/main/default/v/.lakestead-uploads/x",
        "/Volumes/main/default",
        "/Volumes",
        "/etc/passwd",
        "/",
        "",
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("what", ["files", "directories"])
def test_paths_that_cannot_be(workspace_session: Workspace, what: str, method: str, path: str) -> None:
    status, body = get(workspace_session, f"/api/2.0/fs/{what}{path}", method)
    assert status in (400, 404, 501)
    assert b"Traceback" not in body


def test_symbolic_links_do_not_lead_out(workspace: Workspace, w: WorkspaceClient, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    data = tmp_path / "data"
    data.mkdir()
    (data / "out").symlink_to(tmp_path / "outside")
    (data / "file").symlink_to(tmp_path / "outside" / "secret")
    (data / "inside").symlink_to(data / "kept")
    (data / "kept").write_text("kept")
    w.volumes.create("main", "default", "ext", VolumeType.EXTERNAL, storage_location=str(data))
    external = "/Volumes/main/default/ext"
    assert read(w, f"{external}/inside") == b"kept"
    for path in ("out/secret", "file"):
        with pytest.raises(InvalidParameterValue, match="symbolic link"):
            w.files.download(f"{external}/{path}")
    with pytest.raises(InvalidParameterValue, match="symbolic link"):
        w.files.upload(f"{external}/out/new", BytesIO(b"x"))
    with pytest.raises(InvalidParameterValue, match="symbolic link"):
        list(w.files.list_directory_contents(f"{external}/out"))


def test_an_external_volume_on_this_machine_is_like_a_managed_one(w: WorkspaceClient, tmp_path: Path) -> None:
    w.volumes.create("main", "default", "ext", VolumeType.EXTERNAL, storage_location=str(tmp_path / "d"))
    path = "/Volumes/main/default/ext/a/large"
    w.files.upload(path, BytesIO(LARGE))
    assert (tmp_path / "d" / "a" / "large").stat().st_size == len(LARGE)
    listed = w.files.list_directory_contents("/Volumes/main/default/ext")
    assert [one.name for one in listed] == ["a"]
    w.files.delete(path)


def test_of_many_who_must_not_overwrite_one_writes(w: WorkspaceClient) -> None:
    start = threading.Barrier(8)

    def upload(number: int) -> bool:
        start.wait()
        try:
            w.files.upload(f"{VOLUME}/dir/once", BytesIO(str(number).encode() * 100_000), overwrite=False)
        except AlreadyExists:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = [number for number, wrote in enumerate(pool.map(upload, range(8))) if wrote]
    assert len(won) == 1
    assert read(w, f"{VOLUME}/dir/once") == str(won[0]).encode() * 100_000


def test_of_many_who_overwrite_every_read_is_one_whole(w: WorkspaceClient) -> None:
    w.files.upload(f"{VOLUME}/many", BytesIO(b"0" * 300_000))

    def upload(number: int) -> None:
        w.files.upload(f"{VOLUME}/many", BytesIO(str(number).encode() * 300_000), overwrite=True)

    with ThreadPoolExecutor(6) as pool:
        uploads = [pool.submit(upload, number) for number in range(6)]
        reads = [pool.submit(read, w, f"{VOLUME}/many") for _ in range(10)]
        contents = [one.result() for one in reads]
        for one in uploads:
            one.result()
    for content in contents:
        assert len(content) == 300_000
        assert len(set(content)) == 1


def test_an_upload_that_breaks_off_leaves_nothing(workspace: Workspace, w: WorkspaceClient) -> None:
    address = urlsplit(workspace.host)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=30)
    connection.putrequest("PUT", f"/api/2.0/fs/files{VOLUME}/broken")
    connection.putheader("Authorization", f"Bearer {workspace.token}")
    connection.putheader("Content-Length", "1000000")
    connection.endheaders(b"only the beginning")
    connection.close()
    # The next upload on the same path is complete, whatever became of the one before.
    w.files.upload(f"{VOLUME}/broken", BytesIO(b"whole"))
    assert read(w, f"{VOLUME}/broken") == b"whole"
    assert [one.name for one in w.files.list_directory_contents(VOLUME)] == ["broken"]


def test_reading_and_writing_take_their_privileges(w: WorkspaceClient, robot: Callable[[], Robot]) -> None:
    other = robot()
    path = f"{VOLUME}/{quote('a b')}"
    w.files.upload(path, BytesIO(b"abc"))
    readings: list[Callable[[], object]] = [
        lambda: other.client.files.download(path),
        lambda: list(other.client.files.list_directory_contents(VOLUME)),
        lambda: other.client.files.get_metadata(path),
    ]
    writings: list[Callable[[], object]] = [
        lambda: other.client.files.upload(path, BytesIO(b"new")),
        lambda: other.client.files.create_directory(f"{VOLUME}/d"),
        lambda: other.client.files.delete_directory(f"{VOLUME}/d"),
        lambda: other.client.files.delete(path),
    ]

    def give(privilege: Privilege) -> None:
        change = PermissionsChange(principal=other.name, add=[privilege])
        w.grants.update("volume", "main.default.v", changes=[change])

    for denied in [*readings, *writings]:
        with pytest.raises(PermissionDenied):
            denied()
    give(Privilege.READ_VOLUME)
    for allowed in readings:
        allowed()
    for denied in writings:
        with pytest.raises(PermissionDenied):
            denied()
    give(Privilege.WRITE_VOLUME)
    for allowed in writings:
        allowed()
    w.schemas.create("closed", "main")
    w.volumes.create("main", "closed", "v", VolumeType.MANAGED)
    change = PermissionsChange(principal=other.name, add=[Privilege.READ_VOLUME])
    w.grants.update("volume", "main.closed.v", changes=[change])
    with pytest.raises(PermissionDenied, match="USE SCHEMA"):
        list(other.client.files.list_directory_contents("/Volumes/main/closed/v"))


def test_dbutils_uses_volumes(w: WorkspaceClient) -> None:
    fs = w.dbutils.fs
    fs.mkdirs(f"{VOLUME}/d")
    fs.put(f"{VOLUME}/d/a.txt", "hello", overwrite=True)
    assert fs.head(f"{VOLUME}/d/a.txt") == "hello"
    fs.cp(f"{VOLUME}/d/a.txt", f"{VOLUME}/d/b.txt")
    assert [(one.name, one.size) for one in fs.ls(f"dbfs:{VOLUME}/d")] == [("a.txt", 5), ("b.txt", 5)]
    fs.mv(f"{VOLUME}/d/b.txt", f"{VOLUME}/c.txt")
    fs.rm(f"{VOLUME}/d", recurse=True)
    assert [one.name for one in fs.ls(VOLUME)] == ["c.txt"]
