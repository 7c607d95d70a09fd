"""Lineage tables with planted rows, in the columns and types of `system.access`."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from lakestead.client import Warehouse

from .planted import Planted


@pytest.fixture
def catalog(warehouse: Warehouse) -> Iterator[str]:
    """A catalog for this test alone, with a schema `s`."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    warehouse.execute(f"CREATE CATALOG {name}").close()
    warehouse.execute(f"CREATE SCHEMA {name}.s").close()
    yield name
    warehouse.execute(f"DROP CATALOG {name} CASCADE").close()


@pytest.fixture
def planted(warehouse: Warehouse, catalog: str) -> Planted:
    """Lineage tables in the schema `access` of the test's catalog."""
    return Planted(warehouse, catalog)
