"""`lakestead ingest check`: every mistake before anything runs."""

from __future__ import annotations

from pathlib import Path

import typer

from lakestead.cli.exits import Exit
from lakestead.cli.ingest.project import found_jobs
from lakestead.cli.output import give, give_json
from lakestead.ingest import ConfigLoader


def check(config: Path | None, secrets: Path | None, *, as_json: bool) -> None:
    """Print what is found; end with `Exit.USAGE` if something is wrong.

    Args:
        config: the jobs' file, if not the usual.
        secrets: the secrets' file, if not the usual.
        as_json: print `jobs`, `mistakes` and `warnings` as JSON.
    """
    with found_jobs(config, secrets) as loader:
        findings = loader.check()
    mistakes = [finding for finding in findings if finding.fatal]
    warnings = [finding for finding in findings if not finding.fatal]
    if as_json:
        shown = {
            kind: [{"place": one.place, "text": one.text} for one in found]
            for kind, found in (("mistakes", mistakes), ("warnings", warnings))
        }
        give_json({"ok": not mistakes, **shown})
    else:
        for finding in mistakes:
            give(str(finding))
        for finding in warnings:
            give(f"{finding.place}: warning: {finding.text}")
        give(_summary(loader, len(mistakes)))
    if mistakes:
        raise typer.Exit(Exit.USAGE)


def _summary(loader: ConfigLoader, mistakes: int) -> str:
    if mistakes:
        return f"{mistakes} {'mistake' if mistakes == 1 else 'mistakes'}; nothing can run before"
    enabled = sum(job.enabled for job in loader.load_jobs())
    return f"{loader.config_path}: {enabled} of {len(loader.load_jobs())} jobs are enabled; no mistakes"
