"""Lineage as rows of ``system.access.table_lineage`` and ``system.access.column_lineage``."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lakestead.workspace.sql.statement import Statement
from lakestead.workspace.store.base import new_id, now_ms
from lakestead.workspace.system.lineage.model import Dataset, Lineage
from lakestead.workspace.system.lineage.statement import NoLineage, extract, tables_alone
from lakestead.workspace.system.lineage.trace import Trace
from lakestead.workspace.system.log import Log, Row
from lakestead.workspace.system.tables import SYSTEM

logger = logging.getLogger(__name__)

TABLES = "access.table_lineage"
COLUMNS = "access.column_lineage"


@dataclass(frozen=True, slots=True)
class Event:
    """Data that moved: when, for whom, and by which statement; None when the workspace itself moved it."""

    at_ms: int
    user: str
    statement_id: str | None = None


class Recorder:
    """Records the lineage of statements, in the thread of the event log.

    Args:
        log: where the rows go.

    Attributes:
        not_understood: how many statements were recorded by the names of their tables alone.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self.not_understood = 0

    def record(self, statement: Statement) -> None:
        """Record a statement that has ended, if it succeeded and moved data; returns at once."""
        trace = statement.trace
        if statement.error is not None or trace is None or not trace.moves:
            return
        at_ms = int((statement.finished_at or statement.submitted_at) * 1000)
        event = Event(at_ms, statement.session.principal.name, statement.id)
        self._log.append_later(lambda: self._entries(event, trace))

    def moved(self, user: str, lineage: Lineage) -> None:
        """Record that the workspace itself has moved data for a principal; returns at once."""
        event = Event(now_ms(), user)
        self._log.append_later(lambda: entries(event, lineage))

    def _entries(self, event: Event, trace: Trace) -> Iterator[tuple[str, Row]]:
        try:
            found = extract(trace)
        except NoLineage as reason:
            self.not_understood += 1
            logger.warning("statement %s has table lineage alone: %s", event.statement_id, reason)
            found = tables_alone(trace)
        return iter(()) if found is None else entries(event, found)


def entries(event: Event, lineage: Lineage) -> Iterator[tuple[str, Row]]:
    """Give the rows of a statement, each with its table.

    Args:
        event: what happened.
        lineage: what was read and written.
    """
    described = {
        "created_by": event.user,
        "event_time": event.at_ms,
        "event_id": new_id(),
        "statement_id": event.statement_id,
    }
    target = lineage.target
    # Who reads the system tables would add to them each time.
    sources = [one for one in lineage.sources if target is not None or one.name[0] != SYSTEM]
    end = _side("target", target)
    rows = {one: {**described, **_side("source", one), **end} for one in sources}
    if not sources and target is not None:
        yield TABLES, {**described, **end, "record_id": new_id()}
    for row in rows.values():
        yield TABLES, {**row, "record_id": new_id()}
    for edge in lineage.columns:
        if edge.source.dataset in rows:
            row = rows[edge.source.dataset]
            columns = {"source_column_name": edge.source.column, "target_column_name": edge.target}
            yield COLUMNS, {**row, **columns, "record_id": new_id()}


def _side(side: str, dataset: Dataset | None) -> dict[str, Any]:
    """Return the columns that describe a source or target."""
    if dataset is None:
        return {}
    if dataset.type == "PATH":
        return {f"{side}_type": dataset.type, f"{side}_path": dataset.name[0]}
    catalog, schema, table = dataset.name
    return {
        f"{side}_type": dataset.type,
        f"{side}_table_full_name": ".".join(dataset.name),
        f"{side}_table_catalog": catalog,
        f"{side}_table_schema": schema,
        f"{side}_table_name": table,
        f"{side}_path": dataset.location,
    }
