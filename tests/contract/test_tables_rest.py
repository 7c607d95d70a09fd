from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import (
    BadRequest,
    NotFound,
    NotImplemented,
    PermissionDenied,
    ResourceAlreadyExists,
)
from databricks.sdk.service.catalog import (
    ColumnInfo,
    ColumnTypeName,
    DataSourceFormat,
    PermissionsChange,
    Privilege,
    TableInfo,
    TableType,
)

from lakestead.testing import Workspace
from tests.contract.conftest import Robot


def run(workspace: Workspace, *statements: str) -> list[tuple[object, ...]]:
    with workspace.connect() as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return [tuple(row) for row in cursor.fetchall()]


def external(w: WorkspaceClient, location: Path, columns: list[ColumnInfo] | None = None) -> TableInfo:
    return w.tables.create(
        "ext",
        "main",
        "default",
        TableType.EXTERNAL,
        DataSourceFormat.DELTA,
        str(location),
        columns=columns,
        properties={"a": "b"},
    )


COLUMNS = [
    ColumnInfo(name="id", type_text="bigint", type_name=ColumnTypeName.LONG, nullable=False, comment="key"),
    ColumnInfo(name="price", type_text="decimal(10,2)", type_name=ColumnTypeName.DECIMAL),
    ColumnInfo(name="day", type_text="date", type_name=ColumnTypeName.DATE, partition_index=0),
]


def test_a_table_as_sql_made_it(workspace: Workspace) -> None:
    run(
        workspace,
        "CREATE TABLE main.default.t (id BIGINT NOT NULL COMMENT 'key', name VARCHAR(10), "
        "tags ARRAY<STRING>, day DATE) PARTITIONED BY (day) COMMENT 'all of it' TBLPROPERTIES ('k' = 'v')",
    )
    found = workspace.client().tables.get("Main.Default.T")
    assert (found.name, found.catalog_name, found.schema_name) == ("t", "main", "default")
    assert (found.table_type, found.data_source_format) == (TableType.MANAGED, DataSourceFormat.DELTA)
    assert found.comment == "all of it"
    assert (found.properties or {})["k"] == "v"
    assert found.owner == found.created_by == "admin@lakestead.local"
    assert found.storage_location
    assert (Path(unquote(urlsplit(found.storage_location).path)) / "_delta_log").is_dir()
    columns = found.columns or []
    assert [(one.name, one.position, one.nullable) for one in columns] == [
        ("id", 0, False),
        ("name", 1, True),
        ("tags", 2, True),
        ("day", 3, True),
    ]
    assert [one.type_name for one in columns] == [
        ColumnTypeName.LONG,
        ColumnTypeName.STRING,
        ColumnTypeName.ARRAY,
        ColumnTypeName.DATE,
    ]
    assert [one.type_text for one in columns] == ["bigint", "varchar(10)", "array<string>", "date"]
    assert columns[0].comment == "key"
    assert columns[3].partition_index == 0
    assert json.loads(columns[0].type_json or "") == {
        "name": "id",
        "type": "long",
        "nullable": False,
        "metadata": {"comment": "key"},
    }


def test_a_view_shows_its_text_and_what_it_reads(workspace: Workspace) -> None:
    run(
        workspace,
        "CREATE TABLE main.default.t (a INT)",
        "CREATE VIEW main.default.v AS SELECT a FROM main.default.t",
    )
    found = workspace.client().tables.get("main.default.v")
    assert found.table_type is TableType.VIEW
    assert found.view_definition == "SELECT a FROM main.default.t"
    assert found.storage_location is None
    dependencies = (found.view_dependencies and found.view_dependencies.dependencies) or []
    assert [one.table and one.table.table_full_name for one in dependencies] == ["main.default.t"]


def test_lists_leave_out_what_is_not_asked_for_and_come_in_pages(workspace: Workspace) -> None:
    run(workspace, *(f"CREATE TABLE main.default.t{number} (a INT)" for number in range(5)))
    w = workspace.client()
    found = list(w.tables.list("main", "default", max_results=2))
    assert [one.name for one in found] == [f"t{number}" for number in range(5)]
    assert found[0].columns
    slim = next(
        iter(w.tables.list("main", "default", omit_columns=True, omit_properties=True, omit_username=True))
    )
    assert not slim.columns
    assert (slim.properties, slim.owner, slim.created_by) == (None, None, None)
    summaries = w.tables.list_summaries(
        "main", schema_name_pattern="def%", table_name_pattern="t_", max_results=2
    )
    assert [one.full_name for one in summaries] == [f"main.default.t{number}" for number in range(5)]
    assert list(w.tables.list_summaries("main", table_name_pattern="x%")) == []
    assert w.tables.exists("main.default.t1").table_exists is True
    assert w.tables.exists("main.default.t9").table_exists is False


def test_an_external_table_is_made_and_registered_again(workspace: Workspace, tmp_path: Path) -> None:
    w = workspace.client()
    made = external(w, tmp_path / "t", COLUMNS)
    assert made.table_type is TableType.EXTERNAL
    assert made.storage_location == (tmp_path / "t").as_uri()
    assert [one.partition_index for one in made.columns or []] == [None, None, 0]
    run(workspace, "INSERT INTO main.default.ext VALUES (1, 2.5, DATE'2013-01-01')")
    metadata = w.tables.get("main.default.ext", include_delta_metadata=True).delta_runtime_properties_kvpairs
    assert metadata
    assert metadata.delta_runtime_properties == {"delta.lastUpdateVersion": "1"}
    w.tables.delete("main.default.ext")
    assert (tmp_path / "t" / "_delta_log").is_dir()
    again = external(w, tmp_path / "t")
    assert [one.as_dict() for one in again.columns or []] == [one.as_dict() for one in made.columns or []]
    assert run(workspace, "SELECT count(*) FROM main.default.ext") == [(1,)]


def test_what_cannot_be_made(workspace: Workspace, tmp_path: Path) -> None:
    w = workspace.client()
    with pytest.raises(NotFound, match="no Delta table"):
        external(w, tmp_path / "empty")
    external(w, tmp_path / "t", COLUMNS)
    with pytest.raises(ResourceAlreadyExists):
        external(w, tmp_path / "u", COLUMNS)
    w.tables.delete("main.default.ext")
    with pytest.raises(BadRequest, match="do not match"):
        external(w, tmp_path / "t", COLUMNS[:1])
    with pytest.raises(NotImplemented):
        w.tables.create(
            "m", "main", "default", TableType.MANAGED, DataSourceFormat.DELTA, "", columns=COLUMNS
        )
    with pytest.raises(NotImplemented):
        w.tables.create("m", "main", "default", TableType.EXTERNAL, DataSourceFormat.CSV, str(tmp_path / "c"))


def test_a_deleted_managed_table_takes_its_files_along(workspace: Workspace) -> None:
    run(workspace, "CREATE TABLE main.default.t (a INT)")
    w = workspace.client()
    location = w.tables.get("main.default.t").storage_location
    assert location
    w.tables.delete("main.default.t")
    assert not Path(unquote(urlsplit(location).path)).exists()
    with pytest.raises(NotFound):
        w.tables.get("main.default.t")


def test_who_sees_and_changes_tables(
    workspace: Workspace, robot: Callable[[], Robot], tmp_path: Path
) -> None:
    run(workspace, "CREATE TABLE main.default.t (a INT)")
    w, other = workspace.client(), robot()
    assert list(other.client.tables.list("main", "default")) == []
    with pytest.raises(PermissionDenied):
        other.client.tables.get("main.default.t")
    w.grants.update(
        "table",
        "main.default.t",
        changes=[PermissionsChange(principal=other.name, add=[Privilege.SELECT])],
    )
    assert [one.name for one in other.client.tables.list("main", "default")] == ["t"]
    with pytest.raises(PermissionDenied, match="owner"):
        other.client.tables.delete("main.default.t")
    with pytest.raises(PermissionDenied, match="owner"):
        other.client.tables.update("main.default.t", owner=other.name)
    w.tables.update("main.default.t", owner=other.name)
    other.client.tables.delete("main.default.t")
    with pytest.raises(PermissionDenied, match="admins"):
        external(other.client, tmp_path / "x", COLUMNS)
