"""Places and a source for the tests of the destination `filesystem`."""

from __future__ import annotations

from pathlib import Path

import pytest

from .places import Place, azure, database, s3

__all__ = ["database", "folder", "place"]


@pytest.fixture(params=["folder", "folder-delta", "s3", "s3-delta", "azure-key", "azure-signature"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Each kind of store with each format that it can have."""
    kind, _, form = request.param.partition("-")
    if kind == "s3":
        return s3(request, form or "parquet")
    if kind == "azure":
        return azure(request, signed=form == "signature")
    return Place(str(tmp_path / "lake"), form=form or "parquet")


@pytest.fixture(params=["parquet", "delta"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A local folder with each format."""
    return Place(str(tmp_path / "lake"), form=request.param)
