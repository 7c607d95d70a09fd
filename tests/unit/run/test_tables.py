"""Types and file patterns as they are compared."""

from __future__ import annotations

import pytest

from lakestead.run.staging import matches
from lakestead.run.tables import type_name


@pytest.mark.parametrize(
    ("declared", "reported"),
    [
        ("INT", "int"),
        ("integer", "int"),
        ("Long", "bigint"),
        ("numeric", "decimal(10,0)"),
        ("DEC(10, 2)", "decimal(10,2)"),
        ("array< string >", "array<string>"),
    ],
)
def test_two_spellings_of_one_type(declared: str, reported: str) -> None:
    assert type_name(declared) == type_name(reported)


def test_types_that_differ() -> None:
    assert type_name("decimal(10,2)") != type_name("decimal(10,3)")
    assert type_name("int") != type_name("bigint")


@pytest.mark.parametrize(
    ("path", "pattern", "is_match"),
    [
        ("a.csv", "a.csv", True),
        ("a.csv", "*.csv", True),
        ("x/a.csv", "*.csv", False),
        ("x/a.csv", "x/*.csv", True),
        ("x/a.csv", "*/a.csv", True),
        ("x/y/a.csv", "x/*.csv", False),
        ("A.csv", "a.csv", False),
    ],
)
def test_patterns_stay_within_a_folder(path: str, pattern: str, is_match: bool) -> None:
    assert matches(path, pattern) is is_match
