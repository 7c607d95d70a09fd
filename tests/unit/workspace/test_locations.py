from __future__ import annotations

from pathlib import Path

import pytest

from lakestead.workspace.catalog.locations import overlap, parse, url
from lakestead.workspace.errors import ApiError


def test_local_locations_are_absolute_paths_without_symbolic_links(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert parse(f"{tmp_path}/link/a/") == f"{tmp_path}/real/a"
    assert parse(f"file://{tmp_path}/real/b%20c") == f"{tmp_path}/real/b c"
    assert parse(f"{tmp_path}/real/../other") == f"{tmp_path}/other"
    assert url(f"{tmp_path}/b c") == f"file://{tmp_path}/b%20c"


def test_object_stores_stay_urls() -> None:
    assert parse("s3://bucket/a/b/") == "s3://bucket/a/b"
    assert url("abfss://c@account.dfs.core.windows.net/a") == "abfss://c@account.dfs.core.windows.net/a"


@pytest.mark.parametrize(
    "text", ["", "a/b", "s3:///a", "http://host/a", "file://host/a", "s3://b/../c", "/a\0b"]
)
def test_locations_that_cannot_be(text: str) -> None:
    with pytest.raises(ApiError, match="not a valid location"):
        parse(text)


def test_what_overlaps() -> None:
    assert overlap("/a/b", "/a/b")
    assert overlap("/a", "/a/b")
    assert overlap("/a/b/c", "/a/b")
    assert overlap("/", "/a")
    assert not overlap("/a/b", "/a/bc")
    assert not overlap("s3://a/b", "s3://b/b")
