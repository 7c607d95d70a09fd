"""Statements that spilled to disk, and took longer for it.

    wasted = task time − bytes read × the median task time per byte of statements that did not spill

The median is that of at least twenty statements of the same type on the same warehouse; with fewer nothing is
said.
"""

from __future__ import annotations

from lakestead.costs.savings.finding import Basis
from lakestead.costs.savings.waste import Waste

_LEAST = 20

SPILLED = Waste(
    "spilled",
    condition="s.status = 'FINISHED' AND s.spilled > 0 AND s.read_bytes > 0 AND u.usual IS NOT NULL",
    wasted="(s.task_ms - s.read_bytes * u.usual)",
    advice="give the {times} statements that spilled on the warehouse '{name}' more memory: a larger size for"
    " them, or less to sort, join and group at once",
    basis=Basis.MODELLED,
    tables=f""",
        usual AS (
            SELECT warehouse, statement_type, percentile(task_ms / CAST(read_bytes AS DOUBLE), 0.5) AS usual
            FROM statements WHERE status = 'FINISHED' AND spilled = 0 AND read_bytes > 0
            GROUP BY warehouse, statement_type HAVING count(*) >= {_LEAST}
        )""",
    joins="LEFT JOIN usual AS u ON u.warehouse = s.warehouse AND u.statement_type = s.statement_type",
)
