"""A workspace whose tables are governed, in a schema of the test's own."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lakestead.client import Profile, Warehouse
from lakestead.govern.policies import Governance
from lakestead.testing import Workspace


@pytest.fixture
def warehouse(workspace_session: Workspace) -> Iterator[Warehouse]:
    """The warehouse of a workspace that tests share."""
    made = Warehouse(workspace_session.profile)
    yield made
    made.close()


@pytest.fixture
def schema(warehouse: Warehouse) -> Iterator[str]:
    """The full name of a schema for this test alone."""
    name = f"main.gov_{uuid.uuid4().hex[:12]}"
    warehouse.rows(f"CREATE SCHEMA {name}")
    yield name
    warehouse.rows(f"DROP SCHEMA {name} CASCADE")


@pytest.fixture
def declared(tmp_path: Path, schema: str) -> Callable[[str], Governance]:
    """Reads a governance file in which SCHEMA stands for the test's schema."""

    def read(text: str) -> Governance:
        file = tmp_path / "governance.yaml"
        file.write_text(text.replace("SCHEMA", schema))
        return Governance.load(file)

    return read


@pytest.fixture
def somebody(workspace_session: Workspace, warehouse: Warehouse) -> Iterator[tuple[str, Warehouse]]:
    """Another principal than the admin: its name, and the warehouse as it."""
    admin = warehouse.client
    made = admin.service_principals.create(display_name="somebody")
    assert made.application_id
    assert made.id
    token = admin.token_management.create_obo_token(made.application_id).token_value
    theirs = Warehouse(
        Profile(host=workspace_session.host, token=token, warehouse_id=workspace_session.warehouse_id)
    )
    yield made.application_id, theirs
    theirs.close()
    admin.service_principals.delete(made.id)
