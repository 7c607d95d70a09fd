"""A project's jobs of ingestion: as declared, as a plan, and run as steps."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from lakestead.client import Profile
from lakestead.core.datatypes import DataType, parse_type
from lakestead.core.errors import LakesteadError
from lakestead.ingest import ConfigLoader, Entry, IngestionOrchestrator, Job
from lakestead.ingest.config import SECRETS_PATH
from lakestead.ingest.naming import table_name
from lakestead.run.changes import Reporter, Step
from lakestead.run.project import Project
from lakestead.run.services import serving


class JobsFailed(LakesteadError):
    """Some jobs failed; the others ran."""


class ProjectJobs(ConfigLoader):
    """The jobs that a project declares, with its secrets.

    Where a job does not say it, its target is in the project's schema, and a column of a table that the
    project declares is read in its declared type.

    Args:
        project: has `ingest`.
        folder: the project's.
        environment: variables, those of its services among them.
    """

    def __init__(self, project: Project, folder: Path, environment: Mapping[str, str]) -> None:
        file = folder / project.ingest if isinstance(project.ingest, Path) else None
        super().__init__(
            file or project.file, folder / SECRETS_PATH, environment, key=None if file else "ingest"
        )
        self._project = project

    def load_jobs(self) -> list[Job]:
        """Return all jobs, as `ConfigLoader.load_jobs` does, placed into the project."""
        return [self._placed(job) for job in super().load_jobs()]

    def _placed(self, job: Job) -> Job:
        project = self._project
        catalog, schema = job.target_catalog or project.catalog, job.target_schema or project.schema_
        types = job.types
        if (catalog, schema) == (project.catalog, project.schema_) and not job.is_pattern:
            types = {**self._declared(job), **job.types}
        return job.model_copy(update={"target_catalog": catalog, "target_schema": schema, "types": types})

    def _declared(self, job: Job) -> dict[str, DataType]:
        table = self._project.tables.get(table_name(job.target_name))
        read = {name.lower() for name in job.columns}
        given = {name.lower() for name in job.types}
        return {
            name: parse_type(column.type)
            for name, column in (table.columns if table else {}).items()
            if name not in given and (not read or name in read)
        }


@contextmanager
def open_jobs(project: Project, folder: Path, reporter: Reporter) -> Iterator[ProjectJobs]:
    """Run a project's services, and yield its jobs, which know where they are.

    Args:
        project: has `ingest`.
        folder: the project's.
        reporter: is told of services that start.

    Raises:
        LakesteadError: when a service cannot be had.
    """
    with serving(project.services, folder, reporter) as variables:
        yield ProjectJobs(project, folder, {**os.environ, **variables})


@contextmanager
def open_orchestrator(
    project: Project, folder: Path, profile: Profile, reporter: Reporter
) -> Iterator[IngestionOrchestrator]:
    """Do as `open_jobs`, and yield what runs the jobs.

    Args:
        project: has `ingest`.
        folder: the project's; gets `logs/` and `metadata/`.
        profile: the workspace.
        reporter: is told of services that start.
    """
    with open_jobs(project, folder, reporter) as jobs:
        orchestrator = IngestionOrchestrator(folder=folder, profile=profile, loader=jobs)
        with closing(orchestrator):
            yield orchestrator


def ingest(
    project: Project, folder: Path, profile: Profile, reporter: Reporter
) -> tuple[list[Step], list[str]]:
    """Run a project's jobs, if it has any.

    Returns:
        a step for each job that changed its target, and the full names of all targets.

    Raises:
        JobsFailed: when a job failed; the others have run.
        LakesteadError, DatabricksError, databricks.sql.Error: when nothing could run.
    """
    if project.ingest is None:
        return [], []
    told = _Told(reporter)
    with open_orchestrator(project, folder, profile, reporter) as orchestrator:
        report = orchestrator.run(reporter=told)
    if report.failed:
        raise JobsFailed("\n".join(f"{entry.job}: {entry.error}" for entry in report.failed))
    return told.steps, [entry.target for entry in report.entries]


def plan_jobs(
    project: Project, folder: Path, profile: Profile, reporter: Reporter
) -> tuple[list[str], list[str]]:
    """Return what a project's jobs would do, and the full names of their targets.

    Whether a source has something new is only known when a job runs.

    Raises:
        LakesteadError, DatabricksError, databricks.sql.Error: when a source cannot be asked.
    """
    if project.ingest is None:
        return [], []
    with open_orchestrator(project, folder, profile, reporter) as orchestrator:
        reporter.started("ask the sources")
        planned = orchestrator.plan()
    titles = [f"{_title(one.target, one.job)}: {one.strategy}, {one.reads}" for one in planned]
    return titles, [one.target for one in planned]


def tables_of(project: Project, targets: Iterable[str]) -> list[str]:
    """Return the project's tables, and those targets that are tables of its schema too."""
    prefix = f"{project.catalog}.{project.schema_}."
    own = [target.removeprefix(prefix) for target in targets if target.startswith(prefix)]
    return list(dict.fromkeys([*project.tables, *own]))


class _Told:
    """Tells a run's reporter of the jobs (a `lakestead.ingest.Reporter`)."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self.steps: list[Step] = []

    def step(self, job: str, what: str) -> None:
        self._reporter.started(f"{job}: {what}")

    def advanced(self, job: str, rows: int, size: int) -> None:
        self._reporter.started(f"{job}: extract, {rows:,} more rows")

    def ended(self, entry: Entry) -> None:
        title = _title(entry.target, entry)
        if entry.status == "failed":
            self._reporter.failed(title)
        elif entry.status == "loaded":
            rows = entry.rows_inserted + entry.rows_updated + entry.rows_deleted
            self.steps.append(Step(title, rows, entry.seconds))
            self._reporter.finished(self.steps[-1])


def _title(target: str, job: Job | Entry) -> str:
    return f"ingest {target.rpartition('.')[2]} from {job.source_type} {job.source_name}"
