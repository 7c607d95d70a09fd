"""What a run left: figures of each table, computed by the warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lakestead.core.names import quote
from lakestead.run.changes import Step
from lakestead.run.governing import Governed
from lakestead.run.lakehouse import Lakehouse
from lakestead.run.monitoring import Monitored


@dataclass(frozen=True)
class TableSummary:
    """Figures of one table.

    Args:
        size: bytes of the table's current files.
        null_share: of all its values, the share that is NULL (0 to 1; 0 for an empty table).
    """

    name: str
    rows: int
    columns: int
    size: int
    null_share: float


@dataclass(frozen=True)
class Summary:
    """The outcome of a run.

    Args:
        workspace: the URL of the workspace.
        steps: the changes that were applied; none if everything was as declared.
        seconds: how long the run took, this summary included.
        governed: what the project's governance says; None if it has none.
        monitored: how its monitors, checks and alerts are; None if it has none.
    """

    project: str
    workspace: str
    steps: tuple[Step, ...]
    tables: tuple[TableSummary, ...]
    seconds: float
    governed: Governed | None = None
    monitored: Monitored | None = None

    @property
    def changed(self) -> bool:
        """Whether the run changed anything."""
        return bool(self.steps)


def summarize(lakehouse: Lakehouse, tables: Sequence[str]) -> tuple[TableSummary, ...]:
    """Return the figures of tables: one query each, and the size that Delta records."""
    return tuple(_summarize(lakehouse, table) for table in tables)


def _summarize(lakehouse: Lakehouse, name: str) -> TableSummary:
    there = lakehouse.table(name)
    columns = [str(column.name) for column in (there.columns or [] if there else [])]
    table = lakehouse.quoted(name)
    present = "".join(f", count({quote(column)})" for column in columns)
    rows, *counts = lakehouse.execute(f"SELECT count(*){present} FROM {table}")[0]
    values = rows * len(columns)
    size = lakehouse.row(f"DESCRIBE DETAIL {table}")["sizeInBytes"]
    return TableSummary(
        f"{lakehouse.catalog}.{lakehouse.schema}.{name}",
        rows,
        len(columns),
        size,
        (values - sum(counts)) / values if values else 0.0,
    )
