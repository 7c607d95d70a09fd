"""One run of one job into its folder."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from lakestead.core.datatypes import parse_type
from lakestead.core.errors import ConfigError, SourceError
from lakestead.ingest.destinations.destination import Busy, Loaded, Reporter
from lakestead.ingest.destinations.filesystem.delta import DeltaFolder
from lakestead.ingest.destinations.filesystem.earlier import known, published, seen_before
from lakestead.ingest.destinations.filesystem.layout import Layout
from lakestead.ingest.destinations.filesystem.plan import Plan, planned, refuse, strategy
from lakestead.ingest.destinations.filesystem.publish import publish, reconcile, remove_replaced
from lakestead.ingest.destinations.filesystem.seen import Seen
from lakestead.ingest.destinations.filesystem.stage import Stage
from lakestead.ingest.destinations.filesystem.state import Claim, Record, State
from lakestead.ingest.extraction import Extraction, extract
from lakestead.ingest.jobs import Job
from lakestead.ingest.loading.loader import Counts, Mismatch
from lakestead.ingest.loading.package import StagedColumn
from lakestead.ingest.loading.windows import Backfill
from lakestead.ingest.requests import looked_at
from lakestead.ingest.sources.source import Cursor, Source
from lakestead.ingest.stores import Store

logger = logging.getLogger(__name__)

# What was staged so long ago and is not claimed never will be.
_ABANDONED = timedelta(days=1)


class Load:
    """Loads one job's rows into one folder.

    Args:
        store: where the folder is.
        layout: where everything is in the store.
        job: the job.
        delta: the folder's Delta table; None for Parquet files alone.
    """

    def __init__(self, store: Store, layout: Layout, job: Job, delta: DeltaFolder | None) -> None:
        self._store = store
        self._layout = layout
        self._job = job
        self._delta = delta
        self._state = State(store, layout.state)
        self._format = "delta" if delta else "parquet"
        self._url = store.url(layout.folder)

    def run(self, source: Source, reporter: Reporter, backfill: Backfill | None) -> Loaded:
        """Extract the job's rows and load them; first finish what an earlier run has left."""
        name = self._job.name
        refuse(self._job, backfill)
        number, table, record = self._standing()
        before, resumed = known(record.cursor), not record.done
        if record.claim is not None and not record.done:
            reporter.step(name, "finish the load that was interrupted")
            self._finish(record.number, record.claim)
            number, table, record = self._standing()
        reporter.step(name, "look at the source")
        types = {column.source: parse_type(column.type) for column in table}
        shape, wanted, _ = looked_at(self._job, source, known(record.cursor), backfill, types)
        if not shape.columns:  # an API that has nothing new does not say what it would have
            return Loaded(
                self._url, strategy(self._job), before=before, after=known(record.cursor), resumed=resumed
            )
        plan = planned(self._job, shape, record, number, table, wanted, backfill, self._url)
        reporter.step(name, "extract")
        with TemporaryDirectory(prefix="lakestead-ingest-") as scratch:
            stage, claim, read = self._staged(source, plan, reporter, Path(scratch))
        counted = source.count(plan.request) if self._job.reconcile != "none" and not plan.by_files else None
        after = known(record.cursor)
        nothing = not stage.files and not stage.rejects and not plan.replaces
        if not nothing or claim.package.cursor != record.cursor:
            reporter.step(name, f"{claim.package.strategy} into {self._url}")
            if not self._state.claim(number, claim):
                stage.remove()
                raise Busy(f"job '{name}': another run of it is loading {self._url}")
            self._finish(number, claim)
            after = known(claim.package.cursor)
        rejected = sum(file.rows for file in stage.rejects)
        return Loaded(
            self._url, claim.package.strategy, read, claim.package.size, len(claim.files),
            Counts(inserted=claim.package.rows, rejected=rejected),
            before, after, resumed, counted,
        )  # fmt: skip

    def _standing(self) -> tuple[int, tuple[StagedColumn, ...], Record]:
        """Return the next load's number, the table's columns so far, and what is known of the job."""
        # In this order: a load that another run commits in between has a number that is taken then.
        newest, columns = self._delta.look() if self._delta else (0, None)
        record = self._state.read()
        if record.claim is not None and record.claim.format != self._format:
            raise ConfigError(
                f"job '{self._job.name}': {self._url} is {record.claim.format}, target_format is"
                f" {self._format} now: write into another target_table"
            )
        if columns is None and record.claim is None:
            self._refuse_foreign()
        if columns is None:
            columns = record.claim.columns if record.claim else ()
        return max(newest, record.number) + 1, columns, record

    def _refuse_foreign(self) -> None:
        """Refuse a folder that another job fills in the other format."""
        log = next(iter(self._store.list(f"{self._layout.folder}/_delta_log/*")), None)
        if self._delta is None and log is not None:
            raise ConfigError(
                f"job '{self._job.name}': {self._url} is a Delta table: use target_format delta, or another"
                " target_table"
            )
        if self._delta is not None and published(self._store, self._layout):
            raise ConfigError(
                f"job '{self._job.name}': {self._url} has Parquet files that are of no Delta table: use"
                " target_format parquet, or another target_table"
            )

    def _staged(
        self, source: Source, plan: Plan, reporter: Reporter, scratch: Path
    ) -> tuple[Stage, Claim, int]:
        """Extract and stage; return where, what is to be claimed, and how many rows were read."""
        with seen_before(plan, self._store, self._layout, self._delta, scratch) as seen:
            digests = self._job.reconcile == "hash"
            stage = Stage(
                self._store, self._layout, plan.load_id, plan.columns, seen, scratch, digests=digests
            )
            try:
                found = self._extracted(source, plan, stage, reporter)
                cursor = _cursor(plan, found, seen)
                if plan.replaces and not stage.files and self._delta is None:
                    stage.put_nothing()
                replaced = published(self._store, self._layout) if plan.replaces and not self._delta else []
            except BaseException:
                stage.remove()
                raise
        claim = plan.claim(self._format, tuple(stage.files), tuple(stage.rejects), cursor, tuple(replaced))
        return stage, claim, found.rows

    def _extracted(self, source: Source, plan: Plan, stage: Stage, reporter: Reporter) -> Extraction:
        name = self._job.name
        found = extract(
            source, plan.request, stage.put, stage.put_rejects, None,
            lambda rows, size: reporter.advanced(name, rows, size),
        )  # fmt: skip
        if stage.dropped:
            logger.info("%s: %d of %d rows were loaded before", self._url, stage.dropped, found.rows)
        return found

    def _finish(self, number: int, claim: Claim) -> None:
        """Do what a claim says; doing it again, or twice at the same time, changes nothing."""
        try:
            publish(self._store, self._layout, claim)
            if self._job.reconcile != "none":
                reconcile(self._store, self._layout, claim)
        except (SourceError, Mismatch):
            # Another run may have finished it meanwhile, and replaced its files.
            if not self._state.is_done(number):
                raise
            return
        if self._delta is not None:
            self._commit(self._delta, number, claim)
        else:
            remove_replaced(self._store, claim)
        self._state.finish(number)
        logger.info("%s: %d rows in %d files", self._url, claim.package.rows, len(claim.files))
        self._tidy(claim.package.started)

    def _commit(self, delta: DeltaFolder, number: int, claim: Claim) -> None:
        delta.commit(number, claim, self._job.comment)
        if claim.package.strategy == "replace" and self._job.reconcile != "none":
            there = delta.rows()
            if there != claim.package.rows and not self._state.is_done(number):
                raise Mismatch(
                    f"{self._url} has {there} rows, {claim.package.rows} were loaded: does something else"
                    " write to it?"
                )

    def _tidy(self, started: datetime) -> None:
        """Delete what runs that were killed have staged and never claimed."""
        last = f"{started - _ABANDONED:%Y%m%dT%H%M%SZ}"
        folder = self._layout.staged
        for entry in self._store.list(f"{folder}/**"):
            if entry.key.removeprefix(folder + "/") < last:
                self._store.delete([entry.key])


def _cursor(plan: Plan, found: Extraction, seen: Seen | None) -> Cursor | None:
    """Return how far the source is loaded with what was extracted."""
    last = plan.record.cursor
    if plan.backfill:
        return last
    return (seen.cursor() if seen is not None else found.cursor) or last
