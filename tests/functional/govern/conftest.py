"""A workspace whose tables are governed, in a schema of the test's own."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lakestead.client import Warehouse
from lakestead.govern.policies import Governance


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
