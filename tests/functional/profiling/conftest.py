"""A workspace for profiling, with schemas of a test's own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from lakestead.client import Warehouse
from lakestead.testing import Workspace
from tests.functional.profiling.planted import Planted


@pytest.fixture
def warehouse(workspace_session: Workspace) -> Iterator[Warehouse]:
    """The warehouse of a workspace that tests share."""
    made = Warehouse(workspace_session.profile)
    yield made
    made.close()


@pytest.fixture
def metrics(warehouse: Warehouse) -> Iterator[Planted]:
    """A schema for metric tables of this test alone."""
    name = f"main.prof_{uuid.uuid4().hex[:12]}"
    warehouse.rows(f"CREATE SCHEMA {name}")
    yield Planted(warehouse, name)
    warehouse.rows(f"DROP SCHEMA {name} CASCADE")
