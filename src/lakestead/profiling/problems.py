"""What is wrong with what was declared, found before anything is created."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lakestead.core.errors import ConfigError


@dataclass(frozen=True)
class Problem:
    """Something that is wrong.

    Args:
        table: the full name of the table; empty if it is about all of them.
        setting: the setting that is wrong.
        text: what is wrong, what was found, and what there is to choose from.
    """

    table: str
    setting: str
    text: str


class PreflightError(ConfigError, ValueError):
    """Tables cannot be monitored as declared; one line for each problem.

    Args:
        problems: all of them.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: Sequence[Problem] = tuple(problems)
        super().__init__("\n".join(problem.text for problem in self.problems))
