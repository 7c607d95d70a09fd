"""Staging in object stores: another tenant's Azure account, S3; and what the destination tells of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lakestead.ingest import DatabricksDestination
from lakestead.testing import Workspace
from tests.servers.azurite import AzuriteServer
from tests.servers.s3 import S3Server
from tests.servers.workspaces import workspace_with

from .tables import Shop

ROWS = "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'a'), (2, 'b')"


def _azure_key(azurite: AzuriteServer) -> tuple[str, str]:
    account = azurite.other
    url = f"az://{account.container()}@{account.name}.dfs.core.windows.net/in"
    return url, f"azure_storage_account_key = '{account.key}'\nendpoint_url = '{account.url}'"


def _azure_sas(azurite: AzuriteServer) -> tuple[str, str]:
    account = azurite.other
    container = account.container()
    token = account.sas(container, "rwdlc")
    url = f"az://{container}@{account.name}.dfs.core.windows.net"
    return url, f"azure_storage_sas_token = '?{token}'\nendpoint_url = '{account.url}'"


@pytest.fixture(scope="module")
def azure_workspace(azurite: AzuriteServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with workspace_with(azurite.other.env(), tmp_path_factory.mktemp("azure") / "workspace") as workspace:
        yield workspace


@pytest.fixture(scope="module")
def s3_workspace(s3_server: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with workspace_with(s3_server.env(), tmp_path_factory.mktemp("s3") / "workspace") as workspace:
        yield workspace


def _load_twice(shop: Shop) -> None:
    shop.source(ROWS)
    shop.jobs({"table_name": "t", "strategy": "mirror"})
    assert shop.one().rows_inserted == 2
    shop.source(
        "UPDATE t SET v = 'c' WHERE id = 1; DELETE FROM t WHERE id = 2; INSERT INTO t VALUES (3, 'd')"
    )
    entry = shop.one()

    assert (entry.rows_inserted, entry.rows_updated, entry.rows_deleted) == (1, 1, 1)
    assert shop.sql("SELECT * FROM t ORDER BY id") == [(1, "c"), (3, "d")]
    left = [row[1] for row in shop.sql("SHOW TABLES") if "staged" in row[1]]
    assert left == []


@pytest.mark.parametrize("login", [_azure_key, _azure_sas])
def test_another_tenants_account(
    azurite: AzuriteServer,
    azure_workspace: Workspace,
    tmp_path: Path,
    login: Callable[[AzuriteServer], tuple[str, str]],
) -> None:
    url, credentials = login(azurite)
    place = f"[destination.filesystem]\nbucket_url = '{url}'\n"
    section = f"{place}[destination.filesystem.credentials]\n{credentials}\n"
    shop = Shop(tmp_path, azure_workspace, section)
    _load_twice(shop)

    container = url.removeprefix("az://").partition("@")[0]
    with azurite.other.client() as client:
        assert list(client.get_container_client(container).list_blob_names()) == []
    logs = shop.logs()
    # What the signature allows and until when is told, the signature is not.
    assert "COPY INTO may read, list" in logs or "COPY INTO may read" in logs
    assert " until 20" in logs
    assert "sig=" not in logs
    assert azurite.other.key not in logs


def test_s3(s3_server: S3Server, s3_workspace: Workspace, tmp_path: Path) -> None:
    bucket, environment = s3_server.bucket(), s3_server.env()
    section = (
        f"[destination.filesystem]\nbucket_url = 's3://{bucket}/staging'\n[destination.filesystem.credentials]\n"
        f"aws_access_key_id = '{environment['AWS_ACCESS_KEY_ID']}'\n"
        f"aws_secret_access_key = '{environment['AWS_SECRET_ACCESS_KEY']}'\n"
        f"endpoint_url = '{s3_server.url}'\nregion_name = '{s3_server.region}'\n"
    )
    shop = Shop(tmp_path, s3_workspace, section)
    _load_twice(shop)

    assert s3_server.client().list_objects_v2(Bucket=bucket).get("Contents", []) == []
    assert environment["AWS_SECRET_ACCESS_KEY"] not in shop.logs()


def test_a_destination_tells_of_itself(workspace_session: Workspace) -> None:
    token = workspace_session.token
    secrets = {
        "destination": {
            "type": "databricks",
            "databricks": {
                "server_hostname": workspace_session.host,
                "http_path": workspace_session.http_path,
                "catalog": "main",
                "schema": "raw",
                "credentials": {"access_token": token},
            },
        }
    }
    destination = DatabricksDestination("databricks", secrets)
    try:
        assert destination.get_destination_type() == "databricks"
        assert destination.get_catalog_name() == "main"
        assert destination.get_schema_name() == "raw"
        assert destination.get_schema_name({"target_schema": "silver"}) == "silver"
        assert destination.get_full_table_name("Customers") == "main.raw.customers"
        job = {"target_catalog": "bronze", "target_schema": "ingestion"}
        assert destination.get_full_table_name("customers", job) == "bronze.ingestion.customers"
        assert destination.validate_connection()
        assert destination.validate_staging()
        assert destination.get_metadata() == {
            "type": "databricks",
            "host": workspace_session.host,
            "http_path": workspace_session.http_path,
            "catalog": "main",
            "schema": "raw",
            "staging": "volume",
        }
        config = destination.get_dlt_destination_config()
        assert config["dataset_name"] == "raw"
        assert config["destination"].destination_type == "dlt.destinations.databricks"
        assert token not in repr(destination)
    finally:
        destination.close()


def test_a_destination_that_does_not_let_us_in(
    workspace_session: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    settings = {"server_hostname": workspace_session.host, "http_path": workspace_session.http_path}
    secrets = {"destination": {"databricks": {**settings, "credentials": {"access_token": "dapi-of-nobody"}}}}
    destination = DatabricksDestination("databricks", secrets)
    try:
        assert not destination.validate_connection()
    finally:
        destination.close()
    assert "the SQL warehouse of databricks cannot be used" in caplog.text
    assert "dapi-of-nobody" not in caplog.text


def test_a_staging_area_that_is_not_there(workspace_session: Workspace, s3_server: S3Server) -> None:
    secrets = {
        "destination": {
            "filesystem": {
                "bucket_url": "s3://there-is-no-such-bucket",
                "credentials": {
                    "aws_access_key_id": "a",
                    "aws_secret_access_key": "b",
                    "endpoint_url": s3_server.url,
                },
            }
        }
    }
    destination = DatabricksDestination("databricks", secrets, profile=workspace_session.profile)
    try:
        assert not destination.validate_staging()
    finally:
        destination.close()
