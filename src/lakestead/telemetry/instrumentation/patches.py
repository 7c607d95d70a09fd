"""Functions of other packages that are wrapped, and given back as they were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import wrapt

Wrapper = Callable[[Callable[..., Any], Any, tuple[Any, ...], dict[str, Any]], Any]


class Patches:
    """Methods that are wrapped. Made once, restored once."""

    def __init__(self) -> None:
        self.active = True
        self._made: list[tuple[type, str, Any, Any]] = []

    def wrap(self, owner: type, name: str, wrapper: Wrapper) -> None:
        """Have a wrapper called in the place of a method.

        Args:
            owner: the class that defines it.
            name: the method.
            wrapper: takes the method, the object, positional and keyword arguments.
        """
        original = owner.__dict__[name]
        # Where somebody else has wrapped ours since, it cannot be taken away and must do nothing.
        wrapped = wrapt.FunctionWrapper(original, wrapper, enabled=self._is_active)
        setattr(owner, name, wrapped)
        self._made.append((owner, name, original, wrapped))

    def restore(self) -> None:
        """Put the very same methods back, except where somebody else has put something there since."""
        self.active = False
        for owner, name, original, wrapped in reversed(self._made):
            if owner.__dict__.get(name) is wrapped:
                setattr(owner, name, original)
        self._made.clear()

    def _is_active(self) -> bool:
        return self.active
