"""Equal queries with equal results, within a day: all but the first could have been kept.

Equal are queries with the same text on the same warehouse, that read as many rows and bytes and returned as
many rows: so nobody has changed what they read. Answers from the result cache cost nothing and do not
count.
"""

from __future__ import annotations

from lakestead.costs.savings.finding import Basis
from lakestead.costs.savings.waste import Waste

_QUERY = (
    "status = 'FINISHED' AND statement_type = 'SELECT' AND NOT cached AND read_rows > 0"
    " AND read_bytes IS NOT NULL AND produced_rows IS NOT NULL"
)

REPEATED = Waste(
    "repeated",
    condition="r.turn > 1",
    wasted="s.task_ms",
    advice="keep the results of queries on the warehouse '{name}' that ran again {times} times over unchanged"
    " data: materialize them, or let the result cache answer (no functions such as now() in their text)",
    basis=Basis.MEASURED,
    tables=f""",
        turns AS (
            SELECT statement_id, row_number() OVER (PARTITION BY warehouse, statement_text,
                CAST(start_time AS DATE), read_rows, read_bytes, produced_rows
                ORDER BY start_time, statement_id) AS turn
            FROM statements WHERE {_QUERY}
        )""",
    joins="LEFT JOIN turns AS r ON r.statement_id = s.statement_id",
)
