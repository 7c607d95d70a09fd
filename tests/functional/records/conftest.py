"""A connector into a schema of the test's own."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from databricks.sdk.errors import NotFound

from lakestead.records import DatabricksConnector
from lakestead.testing import Workspace


@pytest.fixture
def schema(workspace_session: Workspace) -> Iterator[str]:
    """A schema of the catalog `main` for this test alone."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    schemas = workspace_session.client().schemas
    schemas.create(name=name, catalog_name="main")
    yield name
    schemas.delete(f"main.{name}", force=True)


@pytest.fixture
def connect(workspace_session: Workspace, schema: str) -> Iterator[Callable[..., DatabricksConnector]]:
    """Makes connectors into the schema."""
    made: list[DatabricksConnector] = []

    def make(kind: type[DatabricksConnector] = DatabricksConnector, **options: Any) -> DatabricksConnector:
        given = {
            "server_hostname": workspace_session.host,
            "http_path": workspace_session.http_path,
            "access_token": workspace_session.token,
            "catalog": "main",
            "schema": schema,
        }
        made.append(kind(**{**given, **options}))
        return made[-1]

    yield make
    for connector in made:
        connector.close()


@pytest.fixture
def connector(connect: Callable[..., DatabricksConnector]) -> DatabricksConnector:
    """A connector into the schema."""
    return connect()


@pytest.fixture
def people(connector: DatabricksConnector) -> str:
    """A table with two rows and no primary key."""
    connector.execute("CREATE TABLE people (id BIGINT, name STRING, age INT)")
    connector.write_records(
        [{"id": 1, "name": "Ada", "age": 36}, {"id": 2, "name": "Grace", "age": 85}], "people"
    )
    return "people"


@pytest.fixture
def staged(workspace_session: Workspace, schema: str) -> Callable[[], list[str]]:
    """Lists what is in the schema's staging volume."""

    def names() -> list[str]:
        files = workspace_session.client().files
        try:
            listed = list(files.list_directory_contents(f"/Volumes/main/{schema}/_lakestead_staging"))
        except NotFound:  # nothing was staged yet
            listed = []
        return [str(entry.path) for entry in listed]

    return names
