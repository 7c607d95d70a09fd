from __future__ import annotations

from collections.abc import Callable

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import InvalidState, NotFound, PermissionDenied, ResourceAlreadyExists
from databricks.sdk.errors.platform import InvalidParameterValue
from databricks.sdk.service.catalog import ForeignKeyConstraint, PrimaryKeyConstraint, TableConstraint
from databricks.sql.exc import ServerOperationError

from lakestead.testing import Workspace
from tests.contract.conftest import Robot, Sql

PARENT, CHILD = "main.default.parent", "main.default.child"


@pytest.fixture
def w(workspace: Workspace) -> WorkspaceClient:
    with workspace.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {PARENT} (Id BIGINT NOT NULL, at TIMESTAMP NOT NULL, name STRING)")
        cursor.execute(f"CREATE TABLE {CHILD} (parent_id BIGINT, small INT)")
    return workspace.client()


def primary(w: WorkspaceClient, *columns: str, name: str = "parent_pk") -> None:
    key = PrimaryKeyConstraint(name, list(columns))
    w.table_constraints.create(PARENT, TableConstraint(primary_key_constraint=key))


def foreign(w: WorkspaceClient, *columns: str, name: str = "child_fk", to: str = "id") -> None:
    key = ForeignKeyConstraint(name, list(columns), PARENT, [to])
    w.table_constraints.create(CHILD, TableConstraint(foreign_key_constraint=key))


def names(w: WorkspaceClient, table: str) -> list[str]:
    found = w.tables.get(table).table_constraints or []
    keys = [one.primary_key_constraint or one.foreign_key_constraint for one in found]
    return [key.name for key in keys if key]


def test_keys_from_their_making_to_their_end(w: WorkspaceClient) -> None:
    key = PrimaryKeyConstraint("Parent_PK", ["ID", "at"], timeseries_columns=["at"], rely=True)
    made = w.table_constraints.create(PARENT, TableConstraint(primary_key_constraint=key))
    assert made.primary_key_constraint
    assert made.primary_key_constraint.child_columns == ["Id", "at"]
    assert made.primary_key_constraint.timeseries_columns == ["at"]
    assert made.primary_key_constraint.rely
    w.table_constraints.delete(PARENT, "parent_pk", cascade=False)

    primary(w, "id")
    foreign(w, "parent_id")
    found = (w.tables.get(CHILD).table_constraints or [])[0].foreign_key_constraint
    assert found
    assert (found.parent_table, found.parent_columns) == (PARENT, ["Id"])
    with pytest.raises(InvalidState, match="child_fk"):
        w.table_constraints.delete(PARENT, "parent_pk", cascade=False)
    w.table_constraints.delete(PARENT, "parent_pk", cascade=True)
    assert names(w, PARENT) == names(w, CHILD) == []


def test_keys_that_cannot_be(w: WorkspaceClient) -> None:
    with pytest.raises(InvalidParameterValue, match="nullable"):
        primary(w, "name")
    with pytest.raises(InvalidParameterValue, match="absent"):
        primary(w, "absent")
    with pytest.raises(InvalidParameterValue, match="twice"):
        primary(w, "id", "ID")
    with pytest.raises(InvalidParameterValue, match="not the primary key"):
        foreign(w, "parent_id")
    primary(w, "id")
    with pytest.raises(ResourceAlreadyExists):
        primary(w, "id", name="another")
    with pytest.raises(InvalidParameterValue, match="number or type"):
        foreign(w, "small")
    with pytest.raises(InvalidParameterValue, match="not the primary key"):
        foreign(w, "parent_id", to="name")
    with pytest.raises(ResourceAlreadyExists, match="parent_pk"):
        foreign(w, "parent_id", name="parent_pk")
    with pytest.raises(NotFound):
        w.table_constraints.delete(PARENT, "absent", cascade=False)
    with pytest.raises(InvalidParameterValue, match="either"):
        w.table_constraints.create(PARENT, TableConstraint())


def test_only_who_manages_a_table_declares_its_keys(w: WorkspaceClient, robot: Callable[[], Robot]) -> None:
    with pytest.raises(PermissionDenied):
        primary(robot().client, "id")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE t SET v = -5 WHERE id = 1",
        "UPDATE t AS x SET x.v = x.v - 2",
        "UPDATE t SET v = (SELECT min(id) - 9 FROM t)",
        "UPDATE t SET v = NULL",
        "UPDATE t SET v = DEFAULT",
    ],
)
def test_an_update_keeps_checks(sql: Sql, schema: str, change: str) -> None:
    sql("CREATE TABLE t (id INT, v INT)")
    sql("ALTER TABLE t ADD CONSTRAINT positive CHECK (v > 0)")
    sql("INSERT INTO t VALUES (1, 1), (2, 2)")

    with pytest.raises(ServerOperationError, match="CHECK constraint positive"):
        sql(change)
    assert sql("SELECT * FROM t ORDER BY id") == [(1, 1), (2, 2)]
    sql("UPDATE t SET v = v + 1 WHERE id = 2")
    assert sql("SELECT v FROM t ORDER BY id") == [(1,), (3,)]


@pytest.mark.parametrize(
    "source",
    [
        "SELECT v FROM s WHERE v IS NOT NULL AND v > 0",
        "SELECT x FROM (SELECT v AS x FROM s) WHERE x > 0",
        "SELECT CASE WHEN id > 2 THEN 5 END FROM s WHERE id > 2",
        "SELECT a.v FROM s a JOIN s b ON a.id = b.id WHERE b.v > 0",
    ],
)
def test_rows_that_a_query_keeps_out_break_no_rule(sql: Sql, schema: str, source: str) -> None:
    sql("CREATE TABLE s (id INT, v INT)")
    sql("INSERT INTO s VALUES (1, NULL), (2, -1), (3, 5)")
    sql("CREATE TABLE t (v INT NOT NULL)")
    sql("ALTER TABLE t ADD CONSTRAINT positive CHECK (v > 0)")

    sql(f"INSERT INTO t {source}")
    assert sql("SELECT * FROM t") == [(5,)]
    with pytest.raises(ServerOperationError, match=r"constraint .*violated"):
        sql("INSERT INTO t SELECT v FROM s WHERE id = 1")
    with pytest.raises(ServerOperationError, match="CHECK constraint positive"):
        sql("INSERT INTO t SELECT v FROM s WHERE id = 2")
