"""A run of many jobs: each source and destination looked at first, then each job by itself."""

from __future__ import annotations

import datetime as dt
import logging
import random
import time
import uuid
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from lakestead.client import Profile
from lakestead.core.errors import ConfigError, ConnectionFailed, LakesteadError, SourceError
from lakestead.ingest import audit
from lakestead.ingest.config import ConfigLoader
from lakestead.ingest.destinations import DatabricksDestination, Destination, Reporter
from lakestead.ingest.destinations.destination import Busy, Loaded
from lakestead.ingest.jobs import Job
from lakestead.ingest.loading.windows import Backfill, window
from lakestead.ingest.logs import about, log_files
from lakestead.ingest.requests import key_columns, request
from lakestead.ingest.sources.registry import SOURCES
from lakestead.ingest.sources.source import Cursor, Source, Window

logger = logging.getLogger(__name__)

_FIRST_WAIT = 1.0
_LONGEST_WAIT = 60.0


@dataclass(frozen=True, slots=True)
class Planned:
    """What a run would do with a job.

    Attributes:
        job: the job, of one table.
        target: what it would write.
        strategy: what would happen to the target's rows.
        keys: the columns that identify a row.
        window: the rows that would be read; None for all.
        rows: about how many rows the source has; None if it does not know without counting.
    """

    job: Job
    target: str
    strategy: str
    keys: tuple[str, ...]
    window: Window | None
    rows: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did.

    Attributes:
        run_id: names the run in the audit.
        entries: one for each job, in the order of the jobs.
        seconds: how long it took.
    """

    run_id: str
    entries: tuple[audit.Entry, ...]
    seconds: float

    @property
    def failed(self) -> tuple[audit.Entry, ...]:
        """The jobs that failed."""
        return tuple(entry for entry in self.entries if entry.status == "failed")


class _Silent:
    """A reporter that nobody listens to."""

    def step(self, job: str, what: str) -> None:
        """Say nothing."""

    def advanced(self, job: str, rows: int, size: int) -> None:
        """Say nothing."""


class IngestionOrchestrator:
    """Runs the jobs of a sheet or YAML file.

    Args:
        config_path: the jobs; else `config/ingestion_config.xlsx`, or `.yaml`.
        secrets_path: else `.dlt/secrets.toml`.
        folder: gets `logs/` and `metadata/`; and relative paths of files are in it.
        profile: the workspace, instead of what the secrets say.
        loader: reads jobs and secrets, instead of the two paths.
    """

    def __init__(
        self,
        config_path: str | Path | None = None,
        secrets_path: str | Path | None = None,
        *,
        folder: Path | str = ".",
        profile: Profile | None = None,
        loader: ConfigLoader | None = None,
    ) -> None:
        self._loader = loader or ConfigLoader(config_path, secrets_path)
        self._folder = Path(folder)
        self._profile = profile
        self._destinations: dict[str, Destination] = {}

    @cached_property
    def secrets(self) -> dict[str, Any]:
        """The tree of the secrets; it shows no value."""
        return self._loader.load_secrets()

    @property
    def destination(self) -> Destination:
        """The destination of jobs that name none: `[destination] type` of the secrets, else `databricks`."""
        return self._destination(None)

    def jobs(self, names: Iterable[str] = ()) -> list[Job]:
        """Return the jobs that are enabled, or those that are named.

        Raises:
            ConfigError: when a declaration is wrong, or there is no job of a name.
        """
        jobs = self._loader.load_jobs()
        wanted = list(names)
        unknown = [name for name in wanted if name not in {job.name for job in jobs}]
        if unknown:
            raise ConfigError(
                f"there is no job '{unknown[0]}' in {self._loader.config_path}; there are:"
                f" {', '.join(job.name for job in jobs)}"
            )
        return [job for job in jobs if (job.name in wanted if wanted else job.enabled)]

    def plan(self, names: Iterable[str] = (), backfill: Backfill | None = None) -> list[Planned]:
        """Return what a run would do; sources and destinations are asked, nothing is written.

        Raises:
            LakesteadError, DatabricksError, databricks.sql.Error: what a run would fail with.
        """
        planned = []
        for job in self.jobs(names):
            source = self._source(job)
            try:
                planned += [self._planned(one, source, backfill) for one in _expanded(job, source)]
            finally:
                source.close()
        return planned

    def run(
        self,
        names: Iterable[str] = (),
        *,
        parallel: int = 1,
        reporter: Reporter | None = None,
        backfill: Backfill | None = None,
    ) -> Report:
        """Run jobs. One that fails does not keep the others from running.

        Args:
            names: of the jobs; all that are enabled if empty.
            parallel: how many run at a time.
            reporter: is told how they get on.
            backfill: a part of the past to load again.

        Raises:
            ConfigError: when a declaration is wrong; nothing has run.
            LakesteadError, DatabricksError, databricks.sql.Error: when a destination cannot be used; nothing
                has run.
        """
        begin, started = time.perf_counter(), dt.datetime.now(dt.UTC)
        run_id = f"{started:%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}"
        jobs = self.jobs(names)
        with log_files(self._folder / "logs", started, self._loader.secrets.redactor):
            self._check_destinations(jobs)
            tell = reporter or _Silent()
            work = [partial(self._entries, job, run_id, tell, backfill) for job in jobs]
            with ThreadPoolExecutor(max_workers=max(1, parallel), thread_name_prefix="ingest") as pool:
                futures = [pool.submit(copy_context().run, one) for one in work]
                entries = [entry for future in futures for entry in future.result()]
        return Report(run_id, tuple(entries), time.perf_counter() - begin)

    def close(self) -> None:
        """Let go of the destinations."""
        for destination in self._destinations.values():
            destination.close()
        self._destinations.clear()

    def _entries(
        self, job: Job, run_id: str, reporter: Reporter, backfill: Backfill | None
    ) -> list[audit.Entry]:
        """Run a job, or each table of a pattern; return what is to be told of it."""
        with about(job.source_name):
            try:
                source = self._source(job)
                try:
                    source.check()
                    jobs = _expanded(job, source)
                finally:
                    source.close()
            except (LakesteadError, OSError) as error:
                return [self._ended(job, run_id, dt.datetime.now(dt.UTC), 0.0, 1, error)]
            return [self._run(one, run_id, reporter, backfill) for one in jobs]

    def _run(self, job: Job, run_id: str, reporter: Reporter, backfill: Backfill | None) -> audit.Entry:
        from databricks.sdk.errors.base import DatabricksError
        from databricks.sql.exc import Error

        begin, started = time.perf_counter(), dt.datetime.now(dt.UTC)
        attempt = 1
        while True:
            logger.info("job %s: attempt %d", job.name, attempt)
            outcome: Loaded | Exception
            source = self._source(job)
            try:
                outcome = self._destination(job).load(job, source, reporter, backfill)
            except (LakesteadError, DatabricksError, Error, OSError) as error:
                outcome = error
            finally:
                source.close()
            if not isinstance(outcome, Exception) or attempt > job.retries or not _may_pass(outcome):
                break
            wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (attempt - 1)) * random.uniform(0.5, 1)
            logger.warning("job %s: %s; tried again in %.1f s", job.name, outcome, wait)
            reporter.step(job.name, f"wait {wait:.0f} s, then try again")
            time.sleep(wait)
            attempt += 1
        return self._ended(job, run_id, started, time.perf_counter() - begin, attempt, outcome)

    def _ended(
        self,
        job: Job,
        run_id: str,
        started: dt.datetime,
        seconds: float,
        attempts: int,
        outcome: Loaded | Exception,
    ) -> audit.Entry:
        destination = self._destination(job)
        error = None
        if isinstance(outcome, Exception):
            error = self._loader.secrets.redact(f"{type(outcome).__name__}: {outcome}")
            logger.error("job %s failed: %s", job.name, error)
            logger.debug("job %s failed here", job.name, exc_info=outcome)
            outcome = Loaded(destination.target_name(job), job.strategy or "")
        entry = _entry(job, run_id, started, seconds, attempts, outcome, error)
        logger.info(
            "job %s: %s, %d rows read, %d inserted, %d updated, %d deleted, %d rejected, %.2f s",
            job.name, entry.status, entry.rows_read, entry.rows_inserted, entry.rows_updated,
            entry.rows_deleted, entry.rows_rejected, seconds,
        )  # fmt: skip
        audit.to_file(entry, self._folder / "metadata")
        destination.note(job, entry)
        return entry

    def _planned(self, job: Job, source: Source, backfill: Backfill | None) -> Planned:
        destination = self._destination(job)
        shape = source.shape(request(job, None))
        keys = key_columns(job, shape)
        rows = window(job, shape, destination.cursor(job), backfill)
        return Planned(job, destination.target_name(job), job.strategy_for(keys), keys, rows, shape.rows)

    def _check_destinations(self, jobs: Sequence[Job]) -> None:
        for kind in dict.fromkeys(job.destination_type for job in jobs):
            destination = self._destination_of(kind)
            with about(f"destination_{destination.get_destination_type()}"):
                destination.check()
                logger.info("the destination can be used: %s", destination.get_metadata())

    def _destination(self, job: Job | None) -> Destination:
        return self._destination_of(job.destination_type if job else None)

    def _destination_of(self, kind: str | None) -> Destination:
        wanted = kind or str(self.secrets.get("destination", {}).get("type") or "databricks")
        if wanted not in self._destinations:
            if wanted == "databricks":
                self._destinations[wanted] = DatabricksDestination(
                    wanted, self.secrets, profile=self._profile
                )
            else:
                raise ConfigError(f"[destination] type of the secrets is '{wanted}': it must be databricks")
        return self._destinations[wanted]

    def _source(self, job: Job) -> Source:
        made: Source = SOURCES.get(job.source_type)(
            job.source_name, self._loader.secrets.source(job.source_name)
        )
        return made


def _expanded(job: Job, source: Source) -> list[Job]:
    """Return a job of one table for each table that a job's pattern matches.

    Raises:
        SourceError: when none does.
    """
    if not job.is_pattern:
        return [job]
    assert job.table_name is not None
    tables = source.tables(job.schema_name, job.table_name)
    if not tables:
        where = f" of the schema {job.schema_name}" if job.schema_name else ""
        raise SourceError(f"job '{job.name}': no table{where} is like '{job.table_name}'")
    return [job.for_table(table) for table in tables]


def _may_pass(error: Exception) -> bool:
    """Return whether it may go well another time."""
    from databricks.sql.exc import RequestError

    return isinstance(error, ConnectionFailed | SourceError | Busy | OSError | RequestError)


def _entry(
    job: Job,
    run_id: str,
    started: dt.datetime,
    seconds: float,
    attempts: int,
    loaded: Loaded,
    error: str | None,
) -> audit.Entry:
    counts = loaded.counts
    changed = counts.written or counts.deleted or counts.rejected or loaded.resumed
    return audit.Entry(
        run_id=run_id,
        job=job.name,
        source_type=job.source_type,
        source_name=job.source_name,
        source_object=job.query or job.path or job.api_endpoint or _dotted(job.schema_name, job.table_name),
        target=loaded.target,
        load_type=job.load_type,
        strategy=loaded.strategy,
        status="failed" if error else "loaded" if changed else "unchanged",
        rows_read=loaded.read,
        rows_inserted=counts.inserted,
        rows_updated=counts.updated,
        rows_deleted=counts.deleted,
        rows_rejected=counts.rejected,
        source_rows=loaded.source_rows,
        bytes_staged=loaded.size,
        files=loaded.files,
        watermark_before=_text(loaded.before),
        watermark_after=_text(loaded.after),
        resumed=loaded.resumed,
        attempts=attempts,
        started_at=started,
        seconds=round(seconds, 3),
        error=error,
    )


def _dotted(*parts: str | None) -> str:
    return ".".join(part for part in parts if part)


def _text(cursor: Cursor | None) -> str | None:
    if cursor is None:
        return None
    return cursor.value.isoformat() if isinstance(cursor.value, dt.date) else str(cursor.value)
