"""Where data lies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from lakestead.govern.policies.findings import Problem
from lakestead.govern.policies.metadata import TableFacts
from lakestead.govern.policies.rules.rule import Rule, Sender
from lakestead.govern.policies.statements import Statement
from lakestead.govern.policies.view import View
from lakestead.govern.scope import words


class Regions(Rule):
    """Data must lie in regions. A statement that makes a table elsewhere breaks it.

    Args:
        regions: those in which the metastore may be, as globs; empty for any.
        storage: URLs below which tables may lie, as globs; empty for any. A table whose place cannot be seen
            lies where its metastore is.
    """

    rule: Literal["regions"]
    regions: tuple[str, ...] = ()
    storage: tuple[str, ...] = ()

    def problems(self, view: View) -> Iterator[Problem]:
        if self.regions:
            select = f"SELECT metastore_name, cloud, region FROM {view.schema}.metastores"
            for row in view.warehouse.rows(
                f"{select} WHERE NOT region RLIKE :allowed", allowed=words(self.regions)
            ):
                what = f"is in the region '{row['region']}', not in {' or '.join(self.regions)}"
                yield Problem(
                    f"metastore {row['metastore_name']}", what, "use a workspace of an allowed region"
                )
        if self.storage:
            select = "SELECT * FROM scoped WHERE NOT storage_path RLIKE :allowed ORDER BY full_name"
            for row in view.rows(select, self.scope, self.without, allowed=words(self.storage)):
                what = f"lies in {row['storage_path']}, not in {' or '.join(self.storage)}"
                yield Problem(row["full_name"], what, "make it anew in an allowed place, and drop this one")

    def refusals(self, statement: Statement, tables: Sequence[TableFacts], sender: Sender) -> Iterator[str]:
        made = statement.made
        if made is None or not made.location or not self.storage or not self.concerns_new(made.parts):
            return
        if not re.match(words(self.storage), made.location):
            yield f"{'.'.join(made.parts)} would lie in {made.location}, not in {' or '.join(self.storage)}"
