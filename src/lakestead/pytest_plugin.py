"""Fixtures for tests that need a Databricks workspace. Loaded by pytest wherever lakestead is installed.

Nothing heavy is imported until a test asks for a fixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lakestead.testing import Workspace


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """A fresh embedded workspace for this test alone."""
    from lakestead.testing import serve

    with serve() as fresh:
        yield fresh


@pytest.fixture(scope="session")
def workspace_session() -> Iterator[Workspace]:
    """One embedded workspace that the whole session shares."""
    from lakestead.testing import serve

    with serve() as shared:
        yield shared
