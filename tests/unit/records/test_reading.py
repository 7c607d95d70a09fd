"""Which statement a choice of columns, rows and time makes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from lakestead.client.sql.results import Result
from lakestead.core.errors import ConfigError
from lakestead.core.names import InvalidName
from lakestead.records import maintenance
from lakestead.records.names import Names, volume_name
from lakestead.records.reading import Selection


@pytest.mark.parametrize(
    ("query", "selection", "statement"),
    [
        ("SELECT 1", {}, "SELECT 1"),
        ("main.raw.t", {}, "SELECT * FROM `main`.`raw`.`t`"),
        ("t", {"columns": ["a", "b`c"]}, "SELECT `a`, `b``c` FROM `t`"),
        ("t", {"where": "a > %(a)s", "limit": 5}, "SELECT * FROM `t` WHERE a > %(a)s LIMIT 5"),
        ("t", {"version": 3}, "SELECT * FROM `t` VERSION AS OF 3"),
        ("t", {"timestamp": "2024-01-01"}, "SELECT * FROM `t` TIMESTAMP AS OF '2024-01-01'"),
        (
            "t",
            {"timestamp": dt.datetime(2024, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1)))},
            "SELECT * FROM `t` TIMESTAMP AS OF '2023-12-31 23:00:00+00:00'",
        ),
        ("SELECT * FROM t -- all;", {"limit": 1}, "SELECT * FROM (SELECT * FROM t -- all\n) LIMIT 1"),
    ],
)
def test_statements(query: str, selection: dict[str, Any], statement: str) -> None:
    assert Selection(**selection).statement(query) == statement


@pytest.mark.parametrize(
    ("query", "selection", "words"),
    [
        ("SELECT 1", {"version": 1}, "of a table"),
        ("t", {"version": 1, "timestamp": "now"}, "not at both"),
        ("t", {"columns": []}, "columns is empty"),
        ("t", {"limit": -1}, "limit is a number"),
        ("t", {"limit": "1; DROP TABLE t"}, "limit is a number"),
    ],
)
def test_contradictions(query: str, selection: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Selection(**selection).statement(query)


def test_upkeep() -> None:
    assert maintenance.history("a.t", 3) == "DESCRIBE HISTORY `a`.`t` LIMIT 3"
    assert maintenance.optimize("t", "a", None) == "OPTIMIZE `t` ZORDER BY (`a`)"
    assert maintenance.optimize("t", ["a", "b"], "d > 1") == "OPTIMIZE `t` WHERE d > 1 ZORDER BY (`a`, `b`)"
    assert maintenance.vacuum("t", 0.5, dry_run=True) == "VACUUM `t` RETAIN 0.5 HOURS DRY RUN"
    with pytest.raises(ValueError, match="number of hours"):
        maintenance.vacuum("t", -1, dry_run=False)
    with pytest.raises(InvalidName):
        maintenance.history("t; DROP TABLE t", None)


def nobody_asks(query: str, params: object) -> Result:
    raise AssertionError(query)


def test_names_are_completed() -> None:
    names = Names("Main", "raw")
    assert names.full(("T",), nobody_asks) == ("main", "raw", "t")
    assert names.full(("s", "t"), nobody_asks) == ("main", "s", "t")
    assert Names(None, None).full(("c", "s", "t"), nobody_asks) == ("c", "s", "t")


@pytest.mark.parametrize("text", ["main.raw.v", "/Volumes/main/raw/v", "/Volumes/main/raw/v/"])
def test_volumes(text: str) -> None:
    assert volume_name(text) == ("main", "raw", "v")


@pytest.mark.parametrize("text", ["v", "/Volumes/main/raw", "a.b.c.d"])
def test_no_volumes(text: str) -> None:
    with pytest.raises(InvalidName, match="no name of catalog, schema and object"):
        volume_name(text)
    assert not issubclass(InvalidName, ConfigError)
