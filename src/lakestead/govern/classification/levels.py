"""The levels of classification, in order, and who is cleared for which.

classification:
  levels: [public, internal, confidential, restricted]
  clearance:
    analysts: internal
    finance: confidential
"""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from lakestead.core.config import Declaration
from lakestead.core.errors import ConfigError


class Classification(Declaration):
    """The section `classification` of governance.yaml.

    Args:
        levels: from what everybody may see to what few may.
        tag: the Unity Catalog tag that gives the level of a catalog, schema, table or column. What has none
            is of the level of what it lies in.
        default: the level of a table that no tag says anything about.
        clearance: up to which level a group, user or service principal may see; of several, the highest.
        everyone: the clearance of those that `clearance` does not name; `default` if not given.
    """

    levels: tuple[str, ...] = Field(
        default=("public", "internal", "confidential", "restricted"), min_length=1
    )
    tag: str = "classification"
    default: str = "internal"
    clearance: dict[str, str] = Field(default_factory=dict)
    everyone: str | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if len({level.lower() for level in self.levels}) != len(self.levels):
            raise ValueError("levels must differ")
        named = [self.default, *self.clearance.values(), *([self.everyone] if self.everyone else [])]
        for level in named:
            if level.lower() not in self._ranks():
                raise ValueError(f"'{level}' is no level; known here: {', '.join(self.levels)}")
        return self

    def rank(self, level: str) -> int:
        """Return the position of a level, 0 for the lowest; its case does not count.

        Raises:
            ConfigError: for a level that is none; names those that are.
        """
        ranks = self._ranks()
        if level.lower() not in ranks:
            known = ", ".join(self.levels)
            raise ConfigError(f"unknown classification level '{level}'; the levels are {known}")
        return ranks[level.lower()]

    def highest(self, *levels: str) -> str:
        """Return the highest of some levels, as `levels` spells it."""
        return self.levels[max(self.rank(level) for level in levels)]

    def cleared(self, *principals: str) -> str:
        """Return the level up to which somebody may see.

        Args:
            principals: the names of a user or service principal, and of its groups.
        """
        named = [self.clearance[name] for name in principals if name in self.clearance]
        return self.highest(*named) if named else self.everyone or self.default

    def _ranks(self) -> dict[str, int]:
        return {level.lower(): rank for rank, level in enumerate(self.levels)}
