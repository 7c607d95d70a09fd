"""COPY INTO by the official connector: files of a volume into a table, each once."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from databricks.sql.exc import ServerOperationError

from lakestead.testing import Workspace

from .conftest import Sql

Upload = Callable[[str, object], str]


@pytest.fixture
def upload(workspace_session: Workspace, sql: Sql, schema: str) -> Upload:
    """Put a file into the test's volume; returns the path of the volume."""
    sql("CREATE VOLUME files")
    root = "/Volumes/" + schema.replace(".", "/") + "/files"
    files = workspace_session.client().files

    def put(name: str, content: object) -> str:
        if isinstance(content, pa.Table):
            sink = io.BytesIO()
            pq.write_table(content, sink)
            content = sink.getvalue()
        data = content.encode() if isinstance(content, str) else content
        assert isinstance(data, bytes)
        files.upload(f"{root}/{name}", io.BytesIO(data), overwrite=True)
        return root

    return put


def loaded(rows: int, corrupt: int = 0) -> list[tuple[int, int, int]]:
    return [(rows, rows, corrupt)]


def test_csv_into_typed_columns(sql: Sql, upload: Upload) -> None:
    sql("CREATE TABLE t (Id BIGINT, name STRING, amount DECIMAL(10,2), ok BOOLEAN, day DATE, at TIMESTAMP)")
    root = upload(
        "in/a.csv",
        "id,name,AMOUNT,ok,day,at\n"
        '1,"a, ""b""\nc",1.50,true,2024-02-29,2024-01-02T03:04:05Z\n'
        "2,,,FALSE,,2024-01-02 03:04:05.5+02:00\n",
    )
    upload("in/b.csv.gz", gzip.compress(b"at,id\n2024-01-02,3\n"))
    upload("in/_hidden.csv", "id\n99\n")
    copy = f"COPY INTO t FROM '{root}/in' FILEFORMAT = CSV FORMAT_OPTIONS ('header' = 'true')"
    assert sql(copy) == loaded(3)
    assert sql("SELECT * FROM t ORDER BY id") == [
        (1, 'a, "b"\nc', Decimal("1.50"), True, date(2024, 2, 29), datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (2, None, None, False, None, datetime(2024, 1, 2, 1, 4, 5, 500000, tzinfo=UTC)),
        (3, None, None, None, None, datetime(2024, 1, 2, tzinfo=UTC)),
    ]


def test_each_file_is_loaded_once(sql: Sql, upload: Upload) -> None:
    sql("CREATE TABLE t (n INT)")
    root = upload("a.json", '{"n": 1}\n')
    copy = f"COPY INTO t FROM '{root}' FILEFORMAT = JSON"
    assert sql(copy) == loaded(1)
    assert sql(copy) == loaded(0)
    upload("b.json", '{"n": 2}\n')
    assert sql(copy) == loaded(1)
    upload("a.json", '{"n": 3}\n{"n": 4}\n')
    assert sql(copy) == loaded(0)
    assert sql(
        f"COPY INTO t FROM '{root}/a.json' FILEFORMAT = JSON COPY_OPTIONS ('force' = 'true')"
    ) == loaded(2)
    assert sql("SELECT n FROM t ORDER BY n") == [(1,), (2,), (3,), (4,)]
    assert sql("DELETE FROM t WHERE true") != []
    assert sql(copy) == loaded(0)
    sql("CREATE OR REPLACE TABLE t (n INT)")
    assert sql(copy) == loaded(3)


def test_each_file_is_loaded_once_by_many_at_a_time(
    workspace_session: Workspace, sql: Sql, schema: str, upload: Upload
) -> None:
    sql("CREATE TABLE t (n INT)")
    for number in range(4):
        root = upload(f"{number}.json", f'{{"n": {number}}}\n')

    def load(_: int) -> int:
        with workspace_session.connect() as connection:
            rows = Sql(connection)(f"COPY INTO {schema}.t FROM '{root}' FILEFORMAT = JSON")
            return int(rows[0][0])

    with ThreadPoolExecutor(6) as pool:
        counts = list(pool.map(load, range(6)))
    assert sum(counts) == 4
    assert sql("SELECT n FROM t ORDER BY n") == [(0,), (1,), (2,), (3,)]


def test_what_fails_loads_nothing_and_can_be_repeated(sql: Sql, upload: Upload) -> None:
    sql("CREATE TABLE t (n INT NOT NULL, CONSTRAINT small CHECK (n < 100))")
    root = upload("a.csv", "n\n1\n")
    copy = f"COPY INTO t FROM '{root}' FILEFORMAT = CSV FORMAT_OPTIONS ('header' = 'true')"
    for bad, condition in [
        ("n\n2\nx\n", "CAST_INVALID_INPUT"),
        ("n\n2\n100\n", "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES"),
        ("n,m\n2,\n,2\n", "COPY_INTO_SCHEMA_MISMATCH_WITH_TARGET_TABLE"),
        ('n\n2\n""\n', "DELTA_NOT_NULL_CONSTRAINT_VIOLATED"),
    ]:
        upload("b.csv", bad)
        with pytest.raises(ServerOperationError, match=condition):
            sql(copy)
        assert sql("SELECT * FROM t") == []
    upload("b.csv", "n\n2\n")
    assert sql(copy) == loaded(2)
    versions = sql.records("DESCRIBE HISTORY t")
    assert [one["operation"] for one in versions][:1] == ["COPY INTO"]
    assert len([one for one in versions if one["operation"] == "COPY INTO"]) == 1


def test_json_into_nested_columns(sql: Sql, upload: Upload) -> None:
    sql(
        "CREATE TABLE t (id BIGINT, s STRUCT<a: INT, at: TIMESTAMP>, l ARRAY<DOUBLE>, m MAP<STRING, INT>, "
        "raw STRING, v VARIANT, exact DECIMAL(38,10))"
    )
    document = {
        "id": 1,
        "s": {"a": 2, "at": "2024-01-02T03:04:05Z"},
        "l": [1, 2.5],
        "m": {"k": 3},
        "raw": {"x": [1]},
        "v": {"y": "z"},
    }
    exact = '{"id": 2, "exact": 1234567890123456789.0123456789, "raw": "plain", "v": null}'
    root = upload("a.json", json.dumps(document) + "\n\n" + exact + "\n")
    assert sql(f"COPY INTO t FROM '{root}' FILEFORMAT = JSON") == loaded(2)
    rows = sql("SELECT id, s.a, s.at, l[1], m['k'], raw, v:y::string, exact FROM t ORDER BY id")
    assert rows[0] == (1, 2, datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), 2.5, 3, '{"x": [1]}', "z", None)
    assert rows[1] == (2, None, None, None, None, "plain", None, Decimal("1234567890123456789.0123456789"))


def test_parquet_of_several_schemas(sql: Sql, upload: Upload) -> None:
    sql("CREATE TABLE t (a BIGINT, b STRING, c TIMESTAMP)")
    root = upload(
        "1.parquet", pa.table({"a": pa.array([1], pa.int32()), "c": pa.array([1], pa.timestamp("ns", "UTC"))})
    )
    upload("2.parquet", pa.table({"B": ["x"], "a": [2**40]}))
    copy = f"COPY INTO t FROM '{root}' FILEFORMAT = PARQUET"
    assert sql(copy) == loaded(2)
    assert sql("SELECT a, b FROM t ORDER BY a") == [(1, None), (2**40, "x")]
    upload("3.parquet", b"no parquet at all")
    with pytest.raises(ServerOperationError, match=r"FAILED_READ_FILE.*3\.parquet"):
        sql(copy)
    assert sql(copy + " FORMAT_OPTIONS ('ignoreCorruptFiles' = 'true')") == [(0, 0, 1)]


def test_files_and_patterns(sql: Sql, upload: Upload) -> None:
    sql("CREATE TABLE t (value STRING)")
    root = upload("a1.txt", "a1")
    for name in ("a2.txt", "b1.txt", "sub/c1.txt"):
        upload(name, name)
    copy = f"COPY INTO t FROM '{root}' FILEFORMAT = TEXT "
    assert sql(copy + "FILES = ('b1.txt', 'sub/c1.txt')") == loaded(2)
    assert sql(copy + "PATTERN = '{a,z}[1-2].tx?'") == loaded(2)
    assert sql(copy + "FORMAT_OPTIONS ('recursiveFileLookup' = 'true')") == loaded(0)
    with pytest.raises(ServerOperationError, match="PATH_NOT_FOUND"):
        sql(copy + "FILES = ('nothing.txt')")
    with pytest.raises(ServerOperationError, match="PATH_NOT_FOUND"):
        sql(f"COPY INTO t FROM '{root}/nothing' FILEFORMAT = TEXT")
    upload("d1.txt", "d1")
    assert sql(f"COPY INTO t FROM '{root}/[c-d]*.txt' FILEFORMAT = TEXT") == loaded(1)


def test_expressions_over_files(sql: Sql, upload: Upload) -> None:
    sql("CREATE TABLE t (id INT, label STRING, file STRING)")
    root = upload("a.csv", "1;x\n2;y\n")
    copy = (
        "COPY INTO t FROM ("
        "SELECT _c0::int AS ID, concat(upper(_c1), '!') AS label, _metadata.file_name AS file "
        f"FROM '{root}') FILEFORMAT = CSV FORMAT_OPTIONS ('sep' = ';')"
    )
    assert sql(copy) == loaded(2)
    assert sql("SELECT * FROM t ORDER BY id") == [(1, "X!", "a.csv"), (2, "Y!", "a.csv")]
    upload("b.json", '{"user": {"id": 3, "tags": ["p", "q"]}}\n')
    nested = (
        f"COPY INTO t FROM (SELECT user.id, user.tags[1] AS label FROM '{root}/b.json') FILEFORMAT = JSON"
    )
    assert sql(nested) == loaded(1)
    assert sql("SELECT label FROM t WHERE id = 3") == [("q",)]


def test_columns_by_position(sql: Sql, upload: Upload) -> None:
    sql(
        "CREATE TABLE t (id BIGINT GENERATED ALWAYS AS IDENTITY, a INT, b STRING DEFAULT 'd' , "
        "twice INT GENERATED ALWAYS AS (a * 2)) "
        "TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')"
    )
    root = upload("a.csv", "1,x\n2,y\n")
    assert sql(f"COPY INTO t BY POSITION FROM '{root}' FILEFORMAT = CSV") == loaded(2)
    assert sql("SELECT a, b, twice FROM t ORDER BY a") == [(1, "x", 2), (2, "y", 4)]
    upload("b.csv", "5\n")
    assert sql(f"COPY INTO t (a) FROM '{root}' FILEFORMAT = CSV") == loaded(1)
    assert sql("SELECT b, twice FROM t WHERE a = 5") == [("d", 10)]
    assert sorted(sql("SELECT id FROM t")) == [(1,), (2,), (3,)]
    upload("c.csv", "5,6,7\n")
    with pytest.raises(ServerOperationError, match="COPY_INTO_SCHEMA_MISMATCH"):
        sql(f"COPY INTO t BY POSITION FROM '{root}' FILEFORMAT = CSV")


def test_merging_schemas(sql: Sql, upload: Upload) -> None:
    sql("CREATE TABLE t (id INT)")
    root = upload("a.json", '{"id": 1, "n": 1.5, "s": {"x": [1]}}\n')
    copy = f"COPY INTO t FROM '{root}' FILEFORMAT = JSON"
    with pytest.raises(ServerOperationError, match="COPY_INTO_SCHEMA_MISMATCH_WITH_TARGET_TABLE"):
        sql(copy)
    assert sql(copy + " COPY_OPTIONS ('mergeSchema' = 'true')") == loaded(1)
    assert [row[:2] for row in sql("DESCRIBE TABLE t")] == [
        ("id", "int"),
        ("n", "double"),
        ("s", "struct<x:array<bigint>>"),
    ]
    assert sql("SELECT id, n, s.x[0] FROM t") == [(1, 1.5, 1)]


def test_a_table_without_columns_takes_those_of_the_files(sql: Sql, upload: Upload) -> None:
    sql("CREATE TABLE t")
    root = upload("a.csv", "id,day\n1,2024-01-02\n")
    copy = (
        f"COPY INTO t FROM '{root}' FILEFORMAT = CSV "
        "FORMAT_OPTIONS ('header' = 'true', 'inferSchema' = 'true') "
        "COPY_OPTIONS ('mergeSchema' = 'true')"
    )
    assert sql(copy) == loaded(1)
    assert sql("SELECT * FROM t") == [(1, date(2024, 1, 2))]
    assert sql.columns("SELECT * FROM t") == [("id", "int"), ("day", "date")]


def test_validating_loads_nothing(sql: Sql, upload: Upload) -> None:
    sql("CREATE TABLE t (n INT)")
    root = upload("a.csv", "n\n" + "".join(f"{number}\n" for number in range(100)))
    copy = f"COPY INTO t FROM '{root}' FILEFORMAT = CSV {{}} FORMAT_OPTIONS ('header' = 'true')"
    assert len(sql(copy.format("VALIDATE ALL"))) == 50
    assert len(sql(copy.format("VALIDATE 7 ROWS"))) == 7
    upload("b.csv", "n\nx\n")
    with pytest.raises(ServerOperationError, match="CAST_INVALID_INPUT"):
        sql(copy.format("VALIDATE"))
    assert sql("SELECT count(*) FROM t") == [(0,)]


def test_what_is_not_supported_is_refused_by_name(sql: Sql, upload: Upload) -> None:
    sql("CREATE TABLE t (n INT)")
    root = upload("a.csv", "n\n1\n")
    copy = f"COPY INTO t FROM '{root}' FILEFORMAT = "
    for text, message in [
        ("CSV FORMAT_OPTIONS ('headr' = 'true')", "'headr' is not a supported option.*header"),
        ("CSV COPY_OPTIONS ('overwrite' = 'true')", "'overwrite' is not a supported copy option"),
        ("AVRO", "AVRO"),
        ("CSV FORMAT_OPTIONS ('sep' = '||')", "sep"),
    ]:
        with pytest.raises(ServerOperationError, match=message):
            sql(copy + text)
    secret = "WITH (CREDENTIAL (AWS_ACCESS_KEY = 'a', AWS_SECRET_KEY = 'hush', AWS_SESSION_TOKEN = 'c'))"
    for source, message in [
        (f"'{root}' {secret}", "COPY_INTO_CREDENTIALS_NOT_ALLOWED_ON"),
        (f"'gs://bucket/path' {secret}", "COPY_INTO_CREDENTIALS_NOT_ALLOWED_ON"),
        (
            f"'abfss://data@account.dfs.core.windows.net/path' {secret}",
            "COPY_INTO_CREDENTIALS_REQUIRED.*AZURE_SAS",
        ),
        ("'s3://bucket/path' WITH (CREDENTIAL (AWS_SECRET_KEY = 'hush'))", "COPY_INTO_CREDENTIALS_REQUIRED"),
        ("'s3://bucket/path' WITH (CREDENTIAL name)", "UNSUPPORTED_FEATURE"),
        ("'s3://bucket/path' WITH (ENCRYPTION (MASTER_KEY = 'hush'))", "UNSUPPORTED_FEATURE.*ENCRYPTION"),
        ("'https://account.blob.core.windows.net/c/path'", "INVALID_PARAMETER_VALUE"),
    ]:
        with pytest.raises(ServerOperationError, match=message) as error:
            sql(f"COPY INTO t FROM {source} FILEFORMAT = CSV")
        assert "hush" not in str(error.value)


def test_reading_needs_the_volume_and_writing_the_table(
    workspace: Workspace, admin: Sql, somebody: tuple[str, Sql]
) -> None:
    name, theirs = somebody
    admin("CREATE TABLE main.default.t (value STRING)")
    admin("CREATE VOLUME main.default.v")
    workspace.client().files.upload("/Volumes/main/default/v/a.txt", io.BytesIO(b"x"))
    admin(f"GRANT USE CATALOG ON CATALOG main TO {name}")
    admin(f"GRANT USE SCHEMA ON SCHEMA main.default TO {name}")
    copy = "COPY INTO main.default.t FROM '{}' FILEFORMAT = TEXT"
    for privilege, where in [
        ("SELECT", "TABLE main.default.t"),
        ("MODIFY", "TABLE main.default.t"),
        ("READ VOLUME", "VOLUME main.default.v"),
    ]:
        with pytest.raises(ServerOperationError, match=f"INSUFFICIENT_PERMISSIONS.*{privilege}"):
            theirs(copy.format("/Volumes/main/default/v"))
        admin(f"GRANT {privilege} ON {where} TO {name}")
    assert theirs(copy.format("/Volumes/main/default/v")) == loaded(1)
    with pytest.raises(ServerOperationError, match="INSUFFICIENT_PERMISSIONS"):
        theirs(copy.format("/etc/hostname"))
    with pytest.raises(ServerOperationError, match="INVALID_PARAMETER_VALUE"):
        theirs(copy.format("/Volumes/main/default/v/../../../../../../etc/hostname"))
