"""Which jobs `lakestead ingest` means: those of the project that it runs in, if that has some."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from rich.console import Console

from lakestead.cli.progress import Progress
from lakestead.cli.run import open_workspace
from lakestead.ingest import ConfigLoader, IngestionOrchestrator
from lakestead.run import Project, load_project
from lakestead.run.ingestion import open_jobs, open_orchestrator
from lakestead.run.preparation import plan_preparation
from lakestead.run.project import FILE_NAME
from lakestead.run.runner import build

HERE = Path()


@contextmanager
def found_jobs(config: Path | None, secrets: Path | None) -> Iterator[ConfigLoader]:
    """Yield the jobs and secrets that are meant; a project's services run meanwhile.

    Args:
        config: the jobs' file, if not the usual.
        secrets: the secrets' file, if not the usual.
    """
    project = _project(config, secrets)
    if project is None:
        yield ConfigLoader(config, secrets)
        return
    with _progress() as progress:
        for preparation in plan_preparation(project, HERE):
            progress.started(preparation.title)
            preparation.make()
        with open_jobs(project, HERE, progress) as jobs:
            progress.close()
            yield jobs


@contextmanager
def found_orchestrator(
    config: Path | None, secrets: Path | None, *, builds: bool
) -> Iterator[IngestionOrchestrator]:
    """Yield what runs the jobs that are meant; a project's services and workspace run meanwhile.

    Args:
        config: the jobs' file, if not the usual.
        secrets: the secrets' file, if not the usual.
        builds: whether a project's tables are made first, as `lakestead run` does.
    """
    project = _project(config, secrets)
    if project is None:
        with closing(IngestionOrchestrator(config, secrets)) as orchestrator:
            yield orchestrator
        return
    with _progress() as progress:
        progress.started("open the workspace")
        with open_workspace(project.workspace, HERE) as profile:
            if builds:
                build(project, HERE, profile, progress)
            with open_orchestrator(project, HERE, profile, progress) as orchestrator:
                progress.close()
                yield orchestrator


def _project(config: Path | None, secrets: Path | None) -> Project | None:
    if config is not None or secrets is not None or not Path(FILE_NAME).is_file():
        return None
    project = load_project(HERE)
    return project if project.ingest is not None else None


def _progress() -> Progress:
    return Progress(Console(stderr=True, highlight=False))
