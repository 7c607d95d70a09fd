"""What several contract tests need: statements, and other principals than the admin."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sql.client import Connection

from lakestead.testing import Workspace


@dataclass(frozen=True)
class Robot:
    """A service principal with a token, in no group but those that everybody is in.

    Attributes:
        name: what grants refer to: its application id.
        id: its number.
        token: its personal access token.
        client: an SDK client that acts as it.
    """

    name: str
    id: str
    token: str
    client: WorkspaceClient


@pytest.fixture
def robot(workspace: Workspace) -> Callable[[], Robot]:
    """Make service principals."""

    def make() -> Robot:
        admin = workspace.client()
        made = admin.service_principals.create(display_name="robot")
        assert made.application_id
        assert made.id
        token = admin.token_management.create_obo_token(made.application_id).token_value
        assert token
        client = WorkspaceClient(host=workspace.host, token=token, auth_type="pat")
        return Robot(made.application_id, made.id, token, client)

    return make


@dataclass(frozen=True)
class Sql:
    """A connection that tells what statements give.

    Attributes:
        connection: one of the SQL connector.
    """

    connection: Connection

    def __call__(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows."""
        with self.connection.cursor() as cursor:
            return [tuple(row) for row in cursor.execute(statement).fetchall()]

    def records(self, statement: str) -> list[dict[str, Any]]:
        """Run a statement and return its rows by the names of their columns, in order."""
        with self.connection.cursor() as cursor:
            return [row.asDict() for row in cursor.execute(statement).fetchall()]

    def columns(self, statement: str) -> list[tuple[str, str]]:
        """Run a statement and return the names and types of its columns."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
            return [(one[0], one[1]) for one in cursor.description]


@pytest.fixture
def sql(workspace_session: Workspace) -> Iterator[Sql]:
    """Statements of the admin, in a workspace that tests share."""
    with workspace_session.connect() as connection:
        yield Sql(connection)


@pytest.fixture
def schema(sql: Sql) -> Iterator[str]:
    """The full name of a schema for this test alone; the session is in it."""
    name = f"main.test_{uuid.uuid4().hex[:12]}"
    sql(f"CREATE SCHEMA {name}")
    sql(f"USE {name}")
    yield name
    sql(f"DROP SCHEMA {name} CASCADE")


@pytest.fixture
def admin(workspace: Workspace) -> Iterator[Sql]:
    """Statements of the admin, in the test's own workspace."""
    with workspace.connect() as connection:
        yield Sql(connection)


@pytest.fixture
def somebody(workspace: Workspace, robot: Callable[[], Robot]) -> Iterator[tuple[str, Sql]]:
    """Another principal of the test's own workspace: its name in backticks, and its statements."""
    made = robot()
    with workspace.connect(access_token=made.token) as connection:
        yield f"`{made.name}`", Sql(connection)


@dataclass(frozen=True)
class Reader:
    """A service principal that can use and read a test's schema, and make tables and functions in it.

    Attributes:
        name: what grants and ``current_user()`` call it.
        sql: its statements; the session is in the schema.
        client: an SDK client that acts as it.
    """

    name: str
    sql: Sql
    client: WorkspaceClient


@pytest.fixture
def reader(workspace_session: Workspace, sql: Sql, schema: str) -> Iterator[Reader]:
    """Another principal of the workspace that tests share."""
    admin = workspace_session.client()
    made = admin.service_principals.create(display_name="reader")
    assert made.application_id
    assert made.id
    privileges = "USE SCHEMA, SELECT, MODIFY, CREATE TABLE, CREATE FUNCTION"
    sql(f"GRANT {privileges} ON SCHEMA {schema} TO `{made.application_id}`")
    token = admin.token_management.create_obo_token(made.application_id).token_value
    assert token
    with workspace_session.connect(access_token=token) as connection:
        statements = Sql(connection)
        statements(f"USE {schema}")
        client = WorkspaceClient(host=workspace_session.host, token=token, auth_type="pat")
        yield Reader(made.application_id, statements, client)
    admin.service_principals.delete(made.id)
