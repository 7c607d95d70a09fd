"""Which files are found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lakestead.engine.files import FilesError, FilesErrorKind, LocalTree, Options, Root, find
from lakestead.engine.files.globs import pattern

NAMES = [
    "a.csv",
    "b.csv",
    "b.txt",
    "_x.csv",
    ".y.csv",
    "sub/c.csv",
    "day=1/d.csv",
    "day=2/hour=0%201/e.csv",
    "_log/f.csv",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    for name in NAMES:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return root


def names(
    folder: Path, below: str = "", files: list[str] | None = None, matching: str | None = None, **options: str
) -> list[str]:
    root = Root(LocalTree(folder), str(folder / below), f"/shown/{below}".rstrip("/"))
    found = find(root, Options.of("CSV", options.items()), names=files or [], matching=matching)
    return [file.name.removeprefix("/shown/") for file in found]


def test_a_folder_and_its_partitions(folder: Path) -> None:
    assert names(folder) == ["a.csv", "b.csv", "b.txt", "day=1/d.csv", "day=2/hour=0%201/e.csv"]
    assert names(folder, "sub") == ["sub/c.csv"]
    assert names(folder, "a.csv") == ["a.csv"]
    deep = names(folder, recursiveFileLookup="true")
    assert deep == ["a.csv", "b.csv", "b.txt", "day=1/d.csv", "day=2/hour=0%201/e.csv", "sub/c.csv"]
    files = find(Root(LocalTree(folder), str(folder), "/shown"), Options.of("CSV", ()))
    assert [dict(file.partition) for file in files][-2:] == [{"day": "1"}, {"day": "2", "hour": "0 1"}]


def test_names_and_patterns(folder: Path) -> None:
    assert names(folder, files=["sub/c.csv", "b.txt"]) == ["b.txt", "sub/c.csv"]
    assert names(folder, matching="[ab].csv") == ["a.csv", "b.csv"]
    assert names(folder, matching="*/c.csv") == ["sub/c.csv"]
    assert names(folder, pathGlobFilter="b.{csv,txt}") == ["b.csv", "b.txt"]
    assert names(folder, "s*/?.csv") == ["sub/c.csv"]
    assert names(folder, "*.csv") == ["a.csv", "b.csv"]


def test_times(folder: Path) -> None:
    os.utime(folder / "a.csv", (0, 0))
    assert names(folder, matching="*.csv", modifiedBefore="1971-01-01") == ["a.csv"]
    assert names(folder, matching="*.csv", modifiedAfter="1971-01-01T00:00:00") == ["b.csv"]


@pytest.mark.parametrize(
    ("below", "files"), [("nothing", []), ("n*", []), ("", ["z.csv"]), ("", ["../root/a.csv"])]
)
def test_what_is_not_there(folder: Path, below: str, files: list[str]) -> None:
    with pytest.raises(FilesError) as error:
        names(folder, below, files)
    assert error.value.kind is FilesErrorKind.NOT_FOUND


def test_links_that_lead_out_are_not_followed(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "s.csv").write_text("x")
    (folder / "link.csv").symlink_to(secret / "s.csv")
    (folder / "links").symlink_to(secret)
    (folder / "inside.csv").symlink_to(folder / "a.csv")
    found = names(folder, recursiveFileLookup="true")
    assert "inside.csv" in found
    assert not [name for name in found if "link" in name]
    assert "link.csv" not in names(folder, "*.csv")
    with pytest.raises(FilesError):
        names(folder, files=["link.csv"])


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("*.csv", ["a.csv", ".csv"], ["a/b.csv", "a.csvx"]),
        ("a?c", ["abc"], ["a/c", "ac"]),
        ("[a-c]1", ["a1"], ["d1", "/1"]),
        ("[!a-c]1", ["d1"], ["a1", "/1"]),
        ("{x,y{1,2}}.z", ["x.z", "y1.z", "y2.z"], ["y.z", "x,y1.z"]),
        ("a\\*b,c", ["a*b,c"], ["axb,c"]),
    ],
)
def test_patterns(text: str, yes: list[str], no: list[str]) -> None:
    compiled = pattern(text)
    assert all(compiled.fullmatch(one) for one in yes)
    assert not any(compiled.fullmatch(one) for one in no)
