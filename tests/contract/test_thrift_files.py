"""PUT, GET and REMOVE of files in volumes by the SQL connector, and the links that they go by."""

from __future__ import annotations

import io
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError

import pytest
from databricks.sql.client import Connection, Cursor
from databricks.sql.exc import DatabaseError, Error
from databricks.sql.thrift_api.TCLIService.ttypes import TExecuteStatementReq, TFetchResultsReq

from lakestead.testing import Workspace

VOLUME = "/Volumes/main/default/thrift_files"


@pytest.fixture
def connection(workspace_session: Workspace, tmp_path: Path) -> Iterator[Connection]:
    with workspace_session.connect(staging_allowed_local_path=str(tmp_path)) as connection:
        with connection.cursor() as cursor:
            cursor.execute("CREATE VOLUME IF NOT EXISTS main.default.thrift_files")
        yield connection
        with connection.cursor() as cursor:
            cursor.execute("DROP VOLUME main.default.thrift_files")


@pytest.fixture
def cursor(connection: Connection) -> Iterator[Cursor]:
    with connection.cursor() as cursor:
        yield cursor


def link(connection: Connection, statement: str) -> dict[str, str]:
    """Return the row that tells the connector what to do, without its doing it."""
    raw = connection.session.backend._client
    handle = connection.session.session_id.to_thrift_handle()
    answer = raw.ExecuteStatement(TExecuteStatementReq(sessionHandle=handle, statement=statement))
    page = raw.FetchResults(
        TFetchResultsReq(operationHandle=answer.operationHandle, maxRows=1, includeResultSetMetadata=True)
    )
    assert page.resultSetMetadata.isStagingOperation is True
    names = [column.columnName for column in page.resultSetMetadata.schema.columns]
    return dict(zip(names, (column.stringVal.values[0] for column in page.results.columns), strict=True))


def status(url: str, method: str = "GET") -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method)) as response:
            return int(response.status)
    except HTTPError as error:
        with error:
            return error.code


def test_a_file_goes_there_and_back_and_away(cursor: Cursor, tmp_path: Path) -> None:
    there, back = tmp_path / "there.bin", tmp_path / "back.bin"
    there.write_bytes(bytes(range(256)) * 10_000)
    path = f"{VOLUME}/a folder/data ü.bin"
    cursor.execute(f"PUT '{there}' INTO '{path}' OVERWRITE")
    cursor.execute(f"GET '{path}' TO '{back}'")
    assert back.read_bytes() == there.read_bytes()
    cursor.execute(f"REMOVE '{path}'")
    with pytest.raises(Error):
        cursor.execute(f"GET '{path}' TO '{back}'")


def test_a_stream_may_be_put(cursor: Cursor, tmp_path: Path) -> None:
    cursor.execute(
        f"PUT '__input_stream__' INTO '{VOLUME}/stream' OVERWRITE", input_stream=io.BytesIO(b"abc")
    )
    cursor.execute(f"GET '{VOLUME}/stream' TO '{tmp_path / 'stream'}'")
    assert (tmp_path / "stream").read_bytes() == b"abc"


def test_a_file_is_not_overwritten_unless_asked(cursor: Cursor, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("first")
    cursor.execute(f"PUT '{tmp_path / 'file'}' INTO '{VOLUME}/kept'")
    (tmp_path / "file").write_text("second")
    with pytest.raises(Error, match="already exists"):
        cursor.execute(f"PUT '{tmp_path / 'file'}' INTO '{VOLUME}/kept'")
    cursor.execute(f"PUT '{tmp_path / 'file'}' INTO '{VOLUME}/kept' OVERWRITE")
    cursor.execute(f"GET '{VOLUME}/kept' TO '{tmp_path / 'got'}'")
    assert (tmp_path / "got").read_text() == "second"


def test_a_link_is_good_for_one_thing_only(connection: Connection, cursor: Cursor) -> None:
    cursor.execute(f"PUT '__input_stream__' INTO '{VOLUME}/one'", input_stream=io.BytesIO(b"1"))
    row = link(connection, f"GET '{VOLUME}/one' TO '/tmp/unused'")
    assert row["operation"] == "GET"
    assert json.loads(row["headers"]) == {}
    url = row["presignedUrl"]
    assert status(url) == 200
    assert status(url, "DELETE") == 403
    assert status(url.replace("/one?", "/other?")) == 403
    assert status(url.split("?")[0]) == 403
    assert status(url.replace("expires=", "expires=9")) == 403


@pytest.mark.parametrize(
    "path", ["/Volumes/main/default/thrift_files/../../x", "/etc/passwd", "/Volumes/main/default"]
)
def test_paths_lead_to_files_in_volumes_only(cursor: Cursor, path: str) -> None:
    with pytest.raises(DatabaseError, match="SQLSTATE"):
        cursor.execute(f"PUT '__input_stream__' INTO '{path}' OVERWRITE", input_stream=io.BytesIO(b""))


def test_putting_needs_the_privilege(workspace_session: Workspace, cursor: Cursor) -> None:
    client = workspace_session.client()
    reader = client.service_principals.create(display_name="reader of files")
    token = client.token_management.create_obo_token(
        application_id=reader.application_id, lifetime_seconds=600
    )
    cursor.execute(f"PUT '__input_stream__' INTO '{VOLUME}/read'", input_stream=io.BytesIO(b"1"))
    cursor.execute(f"GRANT READ VOLUME ON VOLUME main.default.thrift_files TO `{reader.application_id}`")
    with (
        workspace_session.connect(access_token=token.token_value) as theirs,
        theirs.cursor() as their_cursor,
    ):
        assert status(link(theirs, f"GET '{VOLUME}/read' TO '/tmp/unused'")["presignedUrl"]) == 200
        with pytest.raises(DatabaseError, match="WRITE VOLUME") as raised:
            their_cursor.execute(
                f"PUT '__input_stream__' INTO '{VOLUME}/written' OVERWRITE", input_stream=io.BytesIO(b"1")
            )
        assert "SQLSTATE: 42501" in str(raised.value)
