from __future__ import annotations

import re

import pytest

from lakestead.govern.scope import matches, pattern, words


@pytest.mark.parametrize(
    ("glob", "name", "is_in"),
    [
        ("*", "a.b.c", True),
        ("main", "main.s.t", True),
        ("main", "mainly.s.t", False),
        ("main.s", "main.s.t", True),
        ("main.s.t*", "main.s.Tables", True),
        ("main.*.t", "main.s.t", True),
        ("main.*.t", "main.s.x.t", False),
        ("*.pii_?.*", "a.pii_1.b", True),
        ("*.pii_?.*", "a.pii_12.b", False),
        ("main.s.a+b", "main.s.a+b", True),
        ("main.s.a+b", "main.s.aab", False),
    ],
)
def test_a_glob_matches_names(glob: str, name: str, is_in: bool) -> None:
    assert matches([glob], name) is is_in


def test_no_glob_matches_nothing() -> None:
    assert not matches([], "a.b.c")
    assert not re.match(words([]), "x")


@pytest.mark.parametrize("glob", ["a.b.c.d", "a..c", ""])
def test_what_is_no_scope_is_refused(glob: str) -> None:
    with pytest.raises(ValueError, match="is no scope"):
        pattern([glob])
