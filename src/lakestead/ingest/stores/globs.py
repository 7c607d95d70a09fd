"""Globs over keys: `*` and `?` within a folder, `**` through folders, `[a-z]`, `{csv,json}`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

_SPECIAL = re.compile(r"[*?\[{]")
_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[!?\]?[^\]]*\]|\{[^{}]*\}|.", re.DOTALL)


@dataclass(frozen=True)
class Glob:
    """A pattern of keys.

    Attributes:
        pattern: such as ``2025/**/*.csv.gz``; `**/` also stands for no folder at all.
    """

    pattern: str

    @property
    def literal(self) -> bool:
        """Whether the pattern names one key."""
        return _SPECIAL.search(self.pattern) is None

    @property
    def folder(self) -> str:
        """The folders before the first that is a pattern: what has to be listed; no `/` at its end."""
        found = _SPECIAL.search(self.pattern)
        return self.pattern[: found.start() if found else None].rpartition("/")[0]

    def matches(self, key: str) -> bool:
        """Say whether a key is meant."""
        return self._regex.fullmatch(key) is not None

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        return re.compile("".join(map(_translate, _TOKEN.findall(self.pattern))), re.DOTALL)


def _translate(token: str) -> str:
    if token == "**/":
        return "(?:.*/)?"
    if token == "**":
        return ".*"
    if token == "*":
        return "[^/]*"
    if token == "?":
        return "[^/]"
    if len(token) > 1 and token.startswith("{"):
        return "(?:" + "|".join(map(re.escape, token[1:-1].split(","))) + ")"
    if len(token) > 1:
        inner = token[1:-1].replace("\\", "\\\\")
        return "[^" + inner[1:] + "]" if inner.startswith("!") else "[" + inner + "]"
    return re.escape(token)
