"""How far each job has come: a table beside the tables that jobs write, so that any machine can go on.

A load is *claimed* when all its files are staged: from then on it belongs to the table's state, and whoever
runs the job next finishes it. The claim names the load that the job had seen last, so that of two runs of one
job only one gets it. What follows a claim can be repeated without effect, so that it does not matter when a
process is killed.

State is of a table, not of its name: of one that was dropped and made again nothing is known.
"""

from __future__ import annotations

from dataclasses import dataclass

from lakestead.client import Warehouse
from lakestead.ingest.loading.names import Table
from lakestead.ingest.loading.package import Package, cursor_from_json, cursor_to_json
from lakestead.ingest.loading.table import table_id
from lakestead.ingest.sources.source import Cursor

STATE_TABLE = "_lakestead_state"
_COLUMNS = (
    "job STRING NOT NULL COMMENT 'The job''s name', "
    "target STRING NOT NULL COMMENT 'The table that it writes', "
    "table_id STRING COMMENT 'The id of that table', "
    "load_id STRING NOT NULL COMMENT 'The newest load that was claimed', "
    "cursor STRING COMMENT 'How far the source has been loaded; JSON', "
    "pending STRING COMMENT 'The claimed load, while it is not finished; JSON', "
    "updated_at TIMESTAMP NOT NULL"
)


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a job.

    Attributes:
        load_id: the newest load that was claimed; None if there was none.
        cursor: how far the source has been loaded; None if it has no cursor.
        pending: a load that was claimed and is not finished.
    """

    load_id: str | None = None
    cursor: Cursor | None = None
    pending: Package | None = None


class State:
    """The state of one job, with its target.

    Args:
        warehouse: runs statements.
        job: the job's name.
        target: the table that it writes.

    Attributes:
        table: where it is kept.
    """

    def __init__(self, warehouse: Warehouse, job: str, target: Table) -> None:
        self._warehouse = warehouse
        self._target = target
        self.table = target.beside(STATE_TABLE)
        self._key = {"job": job, "target": target.full_name}

    def prepare(self) -> None:
        """Make the table if it is not there."""
        self._warehouse.rows(
            f"CREATE TABLE IF NOT EXISTS {self.table.sql} ({_COLUMNS})"
            " COMMENT 'How far the jobs of lakestead ingest have come'"
        )

    def pending(self) -> set[str]:
        """Return the loads of all jobs that were claimed and are not finished."""
        rows = self._warehouse.rows(f"SELECT load_id FROM {self.table.sql} WHERE pending IS NOT NULL")
        return {str(row["load_id"]) for row in rows}

    def read(self) -> Record:
        """Return what is known of the job, with the table that is there now."""
        rows = self._warehouse.rows(
            f"SELECT load_id, table_id, cursor, pending FROM {self.table.sql}"
            " WHERE job = :job AND target = :target",
            **self._key,
        )
        if not rows:
            return Record()
        row = rows[0]
        if row["table_id"] != table_id(self._warehouse, self._target):
            return Record(row["load_id"])
        pending = Package.from_json(row["pending"]) if row["pending"] else None
        return Record(row["load_id"], cursor_from_json(row["cursor"]), pending)

    def claim(self, seen: Record, package: Package) -> bool:
        """Make a staged load the job's, unless another run has claimed one since `seen` was read."""
        values = {
            "load_id": package.load_id,
            "pending": package.to_json(),
            "table_id": table_id(self._warehouse, self._target),
        }
        if seen.load_id is None:
            counts = self._warehouse.changed(
                f"MERGE INTO {self.table.sql} t USING (SELECT :job AS job, :target AS target) s"
                " ON t.job = s.job AND t.target = s.target"
                " WHEN NOT MATCHED THEN INSERT (job, target, load_id, table_id, pending, updated_at)"
                " VALUES (:job, :target, :load_id, :table_id, :pending, current_timestamp())",
                **self._key,
                **values,
            )
        else:
            counts = self._warehouse.changed(
                f"UPDATE {self.table.sql} SET load_id = :load_id, table_id = :table_id, pending = :pending,"
                " cursor = CASE WHEN table_id = :table_id THEN cursor END, updated_at = current_timestamp()"
                " WHERE job = :job AND target = :target AND load_id = :seen"
                " AND (pending IS NULL OR table_id <> :table_id)",
                **self._key,
                **values,
                seen=seen.load_id,
            )
        # A statement that was sent again, because its answer was lost, finds its own claim.
        return counts.get("num_affected_rows", 0) == 1 or self._has(package.load_id)

    def _has(self, load_id: str) -> bool:
        rows = self._warehouse.rows(
            f"SELECT load_id FROM {self.table.sql} WHERE job = :job AND target = :target", **self._key
        )
        return bool(rows) and rows[0]["load_id"] == load_id

    def finish(self, package: Package, cursor: Cursor | None) -> None:
        """Note that a claimed load is done, and how far the source is loaded with it."""
        self._warehouse.changed(
            f"UPDATE {self.table.sql} SET cursor = :cursor, pending = NULL, updated_at = current_timestamp()"
            " WHERE job = :job AND target = :target AND load_id = :load_id",
            **self._key,
            load_id=package.load_id,
            cursor=cursor_to_json(cursor),
        )
