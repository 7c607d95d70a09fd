"""One run of some jobs: each by itself, tried again where that may help, and told of in the audit."""

from __future__ import annotations

import datetime as dt
import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lakestead.core.errors import ConnectionFailed, LakesteadError, SourceError
from lakestead.ingest import audit
from lakestead.ingest.destinations import Destination, Reporter
from lakestead.ingest.destinations.destination import Busy, Loaded
from lakestead.ingest.jobs import Job
from lakestead.ingest.loading.windows import Backfill
from lakestead.ingest.logs import about
from lakestead.ingest.sources.source import Cursor, Source

logger = logging.getLogger(__name__)

_FIRST_WAIT = 1.0
_LONGEST_WAIT = 60.0


class Sources:
    """Open sources that jobs take in turns. For several threads at a time.

    Args:
        connect: returns a job's source.
    """

    def __init__(self, connect: Callable[[Job], Source]) -> None:
        self._connect = connect
        self._idle: dict[tuple[str, str], list[Source]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def lent(self, job: Job) -> Iterator[Source]:
        """Yield a source for the length of a `with` block; one that has failed is not used again."""
        key = (job.source_type, job.source_name)
        with self._lock:
            idle = self._idle.setdefault(key, [])
            source = idle.pop() if idle else None
        try:
            if source is None:
                source = self._connect(job)
                source.check()
            yield source
        except BaseException:
            if source is not None:
                source.close()
            raise
        with self._lock:
            idle.append(source)

    def close(self) -> None:
        """Close all sources."""
        for idle in self._idle.values():
            for source in idle:
                source.close()
        self._idle.clear()


@dataclass(frozen=True, slots=True)
class Failed:
    """A job that failed before its tables were known."""

    job: Job
    error: Exception


@dataclass(frozen=True)
class Run:
    """One run of some jobs.

    Attributes:
        run_id: names it in the audit.
        sources: the sources of all jobs.
        destination: returns where a job's rows go.
        redact: masks secrets in a text.
        folder: gets the audit's files.
        reporter: is told how jobs get on.
        backfill: a part of the past to load again; None for what is new.
    """

    run_id: str
    sources: Sources
    destination: Callable[[Job], Destination]
    redact: Callable[[str], str]
    folder: Path
    reporter: Reporter
    backfill: Backfill | None

    def tables(self, job: Job) -> list[Job | Failed]:
        """Return a job for each table that a job means, or why that is not known."""
        with about(job.source_name):
            try:
                with self.sources.lent(job) as source:
                    return list(expanded(job, source))
            except (LakesteadError, OSError) as error:
                return [Failed(job, error)]

    def entry(self, what: Job | Failed) -> audit.Entry:
        """Run a job of one table; return what is to be told of it."""
        job = what if isinstance(what, Job) else what.job
        with about(job.source_name):
            begin, started = time.perf_counter(), dt.datetime.now(dt.UTC)
            attempts, outcome = self._tried(what) if isinstance(what, Job) else (1, what.error)
            return self._ended(job, started, time.perf_counter() - begin, attempts, outcome)

    def _tried(self, job: Job) -> tuple[int, Loaded | Exception]:
        attempt = 1
        while True:
            logger.info("job %s: attempt %d", job.name, attempt)
            outcome = self._attempt(job)
            if not isinstance(outcome, Exception) or attempt > job.retries or not _may_pass(outcome):
                return attempt, outcome
            wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (attempt - 1)) * random.uniform(0.5, 1)
            logger.warning("job %s: %s; tried again in %.1f s", job.name, outcome, wait)
            self.reporter.step(job.name, f"wait {wait:.0f} s, then try again")
            time.sleep(wait)
            attempt += 1

    def _attempt(self, job: Job) -> Loaded | Exception:
        from databricks.sdk.errors.base import DatabricksError
        from databricks.sql.exc import Error

        destination = self.destination(job)
        try:
            with self.sources.lent(job) as source:
                return destination.load(job, source, self.reporter, self.backfill)
        except (LakesteadError, DatabricksError, Error, OSError) as error:
            return error

    def _ended(
        self, job: Job, started: dt.datetime, seconds: float, attempts: int, outcome: Loaded | Exception
    ) -> audit.Entry:
        destination = self.destination(job)
        error = None
        if isinstance(outcome, Exception):
            error = self.redact(f"{type(outcome).__name__}: {outcome}")
            logger.error("job %s failed: %s", job.name, error)
            logger.debug("job %s failed here", job.name, exc_info=outcome)
            outcome = Loaded(destination.target_name(job), job.strategy or "")
        entry = _entry(job, self.run_id, started, seconds, attempts, outcome, error)
        logger.info(
            "job %s: %s, %d rows read, %d inserted, %d updated, %d deleted, %d rejected, %.2f s",
            job.name, entry.status, entry.rows_read, entry.rows_inserted, entry.rows_updated,
            entry.rows_deleted, entry.rows_rejected, seconds,
        )  # fmt: skip
        audit.to_file(entry, self.folder)
        destination.note(job, entry)
        self.reporter.ended(entry)
        return entry


def expanded(job: Job, source: Source) -> list[Job]:
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
