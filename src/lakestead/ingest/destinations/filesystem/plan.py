"""What one load is going to do, before a row is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lakestead.core.errors import ConfigError
from lakestead.ingest.destinations.destination import new_load_id
from lakestead.ingest.destinations.filesystem.columns import Kept, kept, together
from lakestead.ingest.destinations.filesystem.state import Claim, File, Record
from lakestead.ingest.jobs import Job
from lakestead.ingest.jobs.rules import not_for_files
from lakestead.ingest.loading.package import Package, StagedColumn
from lakestead.ingest.loading.windows import Backfill
from lakestead.ingest.requests import staged_columns
from lakestead.ingest.sources.source import Cursor, Request, Shape, Window


@dataclass(frozen=True, slots=True)
class Plan:
    """What a load is going to do.

    Attributes:
        job: the job.
        record: what is known of it.
        number: the load's.
        load_id: the load's name.
        started: when it began, UTC.
        table: the table's columns so far.
        columns: what becomes of the source's.
        request: what the source is asked for.
        backfill: whether they are a part of the past.
    """

    job: Job
    record: Record
    number: int
    load_id: str
    started: datetime
    table: tuple[StagedColumn, ...]
    columns: tuple[Kept, ...]
    request: Request
    backfill: bool

    @property
    def window(self) -> Window | None:
        """The rows that are read; None for all."""
        return self.request.window

    @property
    def replaces(self) -> bool:
        """Whether the table's rows make way."""
        return strategy(self.job) == "replace"

    @property
    def by_files(self) -> bool:
        """Whether the window is one of files, which a source tells apart by itself."""
        return self.job.incremental_by is not None

    @property
    def by_rows(self) -> bool:
        """Whether rows have to be compared with earlier ones."""
        return not self.replaces and self.window is not None and (self.backfill or not self.by_files)

    @property
    def watermark(self) -> str | None:
        """The table's name of the window's column; None if the window is one of files."""
        if self.window is None or self.by_files:
            return None
        wanted = self.window.column.lower()
        names = [one.column.name for one in self.columns if one.source.lower() == wanted]
        if not names:
            raise ConfigError(
                f"job '{self.job.name}': the watermark_column '{self.window.column}' is none of the columns"
                " that the table keeps: let it evolve, or read it under another name"
            )
        return names[0]

    @property
    def lag(self) -> str | None:
        """How far below the watermark rows are read again."""
        return None if self.job.lag is None else str(self.job.lag)

    @property
    def lower(self) -> Any:
        """The first watermark that is read; None if none is compared."""
        return self.window.lower if self.window and self.watermark else None

    @property
    def upper(self) -> Any:
        """The first watermark that is not."""
        return self.window.upper if self.window and self.watermark else None

    def claim(
        self,
        form: str,
        files: tuple[File, ...],
        rejects: tuple[File, ...],
        cursor: Cursor | None,
        replaced: tuple[str, ...],
    ) -> Claim:
        """Return what is claimed when all is staged.

        Args:
            form: `parquet` or `delta`.
            files: what was staged.
            rejects: what was staged of what the source could not read as rows.
            cursor: how far the source is loaded with it.
            replaced: keys of files that make way.
        """
        columns = tuple(one.column for one in self.columns)
        package = Package(
            self.load_id,
            tuple(file.name for file in files),
            columns,
            (),
            strategy(self.job),
            self.started,
            sum(file.rows for file in files),
            sum(file.size for file in files),
            whole=self.window is None,
            watermark_column=self.watermark,
            lower=self.lower,
            cursor=cursor,
            rejects=tuple(file.name for file in rejects),
        )
        after = columns if self._anew else together(self.table, columns)
        return Claim(package, form, files, after, replaced, self.backfill, self.lag)

    @property
    def _anew(self) -> bool:
        return _anew(self.job)


def planned(
    job: Job,
    shape: Shape,
    record: Record,
    number: int,
    table: tuple[StagedColumn, ...],
    wanted: Request,
    backfill: Backfill | None,
    where: str,
) -> Plan:
    """Return what a load is going to do.

    Args:
        job: the job.
        shape: of its source.
        record: what is known of it.
        number: the load's.
        table: the table's columns so far.
        wanted: what the source is asked for.
        backfill: a part of the past to read instead.
        where: names the table in messages.

    Raises:
        ConfigError: when a watermark of the job is none.
        PolicyError: when the source's columns do not go into the table.
    """
    columns = kept(staged_columns(shape), () if _anew(job) else table, job.evolution, where)
    load_id, started = new_load_id()
    return Plan(
        job, record, number, load_id, started, table, tuple(columns), wanted, backfill=backfill is not None
    )


def refuse(job: Job, backfill: Backfill | None) -> None:
    """Refuse what cannot be done with files.

    Raises:
        ConfigError: naming the field and the remedy.
    """
    for field, text in not_for_files(job):
        raise ConfigError(f"job '{job.name}': {field} {text}")
    if backfill is not None and strategy(job) == "replace":
        raise ConfigError(
            f"job '{job.name}' replaces all rows: a backfill would leave only its own. Run the job as it is,"
            " or let it append (load_type INCREMENTAL)"
        )


def strategy(job: Job) -> str:
    """Return what happens to the rows that are there. A key of the source's does not count."""
    return job.strategy_for(job.primary_key)


def _anew(job: Job) -> bool:
    """Return whether the table gets the source's columns, whatever it had."""
    return strategy(job) == "replace" and job.evolution == "evolve"
