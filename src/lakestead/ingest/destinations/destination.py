"""What every destination can do."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Protocol

from lakestead.client.volumes import folder_name
from lakestead.core.errors import LakesteadError
from lakestead.ingest.audit import Entry
from lakestead.ingest.jobs import Job
from lakestead.ingest.loading.loader import Counts
from lakestead.ingest.loading.windows import Backfill
from lakestead.ingest.sources.source import Cursor, Source


class Busy(LakesteadError):
    """Another run of the same job has claimed a load meanwhile; nothing of this one was loaded."""


class Reporter(Protocol):
    """Is told how a job gets on; may be called by several threads."""

    def step(self, job: str, what: str) -> None:
        """Begin a step."""
        ...

    def advanced(self, job: str, rows: int, size: int) -> None:
        """Note that rows, and bytes of files, were staged."""
        ...

    def ended(self, entry: Entry) -> None:
        """Note what became of a job."""
        ...


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a run of a job did.

    Attributes:
        target: what was written, by its full name or URL.
        strategy: what happened to the target's rows.
        read: rows that came from the source.
        size: bytes of the staged files.
        files: number of staged files.
        counts: what the target gained and lost.
        before: how far the job had come.
        after: how far it has come now.
        resumed: whether a load that an earlier run had left unfinished was finished first.
        source_rows: how many rows the source counted after the extraction; None if it was not asked.
    """

    target: str
    strategy: str
    read: int = 0
    size: int = 0
    files: int = 0
    counts: Counts = field(default_factory=Counts)
    before: Cursor | None = None
    after: Cursor | None = None
    resumed: bool = False
    source_rows: int | None = None


class Destination(Protocol):
    """A place that jobs load rows into. Many threads may use it."""

    def get_destination_type(self) -> str:
        """Return what `[destination] type` of the secrets says."""
        ...

    def check(self) -> None:
        """Find out whether it can be written.

        Raises:
            LakesteadError, DatabricksError, databricks.sql.Error: why it cannot.
        """
        ...

    def validate_connection(self) -> bool:
        """Return whether it can be written; the log says why it cannot."""
        ...

    def get_metadata(self) -> dict[str, Any]:
        """Return what is known of it, without secrets."""
        ...

    def target_name(self, job: Job) -> str:
        """Return what a job writes, by its full name or URL."""
        ...

    def strategy(self, job: Job, keys: tuple[str, ...]) -> str:
        """Return what a job does with the rows that are there.

        Args:
            job: the job.
            keys: the columns that identify a row, the job's or its source's.

        Raises:
            ConfigError: when the destination cannot do it.
        """
        ...

    def cursor(self, job: Job) -> Cursor | None:
        """Return how far a job has come."""
        ...

    def load(self, job: Job, source: Source, reporter: Reporter, backfill: Backfill | None = None) -> Loaded:
        """Extract a job's rows and load them; first finish what an earlier run has left.

        Raises:
            LakesteadError, DatabricksError, databricks.sql.Error: why it cannot; no row is lost or doubled.
        """
        ...

    def note(self, job: Job, entry: Entry) -> None:
        """Keep an audit entry beside the target, as far as the destination has a place for it."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


def new_load_id() -> tuple[str, dt.datetime]:
    """Return a name for a load, which sorts by time, and that time."""
    now = dt.datetime.now(dt.UTC)
    return folder_name(now), now
