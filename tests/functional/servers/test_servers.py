"""The object stores of the tests refuse whom the real ones would refuse."""

from __future__ import annotations

import dataclasses

import boto3
import pytest
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import ContainerClient
from botocore.exceptions import ClientError

from tests.servers.azurite import AzuriteServer
from tests.servers.s3 import S3Server


def test_s3_takes_the_right_credentials_only(s3_server: S3Server) -> None:
    bucket = s3_server.bucket()
    s3_server.put(bucket, "a/b.csv", b"1\n")
    key, secret, token = s3_server.session_credentials()
    session = boto3.client(
        "s3",
        endpoint_url=s3_server.url,
        region_name=s3_server.region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
    )
    assert session.get_object(Bucket=bucket, Key="a/b.csv")["Body"].read() == b"1\n"
    wrong = dataclasses.replace(s3_server, secret_key="wrong")
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        wrong.client().list_objects_v2(Bucket=bucket)


def test_azurite_takes_the_right_signature_only(azurite: AzuriteServer) -> None:
    account = azurite.account
    container = account.container()
    account.put(container, "a/b.csv", b"1\n")
    url = f"{account.url}/{container}"
    with ContainerClient.from_container_url(f"{url}?{account.sas(container)}") as client:
        assert client.download_blob("a/b.csv").readall() == b"1\n"
    for wrong in (azurite.other.sas(container), account.sas(container, hours=-1)):
        with (
            ContainerClient.from_container_url(f"{url}?{wrong}") as client,
            pytest.raises(HttpResponseError),
        ):
            client.download_blob("a/b.csv").readall()
