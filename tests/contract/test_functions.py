from __future__ import annotations

from collections.abc import Callable

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import (
    InvalidParameterValue,
    NotFound,
    NotImplemented,
    PermissionDenied,
    ResourceAlreadyExists,
)
from databricks.sdk.service.catalog import (
    ColumnTypeName,
    CreateFunction,
    CreateFunctionParameterStyle,
    CreateFunctionRoutineBody,
    CreateFunctionSecurityType,
    CreateFunctionSqlDataAccess,
    FunctionParameterInfo,
    FunctionParameterInfos,
)

from lakestead.testing import Workspace
from tests.contract.conftest import Robot


def parameter(name: str, position: int, type_text: str = "int") -> FunctionParameterInfo:
    return FunctionParameterInfo(name, type_text, ColumnTypeName.INT, position)


def create(w: WorkspaceClient, name: str, **changes: object) -> None:
    described = CreateFunction(
        name=name,
        catalog_name="main",
        schema_name="default",
        input_params=FunctionParameterInfos([parameter("b", 1), parameter("a", 0)]),
        data_type=ColumnTypeName.INT,
        full_data_type="INT",
        routine_body=CreateFunctionRoutineBody.SQL,
        routine_definition="a + b",
        parameter_style=CreateFunctionParameterStyle.S,
        is_deterministic=True,
        sql_data_access=CreateFunctionSqlDataAccess.CONTAINS_SQL,
        is_null_call=False,
        security_type=CreateFunctionSecurityType.DEFINER,
        specific_name=name,
        comment="adds",
    )
    for field, value in changes.items():
        setattr(described, field, value)
    w.functions.create(described)


def test_a_function_from_its_making_to_its_end(workspace: Workspace) -> None:
    w = workspace.client()
    create(w, "Plus")
    found = w.functions.get("main.default.plus")
    assert found.full_name == "main.default.plus"
    assert found.routine_definition == "a + b"
    assert (found.data_type, found.full_data_type) == (ColumnTypeName.INT, "INT")
    assert found.input_params
    assert [one.name for one in found.input_params.parameters or []] == ["a", "b"]
    assert [one.name for one in w.functions.list("main", "default")] == ["plus"]
    w.groups.create(display_name="keepers")
    assert w.functions.update("main.default.plus", owner="keepers").owner == "keepers"
    w.functions.delete("main.default.plus")
    with pytest.raises(NotFound):
        w.functions.get("main.default.plus")


def test_a_function_runs_in_sql(workspace: Workspace) -> None:
    create(workspace.client(), "plus")
    with workspace.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT main.default.plus(1, 2) AS three")
        assert [tuple(row) for row in cursor.fetchall()] == [(3,)]


def test_a_table_function_has_columns(workspace: Workspace) -> None:
    w = workspace.client()
    create(
        w,
        "rows",
        data_type=ColumnTypeName.TABLE_TYPE,
        full_data_type="(n INT)",
        return_params=FunctionParameterInfos([parameter("n", 0)]),
        routine_definition="SELECT a AS n",
    )
    found = w.functions.get("main.default.rows")
    assert found.data_type is ColumnTypeName.TABLE_TYPE
    assert found.full_data_type == "(n INT)"
    assert found.return_params
    assert [one.name for one in found.return_params.parameters or []] == ["n"]


def test_refusals(workspace: Workspace, robot: Callable[[], Robot]) -> None:
    w = workspace.client()
    create(w, "plus")
    with pytest.raises(ResourceAlreadyExists):
        create(w, "PLUS")
    with pytest.raises(NotImplemented):
        create(w, "python", routine_body=CreateFunctionRoutineBody.EXTERNAL)
    with pytest.raises(InvalidParameterValue, match="twice"):
        create(w, "double", input_params=FunctionParameterInfos([parameter("a", 0), parameter("A", 1)]))
    with pytest.raises(InvalidParameterValue, match="not a data type"):
        create(w, "odd", full_data_type="integerish")
    with pytest.raises(PermissionDenied):
        robot().client.functions.delete("main.default.plus")
