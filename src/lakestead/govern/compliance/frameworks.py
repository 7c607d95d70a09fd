"""What frameworks ask for: the file frameworks.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import RootModel, model_validator

from lakestead.core.config import Declaration, load_yaml
from lakestead.govern.compliance.checks import CHECKS


class Requirement(Declaration):
    """A part of a framework.

    Args:
        id: its article or section.
        title: what it is about.
        checks: what shows here whether it is met.
        audit_days: how far the audit log must reach back for it; else what governance.yaml says.
    """

    id: str
    title: str
    checks: tuple[str, ...]
    audit_days: int | None = None

    @model_validator(mode="after")
    def _has_known_checks(self) -> Self:
        for check in self.checks:
            if check not in CHECKS:
                raise ValueError(f"'{check}' is no check; known here: {', '.join(CHECKS)}")
        return self


class Framework(Declaration):
    """A law or standard.

    Args:
        title: its full name.
        requirements: its parts that a workspace can show.
    """

    title: str
    requirements: tuple[Requirement, ...]


class Frameworks(RootModel[dict[str, Framework]]):
    """Frameworks by their short names."""


def frameworks() -> dict[str, Framework]:
    """Return the frameworks."""
    return load_yaml(Path(__file__).with_name("frameworks.yaml"), Frameworks).root
