"""Input that nobody should send: a clear refusal, never a traceback, never a hang."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator

import httpx
import pytest
from databricks.sql.client import Cursor
from databricks.sql.exc import ServerOperationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakestead.testing import Workspace

CONDITION = r"^\[[A-Z0-9_]+(\.[A-Z0-9_]+)?\] .*SQLSTATE: [0-9A-Z]{5}"


@pytest.fixture
def cursor(workspace_session: Workspace) -> Iterator[Cursor]:
    with workspace_session.connect() as connection, connection.cursor() as cursor:
        yield cursor


@pytest.fixture
def http(workspace_session: Workspace) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {workspace_session.token}"}
    with httpx.Client(base_url=workspace_session.host, headers=headers, timeout=30) as client:
        yield client


@pytest.mark.parametrize(
    "statement",
    [
        "",
        ";",
        "--",
        "/* open",
        "SELECT 'open",
        "SELECT `open",
        "SELECT 1; DROP TABLE x",
        "SELECT 1 UNION",
        "SELECT * FROM a.b.c.d.e",
        "SELECT * FROM ``",
        "SELECT * FROM `..`",
        "SELECT * FROM `../../etc/passwd`",
        "SELECT * FROM parquet.`/etc/passwd`",
        "SELECT * FROM delta.`/`",
        "SELECT * FROM text.`file:///no/such/file`",
        "SELECT * FROM read_files('/no/such/file', format => 'text')",
        "SELECT * FROM csv.`/Volumes/main/default/none/../../../../etc/passwd`",
        "SELECT * FROM global_temp.x",
        "SELECT * FROM sail.default.x",
        "SELECT " + "(" * 2000 + "1" + ")" * 2000,
        "SELECT " + "1+" * 20_000 + "1",
        "SELECT " + "-" * 50 + "1",
        "SELECT CAST(1 AS DECIMAL(99, 1))",
        "SELECT CAST(1 AS NONSENSE)",
        "SELECT unknown_function_" + "x" * 300 + "(1)",
        "CREATE TABLE " + "x" * 256 + " (a INT)",
        "CREATE TABLE `a.b` (a INT)",
        "CREATE TABLE `a/b` (a INT)",
        "CREATE TABLE `a\x00b` (a INT)",
        "CREATE TABLE t_dup (a INT, A INT)",
        "CREATE TABLE t_bad (`a b` INT)",
        "CREATE TABLE t_bad (a INT) PARTITIONED BY (b)",
        "CREATE TABLE t_bad (a INT) LOCATION 'relative/path'",
        "CREATE TABLE t_bad (a INT) USING hudi",
        "CREATE TABLE t_bad (a INTERVAL DAY)",
        "CREATE CATALOG system",
        "CREATE SCHEMA information_schema",
        "DROP TABLE information_schema.tables",
        "INSERT INTO information_schema.tables SELECT 1",
        "CREATE VIEW v_self AS SELECT * FROM v_self",
        "CREATE FUNCTION f_self(x INT) RETURNS INT RETURN f_nothing(x)",
        "GRANT FLY ON SCHEMA default TO `account users`",
        "GRANT SELECT ON TABLE nothing TO `account users`",
        "COPY INTO nothing FROM '/Volumes/main/default/none' FILEFORMAT = CSV",
        "PUT '/tmp/x' INTO '/Volumes/../../etc/passwd'",
        "LIST '/etc'",
        "USE CATALOG nothing",
        "SET spark.nonsense = 1",
        "VACUUM nothing RETAIN -1 HOURS",
        "RESTORE nothing TO VERSION AS OF 0",
        "MERGE INTO nothing USING nothing ON 1 WHEN MATCHED THEN DELETE",
        "EXPLAIN",
        "EXPLAIN DROP TABLE x",
        "DESCRIBE",
        "SHOW NONSENSE",
        "\ufeff\u200bSELECT",
        "🦆",
    ],
    ids=lambda statement: repr(statement[:40]),
)
def test_statements_fail_with_a_condition(cursor: Cursor, statement: str) -> None:
    with pytest.raises(ServerOperationError, match=CONDITION) as caught:
        cursor.execute(statement)
    assert "INTERNAL_ERROR" not in str(caught.value)
    assert "Traceback" not in str(caught.value)
    cursor.execute("SELECT 1")
    assert cursor.fetchone()[0] == 1


VERBS = (
    "SELECT",
    "INSERT INTO",
    "UPDATE",
    "DELETE FROM",
    "MERGE INTO",
    "CREATE",
    "DROP",
    "ALTER",
    "GRANT",
    "SHOW",
)
KEYWORDS = (
    "FROM",
    "WHERE",
    "VALUES",
    "SET",
    "USING",
    "ON",
    "WHEN MATCHED THEN",
    "TABLE",
    "VIEW",
    "OR REPLACE",
    "AS",
)
SYMBOLS = (
    "(",
    ")",
    ",",
    ";",
    ".",
    "*",
    "+",
    "=",
    ":x",
    "?",
    "@v1",
    "/*",
    "*/",
    "--",
    "\n",
    "COPY INTO",
    "DESCRIBE",
)
VALUES = (
    "'a'",
    '"b"',
    "`c`",
    "1",
    "1.5",
    "NULL",
    "t",
    "main",
    "default",
    "information_schema",
    "tables",
    "a",
)
WORDS = st.sampled_from(VERBS + KEYWORDS + SYMBOLS + VALUES)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(WORDS, min_size=1, max_size=12).map(" ".join))
def test_word_soup_never_breaks_the_workspace(workspace_session: Workspace, soup: str) -> None:
    answer = httpx.post(
        f"{workspace_session.host}/api/2.0/sql/statements",
        headers={"Authorization": f"Bearer {workspace_session.token}"},
        json={"statement": soup, "warehouse_id": workspace_session.warehouse_id, "wait_timeout": "30s"},
        timeout=60,
    )
    assert answer.status_code in (200, 400), answer.text
    if answer.status_code == 200:
        status = answer.json()["status"]
        assert status["state"] in ("SUCCEEDED", "FAILED"), answer.text
        if status["state"] == "FAILED":
            assert "INTERNAL_ERROR" not in status["error"]["message"], soup


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"{}" * 100, b'{"name": {}}'])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/2.1/unity-catalog/catalogs"),
        ("POST", "/api/2.1/unity-catalog/schemas"),
        ("PATCH", "/api/2.1/unity-catalog/permissions/catalog/main"),
        ("POST", "/api/2.0/sql/statements"),
        ("POST", "/api/2.0/sql/warehouses"),
        ("POST", "/api/2.0/preview/scim/v2/Users"),
    ],
)
def test_bodies_that_are_no_request(http: httpx.Client, method: str, path: str, body: bytes) -> None:
    answer = http.request(method, path, content=body)
    assert answer.status_code == 400, answer.text
    assert set(answer.json()) >= {"error_code", "message"}


@pytest.mark.parametrize(
    "path",
    [
        "/api/2.1/unity-catalog/tables/" + "x" * 5000,
        "/api/2.1/unity-catalog/tables/a.b.c.d",
        "/api/2.1/unity-catalog/tables/%00",
        "/api/2.1/unity-catalog/schemas?catalog_name=" + "x" * 300,
        "/api/2.1/unity-catalog/schemas?catalog_name=main&max_results=nonsense",
        "/api/2.1/unity-catalog/schemas?catalog_name=main&page_token=nonsense",
        "/api/2.0/sql/statements/nonsense",
        "/api/2.0/fs/files/Volumes/main/default/none/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/api/2.0/fs/files/etc/passwd",
    ],
)
def test_paths_that_name_nothing(http: httpx.Client, path: str) -> None:
    answer = http.get(path)
    assert 400 <= answer.status_code < 500, answer.text
    assert "error_code" in answer.json()


def test_what_is_not_served_names_itself(http: httpx.Client) -> None:
    answer = http.post("/api/2.1/jobs/create", json={})
    assert answer.status_code == 501
    assert "/api/2.1/jobs/create" in answer.json()["message"]


def test_no_token_or_a_wrong_one_is_refused_everywhere(workspace_session: Workspace) -> None:
    from lakestead.workspace import routes

    with httpx.Client(base_url=workspace_session.host) as client:
        for route in routes.ALL:
            if route.public:
                continue
            path = re.sub(r"\{\w+(:int)?(?::path)?\}", lambda name: "1" if name[1] else "x", route.path)
            for headers in ({}, {"Authorization": "Bearer dapi0000"}, {"Authorization": "Basic eDp5"}):
                answer = client.request(route.method, path, headers=headers)
                # What a page posts may be refused before, as it comes from no page.
                expected = {401, 403} if route.browser else {401}
                assert answer.status_code in expected, (route.method, route.path, answer.text)
                if route.method != "HEAD" and not route.path.startswith("/sql/1.0") and not route.browser:
                    assert answer.json()["error_code"] == "UNAUTHENTICATED"


def test_bytes_that_are_no_http(workspace_session: Workspace) -> None:
    host, port = workspace_session.host.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"\x80\x01\x00\x01 nonsense\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400")
    answer = httpx.get(
        f"{workspace_session.host}/api/2.1/unity-catalog/catalogs",
        headers={"Authorization": f"Bearer {workspace_session.token}"},
    )
    assert "main" in json.dumps(answer.json())
