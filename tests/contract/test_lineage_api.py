"""The lineage API, which the SDK does not wrap, through the SDK's own client for requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound, PermissionDenied

from lakestead.testing import Workspace
from tests.contract.conftest import Robot, Sql

TABLE = "/api/2.0/lineage-tracking/table-lineage"
COLUMN = "/api/2.0/lineage-tracking/column-lineage"


def ask(w: WorkspaceClient, path: str, **asked: Any) -> dict[str, Any]:
    answer = w.api_client.do("GET", path, body=asked)
    assert isinstance(answer, dict)
    return answer


def names(found: list[dict[str, Any]]) -> set[str]:
    """Return the ends of edges: tables by full name, columns with their own behind it, files by path."""
    ends = set()
    for one in found:
        info = one.get("tableInfo") or one.get("fileInfo") or one
        parts = [info.get(key) for key in ("catalog_name", "schema_name", "table_name", "name")]
        ends.add(info["path"] if "path" in info else ".".join(part for part in parts if part))
    return ends


@pytest.fixture
def flow(sql: Sql, schema: str) -> str:
    """`raw` → `clean` → the view `shown` and the table `counted`."""
    sql("CREATE TABLE raw (id BIGINT, mail STRING)")
    sql("INSERT INTO raw VALUES (1, 'x')")
    sql("CREATE TABLE clean AS SELECT id, lower(mail) AS mail FROM raw")
    sql("CREATE VIEW shown AS SELECT mail AS address FROM clean")
    sql("CREATE TABLE counted AS SELECT id, count(mail) AS n FROM clean GROUP BY id")
    sql("MERGE INTO counted c USING clean s ON c.id = s.id WHEN MATCHED THEN UPDATE SET n = c.n + 1")
    sql("SELECT * FROM shown")
    return schema


def test_tables(workspace_session: Workspace, flow: str) -> None:
    w = workspace_session.client()
    found = ask(w, TABLE, table_name=f"{flow}.clean", include_entity_lineage=True)
    assert names(found["upstreams"]) == {f"{flow}.raw"}
    assert names(found["downstreams"]) == {f"{flow}.shown", f"{flow}.counted"}
    types = {one["tableInfo"]["name"]: one["tableInfo"]["table_type"] for one in found["downstreams"]}
    assert types == {"shown": "VIEW", "counted": "TABLE"}
    assert found["upstreams"][0]["tableInfo"]["lineage_timestamp"]
    found = ask(w, TABLE, table_name=f"{flow}.raw".upper())
    assert (found["upstreams"], names(found["downstreams"])) == ([], {f"{flow}.clean"})
    # That a MERGE reads the table that it writes makes the table no source of itself.
    assert names(ask(w, TABLE, table_name=f"{flow}.counted")["upstreams"]) == {f"{flow}.clean"}


def test_columns(workspace_session: Workspace, flow: str) -> None:
    w = workspace_session.client()
    found = ask(w, COLUMN, table_name=f"{flow}.clean", column_name="MAIL")
    assert names(found["upstream_cols"]) == {f"{flow}.raw.mail"}
    assert names(found["downstream_cols"]) == {f"{flow}.shown.address", f"{flow}.counted.n"}
    found = ask(w, COLUMN, table_name=f"{flow}.counted", column_name="n")
    assert names(found["upstream_cols"]) == {f"{flow}.clean.mail"}
    assert found["downstream_cols"] == []


def test_the_query_string_serves_as_well(workspace_session: Workspace, flow: str) -> None:
    w = workspace_session.client()
    query = {"table_name": f"{flow}.clean", "include_entity_lineage": "true"}
    found = w.api_client.do("GET", TABLE, query=query)
    assert isinstance(found, dict)
    assert names(found["upstreams"]) == {f"{flow}.raw"}


def test_files(workspace_session: Workspace, sql: Sql, schema: str) -> None:
    sql("CREATE VOLUME files")
    path = f"/Volumes/{schema.replace('.', '/')}/files/a.csv"
    w = workspace_session.client()
    w.files.upload_from(path, __file__)
    sql("CREATE TABLE loaded (line STRING)")
    sql(f"COPY INTO loaded FROM (SELECT value AS line FROM '{path}') FILEFORMAT = TEXT")
    assert names(ask(w, TABLE, table_name=f"{schema}.loaded")["upstreams"]) == {path}
    (column,) = ask(w, COLUMN, table_name=f"{schema}.loaded", column_name="line")["upstream_cols"]
    assert (column["path"], column["name"]) == (path, "value")


def test_what_was_dropped_is_left_out(workspace_session: Workspace, flow: str, sql: Sql) -> None:
    sql("DROP TABLE raw")
    w = workspace_session.client()
    assert ask(w, TABLE, table_name=f"{flow}.clean")["upstreams"] == []
    with pytest.raises(NotFound):
        ask(w, TABLE, table_name=f"{flow}.raw")


def test_requests_that_make_no_sense(workspace_session: Workspace, flow: str) -> None:
    w = workspace_session.client()
    for path, asked, error in (
        (TABLE, {"table_name": f"{flow}.none"}, NotFound),
        (TABLE, {"table_name": "clean"}, BadRequest),
        (TABLE, {}, InvalidParameterValue),
        (TABLE, {"table_name": f"{flow}.clean", "depth": 3}, InvalidParameterValue),
        (COLUMN, {"table_name": f"{flow}.clean"}, InvalidParameterValue),
        (COLUMN, {"table_name": f"{flow}.clean", "column_name": "none"}, InvalidParameterValue),
    ):
        with pytest.raises(error):
            ask(w, path, **asked)


def test_everybody_sees_what_they_may(workspace: Workspace, admin: Sql, robot: Callable[[], Robot]) -> None:
    admin("CREATE TABLE main.default.a (id INT)")
    admin("CREATE TABLE main.default.b AS SELECT * FROM main.default.a")
    admin("CREATE TABLE main.default.c AS SELECT * FROM main.default.b")
    admin("CREATE TABLE main.default.d AS SELECT * FROM main.default.b")
    one = robot()
    with pytest.raises(PermissionDenied):
        ask(one.client, TABLE, table_name="main.default.b")
    admin(f"GRANT USE CATALOG ON CATALOG main TO `{one.name}`")
    admin(f"GRANT USE SCHEMA ON SCHEMA main.default TO `{one.name}`")
    for table in ("b", "c"):
        admin(f"GRANT SELECT ON TABLE main.default.{table} TO `{one.name}`")
    found = ask(one.client, TABLE, table_name="main.default.b")
    assert (found["upstreams"], names(found["downstreams"])) == ([], {"main.default.c"})
    found = ask(one.client, COLUMN, table_name="main.default.b", column_name="id")
    assert names(found["downstream_cols"]) == {"main.default.c.id"}


def test_edges_outlast_a_restart(tmp_path: Any) -> None:
    from lakestead.testing import serve

    path = tmp_path / "workspace"
    with serve(path) as first, first.connect() as connection:
        sql = Sql(connection)
        sql("CREATE TABLE main.default.a (id INT)")
        sql("CREATE TABLE main.default.b AS SELECT * FROM main.default.a")
        before = ask(first.client(), TABLE, table_name="main.default.b")
    (path / "lineage.db").unlink()
    with serve(path) as second:
        assert ask(second.client(), TABLE, table_name="main.default.b") == before
    assert names(before["upstreams"]) == {"main.default.a"}
