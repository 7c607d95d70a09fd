"""A workspace for profiling, with schemas of a test's own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from lakestead.client import Warehouse
from tests.functional.profiling.planted import Planted


@pytest.fixture
def metrics(warehouse: Warehouse) -> Iterator[Planted]:
    """A schema for metric tables of this test alone."""
    name = f"main.prof_{uuid.uuid4().hex[:12]}"
    warehouse.rows(f"CREATE SCHEMA {name}")
    yield Planted(warehouse, name)
    warehouse.rows(f"DROP SCHEMA {name} CASCADE")
