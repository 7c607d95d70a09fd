"""Google Cloud Storage: a service account's log-in, and its XML interface, which moto's S3 speaks as well."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from lakestead.core.errors import ConfigError, SourceError
from lakestead.ingest.sources.files import Files
from lakestead.ingest.sources.source import Request
from lakestead.ingest.stores import open_store
from tests.servers.process import listening


@pytest.fixture(scope="module")
def bucket_server() -> Iterator[str]:
    """A server that lets in whoever comes, with the bucket `raw`."""
    program = Path(sys.executable).with_name("moto_server")
    with listening([str(program), "-H", "127.0.0.1", "-p", "0"], {**os.environ}) as url:
        keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any", "region_name": "us-east-1"}
        boto3.client("s3", endpoint_url=url, **keys).create_bucket(Bucket="raw")
        yield url


@pytest.fixture(scope="module")
def secrets(bucket_server: str) -> dict[str, Any]:
    """A service account's file; such an account signs its own tokens."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8
    written = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return {
        "type": "service_account",
        "project_id": "project",
        "private_key_id": "1",
        "private_key": written.decode(),
        "client_email": "robot@project.example",
        "client_id": "1",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": "https://oauth2.googleapis.com/token",
        "universe_domain": "googleapis.com",
        "endpoint_url": bucket_server,
    }


def test_a_bucket(secrets: dict[str, Any], tmp_path: Path) -> None:
    local = tmp_path / "a.txt"
    local.write_bytes(b"a")
    with open_store("gs://raw/in", secrets) as store:
        store.check()
        store.put_file(local, "x/a.txt")
        found = [(entry.key, entry.url) for entry in store.list("**/*.txt")]
        assert found == [("x/a.txt", "gs://raw/in/x/a.txt")]
        store.get_file("x/a.txt", tmp_path / "b.txt")
        assert (tmp_path / "b.txt").read_bytes() == b"a"
        store.delete(["x/a.txt", "y"])
        assert not store.exists("x/a.txt")
    with open_store("gs://no-such", secrets) as store, pytest.raises(SourceError, match="gs://no-such"):
        store.check()


def test_files(secrets: dict[str, Any], tmp_path: Path) -> None:
    with open_store("gs://raw/files", secrets) as store:
        for number in range(3):
            local = tmp_path / f"{number}.jsonl"
            local.write_text(f'{{"id": {number}}}\n')
            store.put_file(local, f"{number}.jsonl")
    source = Files("lake", {"bucket_url": "gs://raw", "credentials": secrets})
    request = Request(table="files")
    assert source.count(request) == 3
    assert sum(staged.rows for staged in source.extract(request, tmp_path)) == 3


def test_a_key_that_is_none_is_not_shown(secrets: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="private_key") as wrong:
        open_store("gs://raw", secrets | {"private_key": "s3cret-nonsense"})
    assert "nonsense" not in str(wrong.value)
