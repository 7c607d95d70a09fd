"""What many functional tests need: the warehouse of a shared workspace, as the admin and as somebody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lakestead.client import Profile, Warehouse
from lakestead.testing import Workspace


@pytest.fixture(scope="session")
def warehouse(workspace_session: Workspace) -> Iterator[Warehouse]:
    """The warehouse of a workspace that tests share."""
    made = Warehouse(workspace_session.profile)
    yield made
    made.close()


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
