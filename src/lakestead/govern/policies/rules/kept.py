"""That it is said how long data is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from lakestead.govern.policies.findings import Problem
from lakestead.govern.policies.rules.rule import Rule
from lakestead.govern.policies.view import View
from lakestead.govern.scope import pattern


class Retained(Rule):
    """Tables must be in the scope of an entry of `retention` in governance.yaml."""

    rule: Literal["retention"]

    def problems(self, view: View) -> Iterator[Problem]:
        globs = [glob for one in view.retention.root.values() for glob in one.scope]
        select = (
            "SELECT full_name FROM scoped WHERE table_type <> 'VIEW' AND NOT full_name RLIKE :kept"
            " ORDER BY full_name"
        )
        for row in view.rows(select, self.scope, self.without, kept=pattern(globs)):
            yield Problem(
                row["full_name"],
                "nothing says how long its rows are kept",
                "add an entry to `retention` in governance.yaml",
            )
