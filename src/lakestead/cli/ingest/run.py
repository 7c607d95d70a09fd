"""`lakestead ingest run`: the jobs, with their progress and what they did."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from lakestead.cli.exits import Exit
from lakestead.cli.failures import explained_refusals
from lakestead.cli.ingest.plan import backfill
from lakestead.cli.ingest.project import found_orchestrator
from lakestead.cli.output import give_json
from lakestead.ingest import Entry, Report

_STYLES = {"loaded": "green", "unchanged": "dim", "failed": "red"}


def run(
    jobs: Sequence[str],
    parallel: int,
    start: str | None,
    end: str | None,
    config: Path | None,
    secrets: Path | None,
    *,
    as_json: bool,
) -> None:
    """Run the jobs and print what they did; end with `Exit.FAILED` if one failed.

    Args:
        jobs: their names; all that are enabled if empty.
        parallel: how many run at a time.
        start: the first watermark of a backfill.
        end: the first watermark after it.
        config: the jobs' file, if not the usual.
        secrets: the secrets' file, if not the usual.
        as_json: print the audit's entries as JSON, and progress on standard error.
    """
    console = Console(stderr=as_json, highlight=False)
    with (
        explained_refusals(),
        found_orchestrator(config, secrets, builds=True) as orchestrator,
        JobProgress(console) as progress,
    ):
        report = orchestrator.run(jobs, parallel=parallel, reporter=progress, backfill=backfill(start, end))
    if as_json:
        entries = [{**one.values, "started_at": one.started_at.isoformat()} for one in report.entries]
        give_json({"run_id": report.run_id, "seconds": round(report.seconds, 3), "jobs": entries})
    else:
        print_report(console, report)
    if report.failed:
        raise typer.Exit(Exit.FAILED)


class JobProgress:
    """Shows each job with its step and its rows (a `lakestead.ingest.Reporter`)."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TextColumn("[dim]{task.fields[step]}"),
            TextColumn("{task.fields[rows]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}
        self._rows: dict[str, int] = {}
        self._lock = Lock()

    def __enter__(self) -> JobProgress:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def step(self, job: str, what: str) -> None:
        """Show the step that begins."""
        self._progress.update(self._task(job), step=what)

    def advanced(self, job: str, rows: int, size: int) -> None:
        """Show how many rows are staged."""
        with self._lock:
            self._rows[job] = self._rows.get(job, 0) + rows
        self._progress.update(self._task(job), rows=f"{self._rows[job]:,} rows")

    def ended(self, entry: Entry) -> None:
        """Show what became of the job."""
        self._progress.update(self._task(entry.job), step=entry.status)

    def _task(self, job: str) -> TaskID:
        with self._lock:
            if job not in self._tasks:
                self._tasks[job] = self._progress.add_task(job, total=None, step="", rows="")
            return self._tasks[job]


def print_report(console: Console, report: Report) -> None:
    """Print one line for each job, and why those that failed did."""
    shown = Table(title=f"run {report.run_id}")
    shown.add_column("job", overflow="fold")
    shown.add_column("status")
    for name in ("read", "new", "changed", "gone", "refused", "seconds"):
        shown.add_column(name, justify="right")
    shown.add_column("watermark", overflow="fold")
    for one in report.entries:
        counts = (one.rows_read, one.rows_inserted, one.rows_updated, one.rows_deleted, one.rows_rejected)
        shown.add_row(
            one.job,
            f"[{_STYLES[one.status]}]{one.status}",
            *(f"{count:,}" for count in counts),
            f"{one.seconds:.2f}",
            one.watermark_after or "",
        )
    console.print(shown)
    for one in report.failed:
        console.print(f"✗ {one.job}: {one.error}", style="red", markup=False, soft_wrap=True)
    console.print(f"{len(report.entries)} jobs, {len(report.failed)} failed, {report.seconds:.1f} s")
