"""External volumes on S3 and Azure: the Files API, PUT/GET/REMOVE/LIST, COPY INTO and read_files."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import AlreadyExists, BadRequest, InvalidParameterValue, NotFound, PermissionDenied
from databricks.sdk.service.catalog import VolumeType
from databricks.sql.exc import ServerOperationError

from lakestead.testing import Workspace
from tests.servers.azurite import AzuriteServer
from tests.servers.s3 import S3Server
from tests.servers.workspaces import workspace_with

from .conftest import Sql

LARGE = bytes(range(256)) * 4 * 10 * 1024


@dataclass(frozen=True)
class Cloud:
    """A workspace and the object store that its environment opens.

    Attributes:
        served: the workspace.
        bucket: makes a bucket, and returns its URL and what stores an object in it.
    """

    served: Workspace
    bucket: Callable[[], tuple[str, Callable[[str, bytes], None]]]


@pytest.fixture(scope="module", params=["s3", "azure"])
def cloud(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    folder = tmp_path_factory.mktemp(request.param) / "workspace"
    if request.param == "s3":
        s3: S3Server = request.getfixturevalue("s3_server")
        with workspace_with(s3.env(), folder) as served:
            yield Cloud(served, lambda: _s3_bucket(s3))
    else:
        azurite: AzuriteServer = request.getfixturevalue("azurite")
        with workspace_with(azurite.account.env(), folder) as served:
            yield Cloud(served, lambda: _container(azurite))


def _s3_bucket(server: S3Server) -> tuple[str, Callable[[str, bytes], None]]:
    name = server.bucket()
    return f"s3://{name}", lambda key, content: server.put(name, key, content)


def _container(server: AzuriteServer) -> tuple[str, Callable[[str, bytes], None]]:
    account = server.account
    name = account.container()
    url = f"abfss://{name}@{account.name}.dfs.core.windows.net"
    return url, lambda key, content: account.put(name, key, content)


@dataclass(frozen=True)
class Volume:
    """An external volume of this test alone.

    Attributes:
        path: ``/Volumes/…``.
        url: where it lies.
        put: stores an object below that, without the workspace.
    """

    path: str
    url: str
    put: Callable[[str, bytes], None]


@pytest.fixture
def sql(cloud: Cloud) -> Iterator[Sql]:
    with cloud.served.connect() as connection:
        yield Sql(connection)


@pytest.fixture
def volume(cloud: Cloud, sql: Sql) -> Iterator[Volume]:
    schema = f"main.test_{uuid.uuid4().hex[:12]}"
    url, put = cloud.bucket()
    sql(f"CREATE SCHEMA {schema}")
    sql(f"USE {schema}")
    sql(f"CREATE EXTERNAL VOLUME v LOCATION '{url}/some/folder/'")
    path = f"/Volumes/{schema.replace('.', '/')}/v"
    yield Volume(path, f"{url}/some/folder", lambda key, content: put(f"some/folder/{key}", content))
    sql(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture
def w(cloud: Cloud) -> WorkspaceClient:
    return cloud.served.client()


def names(w: WorkspaceClient, path: str) -> list[str]:
    return [one.name or "" for one in w.files.list_directory_contents(path)]


def test_files_go_up_and_down(w: WorkspaceClient, volume: Volume) -> None:
    # No space: in the key of a list, moto takes it for wrongly signed.
    path = f"{volume.path}/a/odd+name%41ü.bin"
    w.files.upload(path, BytesIO(LARGE))
    found = w.files.get_metadata(path)
    assert found.content_length == len(LARGE)
    assert found.last_modified
    assert w.files.download(path).contents.read() == LARGE  # type: ignore[union-attr]
    w.files.upload(path, BytesIO(b"again"), overwrite=True)
    with pytest.raises(AlreadyExists):
        w.files.upload(path, BytesIO(b"not"), overwrite=False)
    assert w.files.download(path).contents.read() == b"again"  # type: ignore[union-attr]
    w.files.delete(path)
    with pytest.raises(NotFound):
        w.files.get_metadata(path)
    with pytest.raises(NotFound):
        w.files.delete(path)


def test_a_range_is_read(w: WorkspaceClient, volume: Volume) -> None:
    w.files.upload(f"{volume.path}/x", BytesIO(b"0123456789"))
    for wanted, content in [("bytes=2-4", b"234"), ("bytes=7-", b"789"), ("bytes=-3", b"789")]:
        answer = w.api_client.do(
            "GET", f"/api/2.0/fs/files{volume.path}/x", headers={"Range": wanted}, raw=True
        )
        assert answer["contents"].read() == content


def test_a_large_file_goes_up_in_parts(cloud: Cloud, volume: Volume) -> None:
    w = cloud.served.client()
    w.config.files_ext_multipart_upload_min_stream_size = 1024 * 1024
    w.config.files_ext_multipart_upload_default_part_size = 5 * 1024 * 1024
    w.files.upload(f"{volume.path}/large", BytesIO(LARGE), overwrite=False)
    assert w.files.download(f"{volume.path}/large").contents.read() == LARGE  # type: ignore[union-attr]
    with pytest.raises(AlreadyExists):
        w.files.upload(f"{volume.path}/large", BytesIO(LARGE), overwrite=False)


def test_folders_are_there_until_they_are_removed(w: WorkspaceClient, volume: Volume) -> None:
    assert names(w, volume.path) == []
    w.files.create_directory(f"{volume.path}/a/b")
    w.files.create_directory(f"{volume.path}/a/b")
    w.files.get_directory_metadata(f"{volume.path}/a")
    assert names(w, volume.path) == ["a"]
    assert names(w, f"{volume.path}/a/b") == []
    w.files.upload(f"{volume.path}/a/c/x", BytesIO(b"1"))
    volume.put("a/c/y", b"22")
    listed = {one.name: one for one in w.files.list_directory_contents(f"{volume.path}/a/c")}
    assert {name: one.file_size for name, one in listed.items()} == {"x": 1, "y": 2}
    assert all(one.last_modified and not one.is_directory for one in listed.values())
    with pytest.raises(BadRequest, match="not empty"):
        w.files.delete_directory(f"{volume.path}/a/c")
    w.files.delete(f"{volume.path}/a/c/x")
    w.files.delete(f"{volume.path}/a/c/y")
    assert names(w, f"{volume.path}/a") == ["b", "c"]
    w.files.delete_directory(f"{volume.path}/a/b")
    w.files.delete_directory(f"{volume.path}/a/c")
    assert names(w, f"{volume.path}/a") == []
    w.files.delete_directory(f"{volume.path}/a")
    for gone in ("a", "a/b"):
        with pytest.raises(NotFound):
            w.files.get_directory_metadata(f"{volume.path}/{gone}")
        with pytest.raises(NotFound):
            names(w, f"{volume.path}/{gone}")
    with pytest.raises(InvalidParameterValue):
        w.files.delete_directory(volume.path)


def test_files_and_folders_are_not_each_other(w: WorkspaceClient, volume: Volume) -> None:
    w.files.upload(f"{volume.path}/a/x", BytesIO(b"1"))
    w.files.upload(f"{volume.path}/empty", BytesIO(b""))
    assert w.files.get_metadata(f"{volume.path}/empty").content_length == 0
    for call in (w.files.delete, lambda path: w.files.upload(path, BytesIO(b"x"))):
        with pytest.raises(InvalidParameterValue, match="is a directory"):
            call(f"{volume.path}/a")
    with pytest.raises(NotFound):
        w.files.get_metadata(f"{volume.path}/a")
    with pytest.raises(AlreadyExists):
        w.files.create_directory(f"{volume.path}/a/x")
    for own in (".lakestead-directory", "a/.lakestead-directory"):
        with pytest.raises(InvalidParameterValue, match="used by the workspace"):
            w.files.upload(f"{volume.path}/{own}", BytesIO(b"x"))


def test_of_many_who_must_not_overwrite_one_writes(w: WorkspaceClient, volume: Volume) -> None:
    start = threading.Barrier(6)
    done: list[bool] = []

    def upload(number: int) -> None:
        start.wait()
        try:
            w.files.upload(f"{volume.path}/one", BytesIO(b"%d" % number), overwrite=False)
        except AlreadyExists:
            done.append(False)
        else:
            done.append(True)

    threads = [threading.Thread(target=upload, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False] * 5 + [True]


def test_statements_carry_files(cloud: Cloud, volume: Volume, tmp_path: Path) -> None:
    source, target = tmp_path / "source.csv", tmp_path / "target.csv"
    source.write_text("1\n2\n")
    with cloud.served.connect(staging_allowed_local_path=str(tmp_path)) as connection:
        sql = Sql(connection)
        with connection.cursor() as cursor:
            cursor.execute(f"PUT '{source}' INTO '{volume.path}/in/a.csv'")
            cursor.execute(f"GET '{volume.path}/in/a.csv' TO '{target}'")
            listed = sql(f"LIST '{volume.path}' RECURSIVE")
            cursor.execute(f"REMOVE '{volume.path}/in/a.csv'")
            cursor.execute(f"REMOVE '{volume.path}/in'")
        assert target.read_text() == "1\n2\n"
        assert [(row[0], row[1], row[2]) for row in listed] == [(f"{volume.path}/in/a.csv", "a.csv", 4)]
        assert sql(f"LIST '{volume.path}'") == []


def test_statements_read_files(sql: Sql, volume: Volume) -> None:
    volume.put("in/a.csv", b"n\n1\n")
    volume.put("in/b.csv", b"n\n2\n")
    sql("CREATE TABLE t (n INT, path STRING)")
    copy = (
        f"COPY INTO t FROM (SELECT n::INT, _metadata.file_path AS path FROM '{volume.path}/in') "
        "FILEFORMAT = CSV FORMAT_OPTIONS ('header' = 'true')"
    )
    assert sql(copy) == [(2, 2, 0)]
    assert sql(copy) == [(0, 0, 0)]
    assert sql("SELECT * FROM t ORDER BY n") == [
        (1, f"{volume.path}/in/a.csv"),
        (2, f"{volume.path}/in/b.csv"),
    ]
    assert sql(f"SELECT sum(n) FROM read_files('{volume.path}/i*/b.csv', header => true)") == [(2,)]
    with pytest.raises(ServerOperationError, match="PATH_NOT_FOUND"):
        sql(f"SELECT * FROM csv.`{volume.path}/out`")


def test_the_volumes_privileges_hold_for_its_url_too(cloud: Cloud, sql: Sql, volume: Volume) -> None:
    volume.put("in/a.csv", b"1\n")
    admin = cloud.served.client()
    made = admin.service_principals.create(display_name="robot")
    assert made.application_id
    token = admin.token_management.create_obo_token(made.application_id).token_value
    catalog, schema = volume.path.split("/")[2:4]
    theirs = WorkspaceClient(host=cloud.served.host, token=token, auth_type="pat")
    with cloud.served.connect(access_token=token) as connection:
        somebody = Sql(connection)
        read = "SELECT count(*) FROM read_files('{}/in/*', format => 'csv')"
        for place in (volume.path, volume.url):
            with pytest.raises(ServerOperationError, match="INSUFFICIENT_PERMISSIONS"):
                somebody(read.format(place))
        with pytest.raises(PermissionDenied):
            names(theirs, volume.path)
        sql(f"GRANT USE CATALOG ON CATALOG {catalog} TO `{made.application_id}`")
        sql(f"GRANT USE SCHEMA, READ VOLUME ON SCHEMA {catalog}.{schema} TO `{made.application_id}`")
        for place in (volume.path, volume.url):
            assert somebody(read.format(place)) == [(1,)]
        assert names(theirs, f"{volume.path}/in") == ["a.csv"]
        with pytest.raises(PermissionDenied):
            theirs.files.upload(f"{volume.path}/b", BytesIO(b"x"))
        for place in (volume.url.removesuffix("/folder"), volume.url + "er"):
            with pytest.raises(ServerOperationError, match=r"INSUFFICIENT_PERMISSIONS.*READ FILES"):
                somebody(read.format(place))


def test_a_bucket_that_is_not_there(cloud: Cloud, w: WorkspaceClient, volume: Volume) -> None:
    catalog, schema = volume.path.split("/")[2:4]
    url = volume.url.replace("test-", "gone-").rpartition("/some")[0]
    w.volumes.create(catalog, schema, "gone", VolumeType.EXTERNAL, storage_location=url)
    with pytest.raises(NotFound, match="gone"):
        names(w, f"/Volumes/{catalog}/{schema}/gone")
    with pytest.raises(NotFound, match="gone"):
        w.files.upload(f"/Volumes/{catalog}/{schema}/gone/x", BytesIO(b"x"))
