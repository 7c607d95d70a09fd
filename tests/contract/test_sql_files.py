"""PUT, GET, REMOVE and LIST by the official connector, which carries the files; files read in queries."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from databricks.sql.exc import Error, ServerOperationError

from lakestead.testing import Workspace

from .conftest import Sql


@pytest.fixture
def local(workspace_session: Workspace, tmp_path: Path) -> Iterator[Sql]:
    """Statements of a connection that may carry files from and to the test's folder."""
    with workspace_session.connect(staging_allowed_local_path=str(tmp_path)) as connection:
        yield Sql(connection)


@pytest.fixture
def volume(sql: Sql, schema: str) -> str:
    sql("CREATE VOLUME files")
    return "/Volumes/" + schema.replace(".", "/") + "/files"


def test_files_go_in_and_come_back(local: Sql, volume: str, tmp_path: Path) -> None:
    source = tmp_path / "source.bin"
    source.write_bytes(bytes(range(256)) * 5000)
    local(f"PUT '{source}' INTO '{volume}/sub/copy.bin'")
    with pytest.raises(Error):
        local(f"PUT '{source}' INTO '{volume}/sub/copy.bin'")
    source.write_bytes(b"shorter")
    local(f"PUT '{source}' INTO '{volume}/sub/copy.bin' OVERWRITE")
    local(f"GET '{volume}/sub/copy.bin' TO '{tmp_path}/back.bin'")
    assert (tmp_path / "back.bin").read_bytes() == b"shorter"
    assert [(path, name, size) for path, name, size, _ in local(f"LIST '{volume}'")] == [
        (f"{volume}/sub/", "sub/", 0)
    ]
    assert [row[:3] for row in local(f"LIST '{volume}' RECURSIVE")] == [
        (f"{volume}/sub/copy.bin", "copy.bin", 7)
    ]
    local(f"REMOVE '{volume}/sub/copy.bin'")
    local(f"REMOVE '{volume}/sub'")
    assert local(f"LIST '{volume}'") == []


def test_listing(sql: Sql, workspace_session: Workspace, volume: str) -> None:
    for name in ("a", "b", "c"):
        workspace_session.client().files.upload(f"{volume}/{name}", io.BytesIO(b"12345"))
    assert [row[1] for row in sql(f"LIST '{volume}' LIMIT 2")] == ["a", "b"]
    ((_, _, size, modified),) = sql(f"LIST '{volume}/c'")
    assert size == 5
    assert modified > 1_600_000_000_000
    with pytest.raises(ServerOperationError, match="PATH_NOT_FOUND"):
        sql(f"LIST '{volume}/nothing'")


def test_files_need_privileges(workspace: Workspace, admin: Sql, somebody: tuple[str, Sql]) -> None:
    name, theirs = somebody
    admin("CREATE VOLUME main.default.v")
    workspace.client().files.upload("/Volumes/main/default/v/a.txt", io.BytesIO(b"x"))
    admin(f"GRANT USE CATALOG ON CATALOG main TO {name}")
    admin(f"GRANT USE SCHEMA ON SCHEMA main.default TO {name}")
    for statement in (
        "LIST '/Volumes/main/default/v'",
        "GET '/Volumes/main/default/v/a.txt' TO '/tmp/a.txt'",
        "SELECT * FROM read_files('/Volumes/main/default/v', format => 'text')",
        "SELECT * FROM text.`/Volumes/main/default/v/a.txt`",
    ):
        with pytest.raises(ServerOperationError, match=r"INSUFFICIENT_PERMISSIONS.*READ VOLUME"):
            theirs(statement)
    for statement in (
        "PUT '/tmp/a' INTO '/Volumes/main/default/v/b'",
        "REMOVE '/Volumes/main/default/v/a.txt'",
    ):
        with pytest.raises(ServerOperationError, match=r"INSUFFICIENT_PERMISSIONS.*WRITE VOLUME"):
            theirs(statement)
    for path in ("/etc/hostname", "file:/etc/hostname", "/Volumes/main/default/v/../../../../etc/hostname"):
        with pytest.raises(ServerOperationError):
            theirs(f"SELECT * FROM text.`{path}`")
    admin(f"GRANT READ VOLUME ON VOLUME main.default.v TO {name}")
    assert theirs("SELECT value FROM text.`/Volumes/main/default/v/a.txt`") == [("x",)]


def test_admins_do_not_read_what_the_workspace_keeps(workspace: Workspace, admin: Sql) -> None:
    admin("CREATE TABLE main.default.kept (n INT)")
    (row,) = admin.records("DESCRIBE DETAIL main.default.kept")
    folder = row["location"].removeprefix("file://")
    for path in (folder, str(Path(folder).parent), str(Path(folder).parent.parent)):
        with pytest.raises(ServerOperationError, match="LOCATION_OVERLAP"):
            admin(f"SELECT * FROM delta.`{path}`")


def test_read_files(sql: Sql, workspace_session: Workspace, volume: str) -> None:
    files = workspace_session.client().files
    files.upload(f"{volume}/in/a.csv", io.BytesIO(b"id,name,amount\n1,x,1.5\n2,y,oops\n"))
    files.upload(f"{volume}/in/b.csv", io.BytesIO(b"name,id,amount\nz,3,2\n"))
    files.upload(f"{volume}/day=2024-01-02/c.json", io.BytesIO(b'{"n": {"a": [1, 2]}}\n'))
    call = f"read_files('{volume}/in', format => 'csv', header => true)"
    assert sql.columns(f"SELECT * FROM {call}") == [("id", "int"), ("name", "string"), ("amount", "string")]
    assert sql(f"SELECT t.id FROM {call} AS t WHERE t.name >= 'y' ORDER BY 1") == [(2,), (3,)]
    typed = f"read_files('{volume}/in/*.csv', header => true, schema => 'ID BIGINT, amount DOUBLE'"
    assert sql(f"SELECT * FROM {typed}) ORDER BY id") == [(1, 1.5), (2, None), (3, 2.0)]
    rescued = sql(f"SELECT rescued FROM {typed}, rescuedDataColumn => 'rescued') WHERE id = 2")
    assert rescued == [(f'{{"name":"y","amount":"oops","_file_path":"{volume}/in/a.csv"}}',)]
    with pytest.raises(ServerOperationError, match="CAST_INVALID_INPUT"):
        sql(f"SELECT * FROM {typed}, mode => 'FAILFAST')")
    nested = sql(f"SELECT n.a[1], day FROM read_files('{volume}', fileNamePattern => '*.json')")
    assert [(value, str(day)) for value, day in nested] == [(2, "2024-01-02")]
    assert sql(f"SELECT _c1 FROM csv.`{volume}/in/a.csv` LIMIT 1") == [("name",)]
    sql(f"CREATE VIEW v AS SELECT id AS `the id` FROM {call}")
    assert sql("SELECT max(`the id`) FROM v") == [(3,)]
    files.upload(f"{volume}/in/d.csv", io.BytesIO(b"id\n4\n"))
    assert sql("SELECT max(`the id`) FROM v") == [(4,)]


def test_wrong_calls_of_read_files(sql: Sql, volume: str) -> None:
    for call, condition in [
        ("read_files()", "WRONG_NUM_ARGS"),
        (f"read_files('{volume}')", "PATH_NOT_FOUND"),
        (f"read_files('{volume}', format => 'xml')", "UNSUPPORTED_FEATURE"),
        (f"read_files('{volume}', format => 'csv', headr => true)", "INVALID_PARAMETER_VALUE.*header"),
        ("read_files('relative/path', format => 'csv')", "INVALID_PARAMETER_VALUE"),
        ("read_files('s3://b/../x', format => 'csv')", "INVALID_PARAMETER_VALUE"),
    ]:
        with pytest.raises(ServerOperationError, match=condition):
            sql(f"SELECT * FROM {call}")
