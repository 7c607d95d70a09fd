"""Finds the source in a name that is made of the source's and the key's, such as `DLT_ERP_PASSWORD`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lakestead.core.errors import ConfigError


def plain(name: str) -> str:
    """Return a name in the form in which variables and secret stores can have it."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower())


def variable(source: str) -> str:
    """Return what the names of a source's variables begin with, such as `DLT_ERP`."""
    return f"DLT_{plain(source).upper()}"


class SourceNames:
    """The sources whose secrets are looked for.

    Args:
        names: as the jobs and the sections of the file have them.

    Raises:
        ConfigError: when two differ only in case or signs, which variables cannot tell apart.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._by_plain: dict[str, str] = {}
        for name in sorted(names):
            other = self._by_plain.setdefault(plain(name), name)
            if other != name:
                raise ConfigError(
                    f"the sources '{other}' and '{name}' have the same variables"
                    f" {variable(name)}_…; rename one of them"
                )

    def find(self, name: str) -> str:
        """Return a source by its name in any form; the name in lower case if it is not known."""
        return self._by_plain.get(plain(name), name.lower())

    def split(self, joined: str) -> tuple[str, str] | None:
        """Return source and key of a joined name, the longest source that fits; None if none does."""
        text = plain(joined)
        for start in sorted(self._by_plain, key=len, reverse=True):
            if text.startswith(start + "_") and len(text) > len(start) + 1:
                return self._by_plain[start], text[len(start) + 1 :]
        return None
