"""Statements that read many small files.

What a file and a byte take is fitted to a warehouse's own queries (least squares: task time = a × bytes + b
× files). It counts if there are twenty queries at least, both take time, and the fit explains nine tenths
of it:

    wasted = b × (files read − files of 128 MiB that would have held the bytes)
"""

from __future__ import annotations

from lakestead.costs.savings.finding import Basis
from lakestead.costs.savings.waste import Waste

_LEAST = 20
_EXPLAINED = 0.9
_SMALL = 16 * 1024**2
_FILE = 128 * 1024**2
_FILES = 10

SMALL_FILES = Waste(
    "small files",
    condition=(
        f"s.status = 'FINISHED' AND s.read_files >= {_FILES} AND s.read_bytes < {_SMALL} * s.read_files"
        " AND f.per_file IS NOT NULL"
    ),
    wasted=f"least(s.task_ms, f.per_file * (s.read_files - ceil(s.read_bytes / {_FILE}.0D)))",
    advice="run OPTIMIZE on the tables that {times} statements on the warehouse '{name}' read in small files",
    basis=Basis.MODELLED,
    tables=f""",
        sums AS (
            SELECT warehouse, sum(t * t) AS tt, sum(b * b) AS bb, sum(f * f) AS ff, sum(t * b) AS tb,
                sum(t * f) AS tf, sum(b * f) AS bf
            FROM (SELECT warehouse, CAST(task_ms AS DOUBLE) AS t, read_bytes / 1e6D AS b,
                    CAST(read_files AS DOUBLE) AS f
                FROM statements WHERE status = 'FINISHED' AND statement_type = 'SELECT' AND read_files > 0
                    AND read_bytes > 0 AND coalesce(spilled, 0) = 0)
            GROUP BY warehouse HAVING count(*) >= {_LEAST}
        ),
        solved AS (
            SELECT *, (tf * bb - tb * bf) / (bb * ff - bf * bf) AS per_file,
                (tb * ff - tf * bf) / (bb * ff - bf * bf) AS per_byte
            FROM sums WHERE bb * ff - bf * bf > 1e-9D * bb * ff
        ),
        fitted AS (
            SELECT warehouse, per_file FROM solved
            WHERE per_file > 0 AND per_byte >= 0 AND per_byte * tb + per_file * tf >= {_EXPLAINED} * tt
        )""",
    joins="LEFT JOIN fitted AS f ON f.warehouse = s.warehouse",
)
