"""What making a workspace agree with a configuration changed."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Agreement:
    """What became of things that a configuration asks for, or does not any more.

    Attributes:
        created: names of those that are new.
        updated: names of those that were changed in place.
        unchanged: names of those that were as they should be.
        removed: names of those that are not needed any more; they are in the trash.
    """

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
