"""Stores: S3 (moto), Azure (Azurite) and local folders behave as one, and keep secrets out of messages."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lakestead.core.errors import ConfigError, ConnectionFailed, SourceError
from lakestead.ingest.stores import Store, container_sas, open_store
from tests.servers.azurite import AzureAccount, AzuriteServer
from tests.servers.s3 import S3Server


def s3_secrets(server: S3Server) -> dict[str, Any]:
    return {
        "aws_access_key_id": server.access_key,
        "aws_secret_access_key": server.secret_key,
        "endpoint_url": server.url,
        "region_name": server.region,
    }


def azure_secrets(account: AzureAccount) -> dict[str, Any]:
    return {"azure_storage_account_key": account.key, "endpoint_url": account.url}


@pytest.fixture(params=["file", "s3", "az"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "file":
        return open_store(str(tmp_path / "store"))
    if request.param == "s3":
        server: S3Server = request.getfixturevalue("s3_server")
        return open_store(f"s3://{server.bucket()}/inner", s3_secrets(server))
    azurite: AzuriteServer = request.getfixturevalue("azurite")
    account = azurite.account
    url = f"az://{account.container()}@{account.name}.dfs.core.windows.net/inner"
    return open_store(url, azure_secrets(account))


def test_what_is_put_is_listed_got_and_deleted(store: Store, tmp_path: Path) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    local = tmp_path / "one.bin"
    local.write_bytes(b"x" * 1000)
    with store:
        store.check()
        for key in ("a/1.csv", "a/b/2.csv", "a/b/c/3.csv", "4.csv", "a/ä b.json"):
            store.put_file(local, key)
        assert sorted(entry.key for entry in store.list()) == [
            "4.csv",
            "a/1.csv",
            "a/b/2.csv",
            "a/b/c/3.csv",
            "a/ä b.json",
        ]
        assert sorted(entry.key for entry in store.list("a/**/*.csv")) == [
            "a/1.csv",
            "a/b/2.csv",
            "a/b/c/3.csv",
        ]
        assert [entry.key for entry in store.list("*.csv")] == ["4.csv"]
        assert sorted(entry.key for entry in store.list("a/*.{csv,json}")) == ["a/1.csv", "a/ä b.json"]
        [entry] = store.list("a/b/*")
        assert entry.size == 1000
        assert entry.modified >= before
        assert entry.url == store.url("a/b/2.csv")
        assert store.exists("a/1.csv")
        store.get_file("a/1.csv", tmp_path / "back.bin")
        assert (tmp_path / "back.bin").read_bytes() == local.read_bytes()
        store.delete(["a/1.csv", "not there.csv", "4.csv"])
        assert not store.exists("a/1.csv")
        assert len(list(store.list())) == 3


def test_large_files_are_sent_in_parts(store: Store, tmp_path: Path) -> None:
    local = tmp_path / "large.bin"
    local.write_bytes(bytes(range(256)) * 80_000)
    with store:
        store.put_file(local, "large.bin")
        store.get_file("large.bin", tmp_path / "back.bin")
        assert (tmp_path / "back.bin").read_bytes() == local.read_bytes()


def test_a_key_is_created_once(store: Store) -> None:
    with store, ThreadPoolExecutor(4) as pool:
        tried = list(pool.map(lambda n: store.create("state/1.json", b"%d" % n), range(4)))
        assert sorted(tried) == [False, False, False, True]
        assert store.read("state/1.json") == b"%d" % tried.index(True)
        assert [entry.key for entry in store.list()] == ["state/1.json"]


def test_a_part_of_what_is_stored_is_read(store: Store) -> None:
    with store:
        store.create("a.bin", bytes(range(100)))
        assert store.read("a.bin", 10, 13) == bytes([10, 11, 12])
        assert store.read("a.bin", 98) == bytes([98, 99])
        with pytest.raises(SourceError, match=r"b\.bin is not there"):
            store.read("b.bin")
        with pytest.raises(SourceError, match=r"b\.bin is not there"):
            store.read("b.bin", 0, 1)


def test_what_is_moved_is_at_its_new_place_alone(store: Store) -> None:
    with store:
        store.create("staged/ä=1/a.bin", b"new")
        store.create("there/a.bin", b"old")
        store.move("staged/ä=1/a.bin", "there/a.bin")
        assert store.read("there/a.bin") == b"new"
        assert [entry.key for entry in store.list()] == ["there/a.bin"]
        store.move("staged/ä=1/a.bin", "there/a.bin")
        assert store.read("there/a.bin") == b"new"
        with pytest.raises(SourceError, match=r"staged/b\.bin is not there"):
            store.move("staged/b.bin", "there/b.bin")


def test_what_is_not_there_is_named(store: Store, tmp_path: Path) -> None:
    with store, pytest.raises(SourceError, match=r"nothing/here\.csv is not there"):
        store.get_file("nothing/here.csv", tmp_path / "x")


def test_wrong_keys_are_refused_without_naming_them(s3_server: S3Server, azurite: AzuriteServer) -> None:
    bucket = s3_server.bucket()
    wrong = s3_secrets(s3_server) | {"aws_secret_access_key": "wrong-secret"}
    with pytest.raises(ConnectionFailed, match=f"the bucket '{bucket}' refuses the credentials") as refused:
        open_store(f"s3://{bucket}", wrong).check()
    assert "wrong-secret" not in str(refused.value)
    assert s3_server.access_key not in str(refused.value)

    account = azurite.account
    container = account.container()
    place = f"abfss://{container}@{account.name}.dfs.core.windows.net"
    expired = account.sas(container, hours=-1)
    secrets = {"azure_storage_sas_token": expired, "endpoint_url": account.url}
    with pytest.raises(ConnectionFailed, match="refuses the credentials") as refused:
        open_store(place, secrets).check()
    signature = expired.partition("sig=")[2]
    assert signature not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_missing_bucket_and_a_missing_server_are_told_apart(s3_server: S3Server) -> None:
    with pytest.raises(SourceError, match="s3://no-such-bucket"):
        open_store("s3://no-such-bucket", s3_secrets(s3_server)).check()
    nowhere = s3_secrets(s3_server) | {"endpoint_url": "http://127.0.0.1:9"}
    with pytest.raises(ConnectionFailed, match="the bucket 'any' cannot be reached"):
        open_store("s3://any", nowhere).check()


def test_session_credentials_are_used(s3_server: S3Server) -> None:
    bucket = s3_server.bucket()
    s3_server.put(bucket, "a.txt", b"a")
    key, secret, token = s3_server.session_credentials()
    secrets = s3_secrets(s3_server) | {
        "aws_access_key_id": key,
        "aws_secret_access_key": secret,
        "aws_session_token": token,
    }
    with open_store(f"s3://{bucket}", secrets) as store:
        assert [entry.url for entry in store.list()] == [f"s3://{bucket}/a.txt"]


def test_a_signed_token_lets_read_and_list_one_container_and_no_more(
    azurite: AzuriteServer, tmp_path: Path
) -> None:
    account = azurite.other
    container = account.container()
    account.put(container, "a.txt", b"a")
    url = f"az://{container}@{account.name}.dfs.core.windows.net"
    sas = container_sas(url, azure_secrets(account), timedelta(minutes=10))
    assert sas.scope == f"read, list: the container '{container}' of the storage account '{account.name}'"
    assert sas.expiry is not None
    assert timedelta(0) < sas.expiry - datetime.now(UTC) <= timedelta(minutes=10)
    assert sas.token not in repr(sas)

    secrets = {"azure_storage_sas_token": "?" + sas.token, "endpoint_url": account.url}
    with open_store(url, secrets) as store:
        assert [entry.key for entry in store.list()] == ["a.txt"]
        with pytest.raises(ConnectionFailed, match="refuses the credentials"):
            store.put_file(Path(__file__), "b.txt")
    another = f"az://{account.container()}@{account.name}.dfs.core.windows.net"
    with (
        open_store(another, secrets) as store,
        pytest.raises(ConnectionFailed, match="refuses the credentials"),
    ):
        store.check()


def test_a_given_token_is_passed_on_with_what_it_says(azurite: AzuriteServer) -> None:
    account = azurite.account
    token = account.sas("raw", "rwl", hours=2)
    url = f"az://raw@{account.name}.dfs.core.windows.net"
    sas = container_sas(url, {"azure_storage_sas_token": "?" + token})
    assert sas.token == token
    assert sas.scope.startswith("read, write, list: the container 'raw'")
    assert sas.expiry is not None
    assert sas.expiry > datetime.now(UTC)


def test_mistakes_in_the_secrets_are_named_but_not_shown() -> None:
    with pytest.raises(ConfigError, match="unknown key 'azure_storage_account_kye', did you mean") as wrong:
        open_store("az://raw@acc.dfs.core.windows.net", {"azure_storage_account_kye": "s3cret"})
    assert "s3cret" not in str(wrong.value)
    with pytest.raises(ConfigError, match="which storage account"):
        open_store("az://raw", {"azure_storage_account_key": "s3cret"})
    for key in ("azure_storage_account_key", "azure_storage_sas_token"):
        with pytest.raises(ConfigError, match="malformed") as wrong:
            open_store("az://raw@acc.dfs.core.windows.net", {key: "s3cret!"})
        assert "s3cret" not in str(wrong.value)
    with pytest.raises(ConfigError, match="go together"):
        open_store("s3://raw", {"aws_access_key_id": "AKIA"})
    with pytest.raises(ConfigError, match="no URL of a store"):
        open_store("ftp://raw/a")


def test_a_key_cannot_lead_out_of_a_local_folder(tmp_path: Path) -> None:
    with open_store(tmp_path.as_uri()) as store, pytest.raises(SourceError, match="leads out"):
        store.put_file(Path(__file__), "../x")
