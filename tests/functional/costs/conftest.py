"""A catalog of system tables that a test fills."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing

import pytest

from lakestead.client import Warehouse
from lakestead.testing import Workspace
from tests.functional.costs.ledger import Books


@pytest.fixture
def books(workspace_session: Workspace) -> Iterator[Books]:
    """Empty books."""
    catalog = f"books_{uuid.uuid4().hex[:12]}"
    with closing(Warehouse(workspace_session.profile)) as warehouse:
        warehouse.execute(f"CREATE CATALOG {catalog}").close()
        yield Books(warehouse, catalog)
        warehouse.execute(f"DROP CATALOG {catalog} CASCADE").close()


@pytest.fixture
def catalog(warehouse: Warehouse) -> Iterator[str]:
    """A catalog for planted system tables."""
    name = f"system_{uuid.uuid4().hex[:12]}"
    warehouse.client.catalogs.create(name)
    yield name
    warehouse.client.catalogs.delete(name, force=True)
