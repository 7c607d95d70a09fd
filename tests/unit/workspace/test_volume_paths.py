from __future__ import annotations

import pytest

from lakestead.workspace.errors import ApiError
from lakestead.workspace.files.paths import split


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("/Volumes/C/S/V", ()),
        ("/Volumes/c/s/v/", ()),
        ("/Volumes/c/s/v/A/b.txt", ("A", "b.txt")),
        ("dbfs:/Volumes/c/s/v/a", ("a",)),
        ("/Volumes/c/s/v/...", ("...",)),
    ],
)
def test_names_of_volumes_have_no_case_and_files_have(path: str, inside: tuple[str, ...]) -> None:
    assert split(path) == (("c", "s", "v"), inside)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "Volumes/c/s/v/a",
        "/volumes/c/s/v/a",
        "/Volumes/c/s",
        "/Volumes/c/s/v/..",
        "/Volumes/../s/v/a",
        "/Volumes/c/s/v/a//b",
        "/Volumes/c/s/v/a\0b",
        "/Volumes/c/s/v/" + "é" * 128,
        "/Volumes/c/s/v/" + "/".join(["x" * 200] * 20),
        "s3://bucket/a",
    ],
)
def test_paths_that_cannot_be(path: str) -> None:
    with pytest.raises(ApiError, match="not a valid path"):
        split(path)
