"""What all rules have in common."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lakestead.core.config import Declaration
from lakestead.govern.classification import Classification
from lakestead.govern.policies.findings import Mode, Problem, Step
from lakestead.govern.policies.metadata import TableFacts
from lakestead.govern.policies.statements import Statement
from lakestead.govern.policies.view import View
from lakestead.govern.scope import Scope, matches, words


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a statement.

    Args:
        clearance: up to which level they may see.
        classification: the levels.
    """

    clearance: str
    classification: Classification


class Rule(Declaration):
    """A policy of governance.yaml.

    Args:
        scope: the tables that it is about, as globs of `catalog.schema.table`.
        without: tables that it is not about.
        mode: `report`; `warn`, which also marks statements that break it; or `block`, which refuses them.
    """

    scope: Scope = ("*",)
    without: Scope = ()
    mode: Mode = Mode.REPORT

    @abstractmethod
    def problems(self, view: View) -> Iterator[Problem]:
        """Yield what the rule does not allow."""

    def steps(self, view: View) -> Iterator[Step]:
        """Yield what would make it so, in order; for most rules that takes a person."""
        yield from ()

    def refusals(self, statement: Statement, tables: Sequence[TableFacts], sender: Sender) -> Iterator[str]:
        """Yield what is wrong with a statement that is about to be sent.

        Args:
            statement: what it reads, writes and makes.
            tables: what is known of the tables that it names and that are in the rule's scope.
            sender: who sends it.
        """
        yield from ()

    def concerns(self, full_name: str) -> bool:
        """Return whether a table is in the rule's scope."""
        return matches(self.scope, full_name) and not matches(self.without, full_name)

    def concerns_new(self, parts: Sequence[str]) -> bool:
        """Return whether a name of a statement, maybe without catalog or schema, can be in the scope."""
        missing = 3 - len(parts)
        if missing <= 0:
            return self.concerns(".".join(parts))
        globs = [".".join([*glob.split("."), "*", "*"][missing:3]) for glob in self.scope]
        return re.match(words(globs), ".".join(parts)) is not None


HIDDEN = "the tables are named by IDENTIFIER or EXECUTE IMMEDIATE, which cannot be judged: write their names"
"""What is said of a statement whose tables only the warehouse can tell."""
