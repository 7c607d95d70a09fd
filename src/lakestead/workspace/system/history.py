"""system.query.history: the statements that the query history API lists, with what they read and wrote."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lakestead.engine.delta.errors import DeltaError
from lakestead.engine.delta.table import open_table
from lakestead.engine.delta.tail import Added, added, local_version
from lakestead.workspace.sql.statement import Statement
from lakestead.workspace.system.log import Entries, Log, Row

STREAM = "query.history"
# Tables whose size is remembered.
_REMEMBERED = 512


class Queries:
    """Writes the rows of system.query.history, in the log's own thread.

    Args:
        log: where rows go.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._sizes: OrderedDict[str, tuple[int, Added]] = OrderedDict()

    def record(self, statement: Statement, recorded: Row) -> None:
        """Record a statement that has ended; returns at once.

        Args:
            statement: the statement.
            recorded: what the query history API has of it.
        """
        self._log.append_later(lambda: self._entries(statement, recorded))

    def _entries(self, statement: Statement, recorded: Row) -> Entries:
        parts = (_row(recorded), _times(statement), self._read(statement), _written(statement))
        yield STREAM, {name: value for part in parts for name, value in part.items()}

    def _read(self, statement: Statement) -> Row:
        """Return the size of all tables that a statement read; nothing when one cannot be measured."""
        sizes = [self._size(location) for location in set(statement.touched.values()) if location is not None]
        known = [one for one in sizes if one is not None]
        if statement.error is not None or len(known) < len(sizes):
            return {}
        return {
            "read_files": sum(one.files for one in known),
            "read_bytes": sum(one.size for one in known),
            "read_rows": sum(one.rows for one in known),
        }

    def _size(self, location: str) -> Added | None:
        version = local_version(location)
        if version is None or version < 0:
            return None
        kept = self._sizes.pop(location, None)
        if kept is None or kept[0] != version:
            try:
                kept = (version, _measured(location))
            except DeltaError:
                return None
        self._sizes[location] = kept
        if len(self._sizes) > _REMEMBERED:
            self._sizes.popitem(last=False)
        return kept[1]


def _measured(location: str) -> Added:
    files = pa.table(open_table(location).get_add_actions(flatten=True))
    rows = pc.sum(files["num_records"]).as_py() if "num_records" in files.column_names else 0
    return Added(files.num_rows, pc.sum(files["size_bytes"]).as_py() or 0, rows or 0)


def _written(statement: Statement) -> Row:
    """Return what the commits of a statement added; nothing for one that holds no table."""
    if not statement.writes:
        return {}
    parts = [added(*one) for one in statement.writes]
    return {
        "written_files": sum(one.files for one in parts),
        "written_bytes": sum(one.size for one in parts),
        "written_rows": sum(one.rows for one in parts),
    }


def _times(statement: Statement) -> Row:
    started, compiled, ended = statement.started_at, statement.compiled_at, statement.finished_at
    if started is None or ended is None:
        return {}
    run = compiled or started
    return {
        "waiting_for_compute_duration_ms": 0,
        "waiting_at_capacity_duration_ms": _ms(started - statement.submitted_at),
        "compilation_duration_ms": _ms(run - started),
        "execution_duration_ms": _ms(ended - run),
        "total_task_duration_ms": _ms(ended - run),
    }


def _row(query: Row) -> dict[str, Any]:
    """Return the columns that are the same as in the query history API."""
    user, name = str(query["user_id"]), query["user_name"]
    return {
        "statement_id": query["statement_id"],
        "session_id": query["session_id"],
        "executed_by": name,
        "executed_by_user_id": user,
        "executed_as": name,
        "executed_as_user_id": user,
        "execution_status": query["status"],
        "compute": {"type": "WAREHOUSE", "warehouse_id": query["warehouse_id"]},
        "statement_text": query["text"],
        "statement_type": query["statement_type"],
        "error_message": query["error_message"],
        "client_application": query["client_application"],
        "client_driver": query["client_driver"],
        "total_duration_ms": query["ended_at"] - query["submitted_at"],
        "start_time": query["submitted_at"],
        "end_time": query["ended_at"],
        "update_time": query["ended_at"],
        "produced_rows": query["rows_produced"],
        "from_result_cache": False,
        "query_parameters": _parameters(query["parameters"]),
        "query_tags": query["query_tags"],
    }


def _parameters(given: list[dict[str, Any]]) -> Row | None:
    if not given:
        return None
    return {
        "named_parameters": {one["name"]: {"exprs": [one["value"]]} for one in given if one["name"]},
        "pos_parameters": [{"exprs": [one["value"]]} for one in given if not one["name"]],
        "truncated": False,
    }


def _ms(seconds: float) -> int:
    return max(int(seconds * 1000), 0)
