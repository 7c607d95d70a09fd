"""Files on S3: COPY INTO, read_files and paths in queries."""

from __future__ import annotations

import dataclasses
import io
import uuid
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from databricks.sdk import WorkspaceClient
from databricks.sql.exc import ServerOperationError

from lakestead.testing import Workspace
from tests.servers.s3 import S3Server
from tests.servers.workspaces import workspace_with

from .conftest import Robot, Sql


@dataclasses.dataclass(frozen=True)
class Bucket:
    """A bucket of this test alone."""

    server: S3Server
    name: str

    @property
    def url(self) -> str:
        return f"s3://{self.name}"

    def put(self, key: str, content: bytes | str) -> None:
        self.server.put(self.name, key, content.encode() if isinstance(content, str) else content)


@pytest.fixture(scope="module")
def served(s3_server: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace whose process has credentials for the S3 server."""
    with workspace_with(s3_server.env(), tmp_path_factory.mktemp("s3") / "workspace") as workspace:
        yield workspace


@pytest.fixture
def bucket(s3_server: S3Server) -> Bucket:
    return Bucket(s3_server, s3_server.bucket())


@pytest.fixture
def sql(served: Workspace) -> Iterator[Sql]:
    name = f"main.test_{uuid.uuid4().hex[:12]}"
    with served.connect() as connection:
        sql = Sql(connection)
        sql(f"CREATE SCHEMA {name}")
        sql(f"USE {name}")
        yield sql
        sql(f"DROP SCHEMA {name} CASCADE")


def parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def test_copy_into_loads_each_object_once(sql: Sql, bucket: Bucket) -> None:
    bucket.put("in/a.csv", "n,s\n1,x\n2,y\n")
    bucket.put("in/b.csv", "n,s\n3,z\n")
    bucket.put("in/sub/not.csv", "n,s\n9,no\n")
    bucket.put("in/_hidden.csv", "n,s\n9,no\n")
    bucket.put("inn/not.csv", "n,s\n9,no\n")
    sql("CREATE TABLE t (n INT, s STRING)")
    copy = f"COPY INTO t FROM '{bucket.url}/in' FILEFORMAT = CSV FORMAT_OPTIONS ('header' = 'true')"
    assert sql(copy) == [(3, 3, 0)]
    assert sql(copy) == [(0, 0, 0)]
    bucket.put("in/c.csv", "n,s\n4,w\n")
    bucket.put("in/a.csv", "n,s\n5,changed\n")
    assert sql(copy) == [(1, 1, 0)]
    assert sql(copy.replace("s3://", "s3a://")) == [(0, 0, 0)]
    assert sql("SELECT * FROM t ORDER BY n") == [(1, "x"), (2, "y"), (3, "z"), (4, "w")]
    assert sql(copy + " COPY_OPTIONS ('force' = 'true')") == [(4, 4, 0)]
