"""A run of many jobs: each source and destination looked at first, then each job by itself."""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lakestead.client import Profile
from lakestead.core.errors import ConfigError
from lakestead.ingest import audit
from lakestead.ingest.config import ConfigLoader
from lakestead.ingest.destinations import DatabricksDestination, Destination, FilesystemDestination, Reporter
from lakestead.ingest.jobs import Job
from lakestead.ingest.loading.windows import Backfill
from lakestead.ingest.logs import about, log_files
from lakestead.ingest.requests import key_columns, looked_at
from lakestead.ingest.running import Run, Sources, expanded
from lakestead.ingest.sources.registry import SOURCES
from lakestead.ingest.sources.source import Source, Window

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

    @property
    def reads(self) -> str:
        """The rows that would be read, in words."""
        if self.window is None:
            return "all rows"
        bounds = [f"≥ {self.window.lower}"] if self.window.lower is not None else []
        bounds += [f"< {self.window.upper}"] if self.window.upper is not None else []
        column = self.window.column
        return f"{column} {' and '.join(bounds)}" if bounds else f"all rows, by {column}"


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

    def ended(self, entry: audit.Entry) -> None:
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
        return self._destination_of(None)

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
                planned += [self._planned(one, source, backfill) for one in expanded(job, source)]
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
        jobs = self.jobs(names)
        with log_files(self._folder / "logs", started, self._loader.secrets.redactor):
            self._check_destinations(jobs)
            run = Run(
                f"{started:%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}",
                Sources(self._source),
                self._destination,
                self._loader.secrets.redact,
                self._folder / "metadata",
                reporter or _Silent(),
                backfill,
            )
            with closing(run.sources):
                tables = [one for job in jobs for one in run.tables(job)]
                with ThreadPoolExecutor(max(1, parallel), thread_name_prefix="ingest") as pool:
                    entries = list(pool.map(run.entry, tables))
        return Report(run.run_id, tuple(entries), time.perf_counter() - begin)

    def close(self) -> None:
        """Let go of the destinations."""
        for destination in self._destinations.values():
            destination.close()
        self._destinations.clear()

    def _planned(self, job: Job, source: Source, backfill: Backfill | None) -> Planned:
        destination = self._destination(job)
        shape, _, rows = looked_at(job, source, destination.cursor(job), backfill)
        keys = key_columns(job, shape) if shape.columns else job.primary_key
        strategy = destination.strategy(job, keys)
        return Planned(job, destination.target_name(job), strategy, keys, rows, shape.rows)

    def _check_destinations(self, jobs: Sequence[Job]) -> None:
        for kind in dict.fromkeys(job.destination_type for job in jobs):
            destination = self._destination_of(kind)
            with about(f"destination_{destination.get_destination_type()}"):
                destination.check()
                logger.info("the destination can be used: %s", destination.get_metadata())

    def _destination(self, job: Job) -> Destination:
        """Return where a job's rows go."""
        return self._destination_of(job.destination_type)

    def _destination_of(self, kind: str | None) -> Destination:
        wanted = kind or str(self.secrets.get("destination", {}).get("type") or "databricks")
        if wanted not in self._destinations:
            if wanted == "databricks":
                self._destinations[wanted] = DatabricksDestination(
                    wanted, self.secrets, profile=self._profile
                )
            elif wanted == "filesystem":
                self._destinations[wanted] = FilesystemDestination(wanted, self.secrets)
            else:
                raise ConfigError(
                    f"[destination] type of the secrets is '{wanted}': it must be databricks or filesystem"
                )
        return self._destinations[wanted]

    def _source(self, job: Job) -> Source:
        """Return a new connection to a job's source.

        Raises:
            ConfigError: when its secrets are wrong.
        """
        settings: dict[str, Any] = dict(self._loader.secrets.source(job.source_name))
        if job.path is not None and self._folder != Path():
            settings.setdefault("bucket_url", str(self._folder))
        made: Source = SOURCES.get(job.source_type)(job.source_name, settings)
        return made
