"""Names that stand for classes: built-ins given here, third parties' by entry point."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from lakestead.core.errors import ConfigError


class Registry:
    """A kind of thing that can be added to.

    Args:
        kind: what the names name, for messages, e.g. ``source type``.
        built_in: name → ``module:Class``; nothing is imported before it is asked for.
        group: the entry point group by which installed packages add theirs.
    """

    def __init__(self, kind: str, built_in: Mapping[str, str], group: str) -> None:
        self._kind = kind
        self._built_in = built_in
        self._group = group

    @cached_property
    def _added(self) -> Mapping[str, EntryPoint]:
        added: dict[str, EntryPoint] = {}
        for point in entry_points(group=self._group):
            if point.name in self._built_in or point.name in added:
                raise ConfigError(
                    f"the {self._kind} '{point.name}' is given twice: uninstall the package of"
                    f" '{point.value}', or rename its entry point in the group '{self._group}'"
                )
            added[point.name] = point
        return added

    @property
    def names(self) -> list[str]:
        """All known names, in order."""
        return sorted([*self._built_in, *self._added])

    def get(self, name: str) -> Any:
        """Return what a name stands for.

        Raises:
            ConfigError: when the name is unknown (lists the known), or two packages claim one name.
        """
        if name in self._built_in:
            module, _, attribute = self._built_in[name].partition(":")
            return getattr(import_module(module), attribute)
        if name in self._added:
            return self._added[name].load()
        near = get_close_matches(name, self.names, n=1)
        hint = f"did you mean '{near[0]}'? " if near else ""
        raise ConfigError(f"unknown {self._kind} '{name}'; {hint}known: {', '.join(self.names)}")
