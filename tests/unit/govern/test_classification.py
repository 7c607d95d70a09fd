from __future__ import annotations

from pathlib import Path

import pytest

from lakestead.core.errors import ConfigError
from lakestead.core.governance import section
from lakestead.govern.classification import Classification, enforce


def test_levels_are_in_order_whatever_their_case() -> None:
    levels = Classification()
    assert [levels.rank(level) for level in ("Public", "internal", "CONFIDENTIAL", "restricted")] == [
        0,
        1,
        2,
        3,
    ]
    assert levels.highest("internal", "RESTRICTED", "public") == "restricted"


def test_an_unknown_level_names_the_known() -> None:
    with pytest.raises(
        ConfigError, match="'secret'; the levels are public, internal, confidential, restricted"
    ):
        Classification().rank("secret")


def test_the_highest_clearance_of_all_groups_counts() -> None:
    levels = Classification(clearance={"analysts": "internal", "finance": "confidential"}, everyone="public")
    assert levels.cleared("bob", "analysts", "finance") == "confidential"
    assert levels.cleared("bob") == "public"


def test_a_level_in_the_file_must_be_one(tmp_path: Path) -> None:
    file = tmp_path / "governance.yaml"
    file.write_text("classification:\n  clearance:\n    analysts: secret\n")
    with pytest.raises(ConfigError, match="'secret' is no level; known here: public"):
        section(file, "classification", Classification)


@pytest.mark.parametrize(
    ("required", "clearance", "granted"),
    [
        ("confidential", "confidential", True),
        ("confidential", "restricted", True),
        ("confidential", "internal", False),
        ("public", "public", True),
    ],
)
def test_without_a_workspace_the_given_level_counts(required: str, clearance: str, granted: bool) -> None:
    decision = enforce(("a", "b", "c"), required, clearance)
    assert decision["access_granted"] is granted
    assert decision["source"] == "given"
    assert any("no workspace" in reason for reason in decision["reasons"])
