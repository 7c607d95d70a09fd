"""Files on Azure Storage: an account's key in the environment, shared access signatures in statements."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from databricks.sql.exc import ServerOperationError

from lakestead.testing import Workspace
from tests.servers.azurite import AzureAccount, AzuriteServer
from tests.servers.workspaces import workspace_with

from .conftest import Sql


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the workspace is kept."""
    return tmp_path_factory.mktemp("azure") / "workspace"


@pytest.fixture(scope="module")
def served(azurite: AzuriteServer, folder: Path) -> Iterator[Workspace]:
    """A workspace whose process has the key of one of the accounts."""
    with workspace_with(azurite.account.env(), folder) as workspace:
        yield workspace


@pytest.fixture
def sql(served: Workspace) -> Iterator[Sql]:
    name = f"main.test_{uuid.uuid4().hex[:12]}"
    with served.connect() as connection:
        sql = Sql(connection)
        sql(f"CREATE SCHEMA {name}")
        sql(f"USE {name}")
        yield sql
        sql(f"DROP SCHEMA {name} CASCADE")


def filled(account: AzureAccount) -> str:
    """Return a new container with some files."""
    container = account.container()
    account.put(container, "in/a.csv", b"1\n")
    account.put(container, "in/b b+%41.csv", b"2\n")
    account.put(container, "in/sub/c.csv", b"3\n")
    account.put(container, "other/d.csv", b"4\n")
    return container


@pytest.mark.parametrize(
    "form", ["abfss://{}@{}.dfs", "wasbs://{}@{}.blob", "az://{}@{}.blob", "abfs://{}@{}.dfs"]
)
def test_the_accounts_key_is_the_environments(sql: Sql, azurite: AzuriteServer, form: str) -> None:
    container = filled(azurite.account)
    place = form.format(container, azurite.account.name) + ".core.windows.net"
    sql("CREATE TABLE t (n INT)")
    copy = f"COPY INTO t BY POSITION FROM '{place}/in' FILEFORMAT = CSV"
    assert sql(copy) == [(2, 2, 0)]
    written = f"abfss://{container}@{azurite.account.name}.dfs.core.windows.net"
    # However it is written, it is the same place.
    assert sql(copy.replace(place, written)) == [(0, 0, 0)]
    assert sql(f"SELECT sum(_c0) FROM read_files('{place}/*/*.csv', format => 'csv')") == [(7,)]


def test_a_signature_opens_what_the_environment_does_not(
    sql: Sql, azurite: AzuriteServer, folder: Path
) -> None:
    other = azurite.other
    container = filled(other)
    url = f"abfss://{container}@{other.name}.dfs.core.windows.net/in"
    sql("CREATE TABLE t (n INT)")
    copy = f"COPY INTO t BY POSITION FROM '{url}' {{}} FILEFORMAT = CSV"
    with pytest.raises(ServerOperationError, match=r"FILE_NOT_ACCESSIBLE.*HTTP 403"):
        sql(copy.format(""))
    signature = other.sas(container)
    assert sql(copy.format(f"WITH (CREDENTIAL (AZURE_SAS_TOKEN = '{signature}'))")) == [(2, 2, 0)]
    again = copy.format(f"WITH (CREDENTIAL (AZURE_SAS_TOKEN = '?{signature}'))")
    assert sql(again + " COPY_OPTIONS ('force' = 'true')") == [(2, 2, 0)]
    kept = [folder.with_suffix(".log"), *(path for path in folder.rglob("*") if path.is_file())]
    hidden = signature.partition("sig=")[2].encode()
    assert not [path for path in kept if hidden in path.read_bytes()]


def test_a_wrong_signature_is_not_helped_by_the_environments_key(sql: Sql, azurite: AzuriteServer) -> None:
    account = azurite.account
    container = filled(account)
    url = f"abfss://{container}@{account.name}.dfs.core.windows.net/in"
    sql("CREATE TABLE t (n INT)")
    for signature in (
        account.sas(container, hours=-1),
        account.sas(account.container()),
        azurite.other.sas(container),
        account.sas(container, "w"),
        "no signature",
        "sig=%%%&x",
    ):
        with pytest.raises(ServerOperationError, match="FILE_NOT_ACCESSIBLE") as error:
            sql(
                f"COPY INTO t BY POSITION FROM '{url}' WITH (CREDENTIAL (AZURE_SAS_TOKEN = '{signature}')) "
                "FILEFORMAT = CSV"
            )
        assert signature not in str(error.value)
    assert sql("SELECT * FROM t") == []


def test_what_is_not_there_is_told(sql: Sql, azurite: AzuriteServer) -> None:
    container = filled(azurite.account)
    host = f"{azurite.account.name}.dfs.core.windows.net"
    for path, message in [
        (f"abfss://{container}@{host}/nowhere", "PATH_NOT_FOUND.*nowhere"),
        (f"abfss://{container}x@{host}/in", "PATH_NOT_FOUND"),
        (f"abfss://{container}@evil.example.com/in", "INVALID_PARAMETER_VALUE.*not like abfss"),
        (f"abfss://{container}/in", "INVALID_PARAMETER_VALUE"),
    ]:
        with pytest.raises(ServerOperationError, match=message):
            sql(f"SELECT * FROM csv.`{path}`")
