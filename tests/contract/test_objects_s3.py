"""Files on S3: COPY INTO, read_files and paths in queries."""

from __future__ import annotations

import dataclasses
import gzip
import io
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from databricks.sql.exc import ServerOperationError

from lakestead.testing import Workspace
from tests.servers.s3 import S3Server
from tests.servers.workspaces import workspace_with

from .conftest import Sql


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
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the workspace is kept."""
    return tmp_path_factory.mktemp("s3") / "workspace"


@pytest.fixture(scope="module")
def served(s3_server: S3Server, folder: Path) -> Iterator[Workspace]:
    """A workspace whose process has credentials for the S3 server."""
    with workspace_with(s3_server.env(), folder) as workspace:
        yield workspace


@pytest.fixture
def bucket(s3_server: S3Server) -> Bucket:
    return Bucket(s3_server, s3_server.bucket())


@pytest.fixture
def stranger(served: Workspace) -> Iterator[tuple[str, Sql]]:
    """Somebody who is no admin: their name in backticks, and their statements."""
    admin = served.client()
    made = admin.service_principals.create(display_name="robot")
    assert made.application_id
    token = admin.token_management.create_obo_token(made.application_id).token_value
    with served.connect(access_token=token) as connection:
        yield f"`{made.application_id}`", Sql(connection)


@pytest.fixture
def connected(served: Workspace) -> Iterator[Sql]:
    """Statements of the admin."""
    with served.connect() as connection:
        yield Sql(connection)


@pytest.fixture
def schema(connected: Sql) -> Iterator[str]:
    """A schema of this test alone; the session is in it."""
    sql = connected
    name = f"main.test_{uuid.uuid4().hex[:12]}"
    sql(f"CREATE SCHEMA {name}")
    sql(f"USE {name}")
    yield name
    sql(f"DROP SCHEMA {name} CASCADE")


@pytest.fixture
def sql(connected: Sql, schema: str) -> Sql:
    """Statements of the admin, in the test's own schema."""
    return connected


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
    assert sql(copy + " COPY_OPTIONS ('force' = 'true')") == [(3, 3, 0)]


def test_only_new_objects_are_read(sql: Sql, bucket: Bucket) -> None:
    sql("CREATE TABLE t (n BIGINT)")
    bucket.put("in/1.parquet", parquet(pa.table({"n": [1, 2]})))
    copy = f"COPY INTO t FROM '{bucket.url}/in/' FILEFORMAT = PARQUET"
    assert sql(copy) == [(2, 2, 0)]
    bucket.put("in/1.parquet", "no longer Parquet")
    bucket.put("in/2.parquet", parquet(pa.table({"n": [3]})))
    assert sql(copy) == [(1, 1, 0)]


def test_one_object_is_loaded_with_credentials_as_dlt_writes_them(
    sql: Sql, bucket: Bucket, s3_server: S3Server
) -> None:
    bucket.put("staged/t/1.abc.parquet", parquet(pa.table({"n": [1, 2]})))
    bucket.put("staged/t/2.abc.parquet", parquet(pa.table({"n": [3]})))
    sql("CREATE TABLE t (n BIGINT)")
    key, secret, token = s3_server.session_credentials()
    given = f"""WITH(CREDENTIAL(
                    AWS_ACCESS_KEY='{key}',
                    AWS_SECRET_KEY='{secret}',
                    AWS_SESSION_TOKEN='{token}'
                ))"""
    source = f"'{bucket.url}/staged/t/1.abc.parquet'"
    assert sql(f"COPY INTO t FROM {source} {given} FILEFORMAT = PARQUET") == [(2, 2, 0)]
    assert sql(f"COPY INTO t FROM '{bucket.url}/staged/t' FILEFORMAT = PARQUET") == [(1, 1, 0)]


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("FILES = ('a.csv', 'sub/c.csv')", [1, 3]),
        ("PATTERN = '*.csv'", [1]),
        ("PATTERN = 'sub/*'", [3]),
        ("FORMAT_OPTIONS ('recursiveFileLookup' = 'true')", [1, 2, 3]),
        ("FORMAT_OPTIONS ('recursiveFileLookup' = 'true', 'pathGlobFilter' = '*.csv')", [1, 3]),
        ("FORMAT_OPTIONS ('modifiedAfter' = '2100-01-01')", []),
    ],
)
def test_which_objects_are_loaded(sql: Sql, bucket: Bucket, clause: str, expected: list[int]) -> None:
    sql("CREATE TABLE t (n INT)")
    for number, key in enumerate(("a.csv", "b.txt", "sub/c.csv"), 1):
        bucket.put(f"in/{key}", f"{number}\n")
    bucket.put("in/sub/", b"")
    sql(f"COPY INTO t BY POSITION FROM '{bucket.url}/in' FILEFORMAT = CSV {clause}")
    assert [row[0] for row in sql("SELECT n FROM t ORDER BY n")] == expected


def test_metadata_is_that_of_the_object(sql: Sql, bucket: Bucket) -> None:
    sql("CREATE TABLE t (n INT, path STRING, name STRING, size BIGINT, modified TIMESTAMP)")
    bucket.put("in/odd name+%41 ü.csv", "1\n")
    sql(
        "COPY INTO t FROM (SELECT CAST(_c0 AS INT) n, _metadata.file_path path, _metadata.file_name name, "
        "_metadata.file_size size, _metadata.file_modification_time modified "
        f"FROM '{bucket.url}/in') FILEFORMAT = CSV"
    )
    ((n, path, name, size, _),) = sql(
        "SELECT * FROM t WHERE modified > current_timestamp() - INTERVAL 1 HOUR"
    )
    assert (n, path, name, size) == (
        1,
        f"{bucket.url}/in/odd name+%41 ü.csv",
        "odd name+%41 ü.csv",
        2,
    )


def test_queries_read_objects(sql: Sql, bucket: Bucket) -> None:
    bucket.put("p/day=2024-01-01/x.parquet", parquet(pa.table({"n": [1]})))
    bucket.put("p/day=2024-01-02/x.parquet", parquet(pa.table({"n": [2, 3]})))
    bucket.put("p/other/x.parquet", parquet(pa.table({"n": [9]})))
    bucket.put("j/a-1.json", '{"k": {"v": 1}}\n{"k": {"v": 2}}\n')
    bucket.put("j/b-1.json", '{"k": {"v": 9}}\n')
    bucket.put("c/x/1.csv.gz", gzip.compress(b"n\n7\n"))
    bucket.put("c/y/2.csv", "n\n8\n")
    assert sql(f"SELECT day, sum(n) FROM parquet.`{bucket.url}/p` GROUP BY day ORDER BY day") == [
        (date(2024, 1, 1), 1),
        (date(2024, 1, 2), 5),
    ]
    assert sql(f"SELECT sum(k.v) FROM read_files('{bucket.url}/j/a*.json')") == [(3,)]
    assert sql(f"SELECT sum(n) FROM read_files('{bucket.url}/c/{{x,y}}/*', header => true)") == [(15,)]
    assert sql(f"SELECT path, length FROM binaryFile.`{bucket.url}/c/y`") == [(f"{bucket.url}/c/y/2.csv", 4)]
    assert sql(f"SELECT n FROM read_files('{bucket.url}/p/*=2024-01-02/', format => 'parquet')") == [
        (2,),
        (3,),
    ]


def test_what_is_not_there_is_told(sql: Sql, bucket: Bucket) -> None:
    bucket.put("in/a.csv", "1\n")
    bucket.put("slashes//a.csv", "1\n")
    sql("CREATE TABLE t (n INT)")
    for path, message in [
        (f"{bucket.url}/nowhere", "PATH_NOT_FOUND.*nowhere"),
        (f"{bucket.url}/in/*.parquet", "PATH_NOT_FOUND"),
        (f"{bucket.url}-not/in", "PATH_NOT_FOUND.*NoSuchBucket"),
        (f"{bucket.url}/slashes", "FILE_NOT_ACCESSIBLE.*'//'"),
        (f"{bucket.url}/a/../in", "INVALID_PARAMETER_VALUE"),
    ]:
        with pytest.raises(ServerOperationError, match=message):
            sql(f"COPY INTO t BY POSITION FROM '{path}' FILEFORMAT = CSV")
    with pytest.raises(ServerOperationError, match=r"PATH_NOT_FOUND.*b\.csv"):
        sql(f"COPY INTO t BY POSITION FROM '{bucket.url}/in' FILEFORMAT = CSV FILES = ('a.csv', 'b.csv')")
    with pytest.raises(ServerOperationError, match="UNSUPPORTED_FEATURE"):
        sql(f"SELECT * FROM delta.`{bucket.url}/in`")
    assert sql("SELECT * FROM t") == []


def test_without_credentials_only_admins_read(
    sql: Sql, schema: str, bucket: Bucket, stranger: tuple[str, Sql], s3_server: S3Server
) -> None:
    name, theirs = stranger
    bucket.put("in/a.csv", "1\n")
    sql("CREATE TABLE t (n INT)")
    sql(f"GRANT USE CATALOG ON CATALOG main TO {name}")
    sql(f"GRANT USE SCHEMA, SELECT, MODIFY ON SCHEMA {schema} TO {name}")
    copy = f"COPY INTO {schema}.t BY POSITION FROM '{bucket.url}/in' {{}} FILEFORMAT = CSV"
    for text in (copy.format(""), f"SELECT * FROM read_files('{bucket.url}/in', format => 'csv')"):
        with pytest.raises(ServerOperationError, match=r"INSUFFICIENT_PERMISSIONS.*READ FILES"):
            theirs(text)
    key, secret, token = s3_server.session_credentials()
    given = f"AWS_ACCESS_KEY='{key}', AWS_SECRET_KEY='{secret}', AWS_SESSION_TOKEN='{token}'"
    assert theirs(copy.format(f"WITH (CREDENTIAL ({given}))")) == [(1, 1, 0)]


def test_credentials_are_those_given_and_never_shown(
    served: Workspace, sql: Sql, schema: str, bucket: Bucket, s3_server: S3Server, folder: Path
) -> None:
    bucket.put("in/a.csv", "1\n")
    sql("CREATE TABLE t (n INT)")
    right = f"AWS_ACCESS_KEY = '{s3_server.access_key}', AWS_SECRET_KEY = '{s3_server.secret_key}'"
    key, secret, token = s3_server.session_credentials()
    copy = (
        f"COPY INTO {schema}.t BY POSITION FROM '{bucket.url}/in' WITH (CREDENTIAL ({{}})) FILEFORMAT = CSV"
    )
    shown = []
    for given, message in [
        (
            f"AWS_ACCESS_KEY = '{s3_server.access_key}', AWS_SECRET_KEY = '{secret}'",
            "FILE_NOT_ACCESSIBLE.*HTTP 403",
        ),
        # The environment has keys of its own, which must not fill the gap.
        (f"AWS_ACCESS_KEY = '{key}', AWS_SECRET_KEY = '{secret}'", "FILE_NOT_ACCESSIBLE.*HTTP 403"),
        (f"AWS_ACCESS_KEY = '{key}'", "COPY_INTO_CREDENTIALS_REQUIRED"),
        (f"AWS_ACCESS_KEY '{key}' '{secret}' = '{token}'", "PARSE_SYNTAX_ERROR"),
        (f"{right}, AZURE_SAS_TOKEN = '{token}'", "INVALID_PARAMETER_VALUE"),
        (f"AWS_ACCESS_KEY = '{key}, AWS_SECRET_KEY = '{secret}'", "PARSE_SYNTAX_ERROR"),
    ]:
        with pytest.raises(ServerOperationError, match=message) as error:
            sql(copy.format(given))
        shown.append(str(error.value))
        answer = served.client().statement_execution.execute_statement(
            copy.format(given), served.warehouse_id, wait_timeout="30s"
        )
        assert answer.status
        assert answer.status.error
        shown.append(str(answer.as_dict()))
    with served.connect() as connection, connection.cursor() as cursor:
        marked = copy.format("AWS_ACCESS_KEY = :key, AWS_SECRET_KEY = :secret, AWS_SESSION_TOKEN = :token")
        cursor.execute(marked, {"key": key, "secret": secret, "token": token})
        assert [tuple(row) for row in cursor.fetchall()] == [(1, 1, 0)]
    assert sql(copy.format(right)) == [(0, 0, 0)]
    shown += [str(one.as_dict()) for one in served.client().query_history.list(max_results=100).res or ()]
    assert any("CREDENTIAL ([REDACTED])" in one for one in shown)
    shown += [str(row) for row in sql(f"DESCRIBE HISTORY {schema}.t")]
    kept = [folder.with_suffix(".log"), *(path for path in folder.rglob("*") if path.is_file())]
    for hidden in (secret, token, s3_server.secret_key):
        assert not any(hidden in one for one in shown)
        assert not [path for path in kept if hidden.encode() in path.read_bytes()]


def test_nothing_that_was_brought_stays(sql: Sql, bucket: Bucket, folder: Path) -> None:
    bucket.put("in/a.csv", "1\n")
    bucket.put("bad/a.parquet", "x")
    sql(f"SELECT * FROM read_files('{bucket.url}/in', format => 'csv')")
    with pytest.raises(ServerOperationError, match="FAILED_READ_FILE"):
        sql(f"SELECT * FROM parquet.`{bucket.url}/bad`")
    assert list((folder / "scratch").iterdir()) == []


def test_loads_at_a_time_load_each_object_once(
    served: Workspace, sql: Sql, schema: str, bucket: Bucket
) -> None:
    sql("CREATE TABLE t (n INT)")
    for number in range(12):
        bucket.put(f"in/{number}.csv", f"{number}\n")

    def copy(number: int) -> int:
        # Each two of them have a file in common.
        names = ", ".join(f"'{one % 12}.csv'" for one in (2 * number, 2 * number + 1, 2 * number + 2))
        with served.connect() as connection:
            return Sql(connection)(
                f"COPY INTO {schema}.t BY POSITION FROM '{bucket.url}/in' FILEFORMAT = CSV FILES = ({names})"
            )[0][0]

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(copy, range(6))) == 12
    assert sql("SELECT n FROM t ORDER BY n") == [(number,) for number in range(12)]
