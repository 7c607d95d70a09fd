"""Objects that change between being listed and being read."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from obstore.store import S3Store

from lakestead.engine.files import Options, Root, find
from lakestead.engine.objects import ObjectTree, ObjectUrl, Store, StoreError, StoreErrorKind
from tests.servers.s3 import S3Server


@pytest.fixture
def bucket(s3_server: S3Server) -> str:
    return s3_server.bucket()


@pytest.fixture
def root(s3_server: S3Server, bucket: str, tmp_path: Path) -> Root:
    inner = S3Store(
        bucket,
        endpoint=s3_server.url,
        region=s3_server.region,
        access_key_id=s3_server.access_key,
        secret_access_key=s3_server.secret_key,
        client_options={"allow_http": True},
    )
    url = ObjectUrl.parse(f"s3://{bucket}")
    return Root(ObjectTree(Store(url, inner), tmp_path / "brought", lambda: None), "in", f"{url.text}/in")


def test_an_object_is_read_as_it_was_listed(s3_server: S3Server, bucket: str, root: Root) -> None:
    content = {f"{number:03}.csv": b"%d\n" % number * number for number in range(1, 40)}
    for name, lines in content.items():
        s3_server.put(bucket, f"in/{name}", lines)
    files = find(root, Options.of("CSV", ()))
    root.tree.fetch(files)
    assert {file.basename: file.path.read_bytes() for file in files} == content
    assert all(file.size == len(content[file.basename]) for file in files)


@pytest.mark.parametrize("change", ["written again", "of the same size", "removed"])
def test_what_was_changed_since_is_not_read(
    s3_server: S3Server, bucket: str, root: Root, change: str
) -> None:
    for number in range(3):
        s3_server.put(bucket, f"in/{number}.csv", b"1\n")
    files = find(root, Options.of("CSV", ()))
    if change == "removed":
        s3_server.client().delete_object(Bucket=bucket, Key="in/1.csv")
    else:
        s3_server.put(bucket, "in/1.csv", b"2\n" if change == "of the same size" else b"1\n2\n")
    with pytest.raises(StoreError, match=r"in/1\.csv was changed or removed") as error:
        root.tree.fetch(files)
    assert error.value.kind is StoreErrorKind.CHANGED


def test_bringing_objects_stops_when_it_is_told_to(
    s3_server: S3Server, bucket: str, root: Root, tmp_path: Path
) -> None:
    for number in range(20):
        s3_server.put(bucket, f"in/{number:02}.csv", b"1\n")
    stopped = threading.Event()

    class Stopped(Exception):
        pass

    def check() -> None:
        stopped.set()
        raise Stopped

    inner = root.tree
    assert isinstance(inner, ObjectTree)
    tree = ObjectTree(inner.store, tmp_path / "stopped", check)
    files = find(Root(tree, root.path, root.name), Options.of("CSV", ()))
    with pytest.raises(Stopped):
        tree.fetch(files)
    assert stopped.is_set()
    assert not [path for path in (tmp_path / "stopped").iterdir() if path.stat().st_size]
