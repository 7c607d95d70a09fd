"""URLs of stores and globs of keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakestead.core.errors import ConfigError
from lakestead.ingest.stores import Glob, Location


@pytest.mark.parametrize(
    ("url", "location", "canonical"),
    [
        ("s3://raw/in/", Location("s3", "raw", "in"), "s3://raw/in"),
        ("s3a://raw", Location("s3", "raw"), "s3://raw"),
        ("gcs://raw/a/b", Location("gs", "raw", "a/b"), "gs://raw/a/b"),
        (
            "az://raw@acc.dfs.core.windows.net/in",
            Location("az", "raw", "in", "acc"),
            "abfss://raw@acc.dfs.core.windows.net/in",
        ),
        (
            "abfss://raw@acc.blob.core.chinacloudapi.cn",
            Location("az", "raw", "", "acc", "core.chinacloudapi.cn"),
            "abfss://raw@acc.dfs.core.chinacloudapi.cn",
        ),
        ("az://raw/in", Location("az", "raw", "in"), None),
        ("file:///data/in%20here", Location("file", prefix="/data/in here"), "file:///data/in%20here"),
        ("/data/in", Location("file", prefix="/data/in"), "file:///data/in"),
        ("in", Location("file", prefix=str(Path("in").absolute())), None),
    ],
)
def test_urls(url: str, location: Location, canonical: str | None) -> None:
    assert Location.parse(url) == location
    if canonical is not None:
        assert location.url == canonical
        assert Location.parse(location.url) == location


@pytest.mark.parametrize(
    "url", ["ftp://x/y", "s3:///key", "az://raw@not-a-host/in", "az://@acc.dfs.core.windows.net"]
)
def test_what_is_no_url_of_a_store(url: str) -> None:
    with pytest.raises(ConfigError):
        Location.parse(url)


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("*.csv", ["a.csv", ".csv"], ["a/b.csv", "a.csv.gz"]),
        ("**/*.csv", ["a.csv", "a/b.csv", "a/b/c.csv"], ["a/b.json"]),
        ("in/**", ["in/a", "in/b/c"], ["out/a", "in"]),
        ("20??/[0-3][!9].csv", ["2025/01.csv"], ["2025/09.csv", "202/01.csv"]),
        ("{a,b.c}/x", ["a/x", "b.c/x"], ["b_c/x", "/x"]),
        ("a+(b).csv", ["a+(b).csv"], ["aa(b).csv"]),
    ],
)
def test_globs(pattern: str, yes: list[str], no: list[str]) -> None:
    glob = Glob(pattern)
    assert [key for key in yes if not glob.matches(key)] == []
    assert [key for key in no if glob.matches(key)] == []


def test_a_glob_says_what_to_list() -> None:
    assert Glob("a/b/2025-*/x.csv").folder == "a/b"
    assert Glob("a/b.csv").folder == "a"
    assert Glob("a/b.csv").literal
    assert not Glob("a/b[0].csv").literal
