"""`lakestead ingest plan`: what a run would do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from lakestead.cli.failures import explained_refusals
from lakestead.cli.ingest.project import found_orchestrator
from lakestead.cli.output import give_json
from lakestead.ingest import Backfill, Planned


def plan(
    jobs: Sequence[str],
    start: str | None,
    end: str | None,
    config: Path | None,
    secrets: Path | None,
    *,
    as_json: bool,
) -> None:
    """Print the jobs with what they would read and write.

    Args:
        jobs: their names; all that are enabled if empty.
        start: the first watermark of a backfill.
        end: the first watermark after it.
        config: the jobs' file, if not the usual.
        secrets: the secrets' file, if not the usual.
        as_json: print a list of JSON objects.
    """
    with explained_refusals(), found_orchestrator(config, secrets, builds=False) as orchestrator:
        planned = orchestrator.plan(jobs, backfill(start, end))
    if as_json:
        give_json([_values(one) for one in planned])
    else:
        Console(highlight=False).print(_table(planned))


def backfill(start: str | None, end: str | None) -> Backfill | None:
    """Return the part of the past that two options name; None if neither is given."""
    return Backfill(start, end) if start is not None or end is not None else None


def _table(planned: Sequence[Planned]) -> Table:
    shown = Table(title=f"{len(planned)} {'table' if len(planned) == 1 else 'tables'}")
    for name in ("job", "reads", "strategy", "keys", "writes"):
        shown.add_column(name, overflow="fold")
    shown.add_column("rows", justify="right")
    for one in planned:
        rows = "" if one.rows is None else f"≈ {one.rows:,}"
        shown.add_row(one.job.name, one.reads, one.strategy, ", ".join(one.keys), one.target, rows)
    return shown


def _values(one: Planned) -> dict[str, object]:
    return {
        "job": one.job.name,
        "load_type": one.job.load_type,
        "reads": one.reads,
        "strategy": one.strategy,
        "keys": list(one.keys),
        "target": one.target,
        "rows": one.rows,
    }
