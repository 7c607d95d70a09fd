"""Which tables a policy is about: globs of `catalog.schema.table`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

_PARTS = 3


def pattern(globs: Sequence[str]) -> str:
    """Return a regular expression, for the warehouse and for Python, of the full names that globs match.

    Args:
        globs: `catalog.schema.table`, in which `*` stands for any part of a name and `?` for a character;
        parts
            that are missing at the end are `*`. Case does not count. None matches nothing.

    Raises:
        ValueError: a glob has more than three parts, or an empty one.
    """
    if not globs:
        return r"[^\s\S]"
    return "^(" + "|".join(_one(glob) for glob in globs) + ")$"


def matches(globs: Sequence[str], full_name: str) -> bool:
    """Return whether one of some globs matches a full name."""
    return re.match(pattern(globs), full_name.lower()) is not None


def words(globs: Sequence[str]) -> str:
    """Return a regular expression of the words that globs match: names of tags, values, URLs."""
    if not globs:
        return r"[^\s\S]"
    return "^(" + "|".join(_escaped(glob, ".") for glob in globs) + ")$"


def _one(glob: str) -> str:
    parts = glob.lower().split(".")
    if len(parts) > _PARTS or not all(parts):
        raise ValueError(f"'{glob}' is no scope: give catalog.schema.table, with * for any")
    parts += ["*"] * (_PARTS - len(parts))
    return r"\.".join(_escaped(part, "[^.]") for part in parts)


def _escaped(glob: str, anything: str) -> str:
    kinds = {"*": f"{anything}*", "?": anything}
    return "".join(kinds.get(character) or re.escape(character) for character in glob)


def _one_or_many(given: Any) -> Any:
    return (given,) if isinstance(given, str) else given


def _are_globs(globs: tuple[str, ...]) -> tuple[str, ...]:
    pattern(globs)
    return globs


Scope = Annotated[tuple[str, ...], BeforeValidator(_one_or_many), AfterValidator(_are_globs)]
"""Globs of `catalog.schema.table`, or one of them, as declarations have it."""
