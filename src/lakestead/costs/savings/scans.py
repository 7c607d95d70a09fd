"""Queries that looked for few rows and read all files.

A query with a WHERE, and without functions that need every row, returned less than a hundredth of the rows
that it read, of a hundred files at least, none of which was left out. Were the table clustered by what the
query asks for, it would have had to read at least the share of rows that it returned:

    wasted, at most = task time × (1 − rows returned ÷ rows read)
"""

from __future__ import annotations

from lakestead.costs.savings.finding import Basis
from lakestead.costs.savings.waste import Waste

_FILES = 100
_SHARE = 0.01
_NEEDS_ALL = r"(?i)\\b(group\\s+by|distinct|join|limit|(count|sum|avg|min|max)\\s*\\()"

FULL_SCANS = Waste(
    "full scans",
    condition=(
        f"s.status = 'FINISHED' AND s.statement_type = 'SELECT' AND s.read_files >= {_FILES}"
        f" AND s.pruned_files = 0 AND s.produced_rows < {_SHARE} * s.read_rows"
        r" AND s.statement_text RLIKE '(?i)\\bwhere\\b'"
        f" AND NOT s.statement_text RLIKE '{_NEEDS_ALL}'"
    ),
    wasted="s.task_ms * (1 - s.produced_rows / CAST(s.read_rows AS DOUBLE))",
    advice="cluster the tables that {times} queries on the warehouse '{name}' read whole for few rows"
    " (ALTER TABLE … CLUSTER BY the columns of their WHERE)",
    basis=Basis.AT_MOST,
)
