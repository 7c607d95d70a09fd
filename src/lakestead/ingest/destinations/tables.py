"""One run of one job into a table: extract, stage, claim, apply, remember."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from lakestead.client import Warehouse
from lakestead.core.errors import ConfigError, LakesteadError
from lakestead.ingest.destinations.destination import Busy, Loaded, Reporter, new_load_id
from lakestead.ingest.extraction import extract
from lakestead.ingest.jobs import Job
from lakestead.ingest.loading.loader import KEYED, ONLY_ADDING, Counts, Loader, Wishes
from lakestead.ingest.loading.names import Table
from lakestead.ingest.loading.package import Package
from lakestead.ingest.loading.rejects import unread
from lakestead.ingest.loading.staging import Staging, readable
from lakestead.ingest.loading.state import Record, State
from lakestead.ingest.loading.table import look
from lakestead.ingest.loading.windows import Backfill
from lakestead.ingest.naming import column_names
from lakestead.ingest.requests import key_columns, looked_at, staged_columns
from lakestead.ingest.sources.source import Request, Shape, Source, Window

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TableRun:
    """A job's run into its table.

    Attributes:
        warehouse: runs statements.
        job: the job, of one table.
        target: its table.
        staged: returns the staging area of a load.
        reporter: is told how it gets on.
        backfill: a part of the past to load again; None for what is new.
    """

    warehouse: Warehouse
    job: Job
    target: Table
    staged: Callable[[str], Staging]
    reporter: Reporter
    backfill: Backfill | None

    def load(self, source: Source) -> Loaded:
        """Load what is new; first finish what an earlier run has left.

        Raises:
            LakesteadError, DatabricksError, databricks.sql.Error: why it cannot; no row is lost or doubled.
        """
        state = State(self.warehouse, self.job.name, self.target)
        record = state.read()
        before, resumed = record.cursor, record.pending is not None
        if record.pending is not None:
            self._step("finish the load that was interrupted")
            self._finish(state, record, record.pending, self._loader(None, record.pending))
            record = state.read()
        self._step("look at the source")
        known = {column.name: column.type for column in look(self.warehouse, self.target) or ()}
        shape, wanted, rows = looked_at(self.job, source, record.cursor, self.backfill, known)
        if not shape.columns:  # an API that has nothing new does not say what it would have
            strategy = self.job.strategy_for(self.job.primary_key)
            return Loaded(
                self.target.full_name, strategy, before=before, after=record.cursor, resumed=resumed
            )
        package, source_rows = self._extracted(source, shape, wanted, rows)
        done = Loaded(
            self.target.full_name, package.strategy, package.rows, package.size, len(package.files),
            before=before, after=record.cursor, resumed=resumed, source_rows=source_rows,
        )  # fmt: skip
        if not package.rows and not package.rejects and package.strategy in ONLY_ADDING:
            return done
        self._step(f"{package.strategy} into {self.target.full_name}")
        loader = self._loader(shape, package)
        claimed = loader.prepare(package, self.staged(package.load_id))
        if not state.claim(record, claimed):
            self._remove(package)
            raise Busy(f"job '{self.job.name}': another run of it is loading {self.target.full_name}")
        counts = self._finish(state, record, claimed, loader)
        return replace(done, counts=counts, after=claimed.cursor or record.cursor)

    def _step(self, what: str) -> None:
        self.reporter.step(self.job.name, what)

    def _extracted(
        self, source: Source, shape: Shape, wanted: Request, rows: Window | None
    ) -> tuple[Package, int | None]:
        """Extract and stage what is new; return it, and how many rows the source counts for it."""
        job = self.job
        load_id, started = new_load_id()
        keys = key_columns(job, shape)
        strategy = job.strategy_for(keys)
        if strategy in KEYED and not keys:
            raise ConfigError(
                f"job '{job.name}': strategy {strategy} needs a primary_key; the source has none"
            )
        of_files = job.incremental_by is not None
        of_rows = None if of_files else rows
        self._step("extract")
        found = extract(
            source,
            wanted,
            self.staged(load_id).put,
            self.staged(_rejected(load_id)).put,
            of_rows.column if of_rows and self.backfill is None else None,
            lambda count, size: self.reporter.advanced(job.name, count, size),
        )
        names = column_names(column.name for column in shape.columns)
        package = Package(
            load_id,
            found.files,
            staged_columns(shape),
            keys,
            strategy,
            started,
            found.rows,
            found.size,
            whole=(job.load_type == "FULL" or of_files) and self.backfill is None,
            watermark_column=names.get(of_rows.column) if of_rows else None,
            lower=of_rows.lower if of_rows else None,
            cursor=None if self.backfill else found.cursor,
            rejects=found.rejects,
        )
        counted = source.count(wanted) if job.reconcile != "none" and not of_files else None
        return package, counted

    def _finish(self, state: State, record: Record, package: Package, loader: Loader) -> Counts:
        """Apply a claimed package, remember that, and remove its files."""
        counts = loader.apply(package, self.staged(package.load_id))
        if package.rejects:
            counts = replace(counts, rejected=counts.rejected + self._unread(package))
        state.finish(package, package.cursor or record.cursor)
        self._remove(package)
        return counts

    def _unread(self, package: Package) -> int:
        name = _rejected(package.load_id)
        with readable(self.warehouse, self.staged(name), package.rejects, self.target, name) as relation:
            return unread(
                self.warehouse, self.target, relation,
                job=self.job.name, load_id=package.load_id, at=package.started,
            )  # fmt: skip

    def _remove(self, package: Package) -> None:
        """Remove a package's files. The load has ended already: what stays is swept when it is a day old."""
        from databricks.sdk.errors.base import DatabricksError

        try:
            if package.rejects:
                self.staged(_rejected(package.load_id)).remove(package.rejects)
            self.staged(package.load_id).remove(package.files)
        except (LakesteadError, DatabricksError, OSError) as error:
            logger.warning("the files of load %s could not be removed: %s", package.load_id, error)

    def _loader(self, shape: Shape | None, package: Package) -> Loader:
        job = self.job
        declared = shape is not None and job.query is None and not job.columns
        keys = {name.lower() for name in shape.primary_key} if shape and declared else set()
        wishes = Wishes(
            job.evolution,
            job.comment or (shape.comment if shape else None),
            job.tags,
            job.cluster_by,
            job.reconcile,
            unique=bool(keys) and {key.lower() for key in package.keys} == keys,
        )
        return Loader(self.warehouse, self.target, job.name, wishes)


def _rejected(load_id: str) -> str:
    return f"{load_id}/rejected"
