"""URLs of object stores: many ways to write one place, and what is none."""

from __future__ import annotations

import pytest

from lakestead.engine.objects import AwsKeys, AzureSas, ObjectUrl, StoreError, StoreErrorKind, open_store

AZURE = "abfss://data@account1.dfs.core.windows.net"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("s3://bucket", "s3://bucket"),
        ("s3a://bucket/", "s3://bucket"),
        ("S3N://bucket/a b+%41?*/{x,y}#[0-9]/", "s3://bucket/a b+%41?*/{x,y}#[0-9]"),
        ("gs://bucket_1/ü/x.csv", "gs://bucket_1/ü/x.csv"),
        (f"{AZURE}/a/b", f"{AZURE}/a/b"),
        ("abfs://data@ACCOUNT1.dfs.core.windows.net/a", f"{AZURE}/a"),
        ("wasbs://data@account1.blob.core.windows.net/a/", f"{AZURE}/a"),
        ("az://data@account1.blob.core.windows.net", AZURE),
        ("azure://d-1@acc.blob.core.chinacloudapi.cn/a", "abfss://d-1@acc.dfs.core.chinacloudapi.cn/a"),
        ("abfss://$root@account1.dfs.core.windows.net/a", "abfss://$root@account1.dfs.core.windows.net/a"),
    ],
)
def test_one_place_has_one_form(text: str, form: str) -> None:
    assert ObjectUrl.is_one(text)
    assert ObjectUrl.parse(text).text == form
    assert ObjectUrl.parse(form).text == form


@pytest.mark.parametrize(
    "text",
    [
        "s3://",
        "s3:///key",
        "s3://user:hush@bucket/key",
        "s3://bucket/../other",
        "s3://bucket/a//b",
        "s3://bucket/./b",
        "s3://bucket/a\nb",
        "s3://bucket/x?X-Amz-Signature=hush",
        "abfss://data/x",
        "abfss://data@account1/x",
        "abfss://data@account1.dfs.core.windows.net.evil.example/x",
        "abfss://data@evil.example/account1.dfs.core.windows.net",
        "abfss://data@account1.dfs.core.windows.net:8080/x",
        f"{AZURE}/x?sv=1&sig=hush",
        "https://account1.blob.core.windows.net/data/x",
        "/local/path",
    ],
)
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(StoreError) as error:
        ObjectUrl.parse(text)
    assert error.value.kind is StoreErrorKind.URL
    assert "hush" not in error.value.message


@pytest.mark.parametrize(
    ("url", "credentials"),
    [("s3://bucket", AzureSas("hush")), (AZURE, AwsKeys("a", "hush")), ("gs://bucket", AzureSas("hush"))],
)
def test_credentials_must_be_of_the_cloud(url: str, credentials: AzureSas | AwsKeys) -> None:
    with pytest.raises(StoreError, match="CREDENTIAL") as error:
        open_store(ObjectUrl.parse(url), credentials)
    assert error.value.kind is StoreErrorKind.DENIED
    assert "hush" not in str(error.value)
    assert "hush" not in repr(credentials)
