"""A run: prepare, make the tables, fill them, derive others, summarize."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from lakestead.client import Profile
from lakestead.core.attribution import attribution
from lakestead.run.actual import Actual, look, plan_places
from lakestead.run.changes import Change, Reporter, Step, apply
from lakestead.run.governing import govern
from lakestead.run.ingestion import ProjectJobs, ingest, plan_jobs, tables_of
from lakestead.run.lakehouse import Lakehouse, open_lakehouse
from lakestead.run.loading import Load, plan_loading
from lakestead.run.monitoring import monitor
from lakestead.run.preparation import plan_preparation
from lakestead.run.programs import plan_programs
from lakestead.run.project import Project
from lakestead.run.staging import local_files, plan_staging
from lakestead.run.statements import Statement, plan_statements, read_statements
from lakestead.run.summary import Summary, TableSummary, summarize
from lakestead.run.tables import plan_tables


def run(
    project: Project, folder: Path, profile: Profile, reporter: Reporter, *, own: bool = False
) -> Summary:
    """Make a workspace agree with a project.

    Args:
        project: what is declared.
        folder: where the project's files are.
        profile: the workspace.
        reporter: is told of each step.
        own: the workspace is this run's alone; see `govern`.

    Raises:
        LakesteadError: when the project cannot be run as it is declared.
        databricks.sql.Error: when the warehouse refuses a statement.
        databricks.sdk.errors.DatabricksError: when the workspace refuses something else.
    """
    begin = time.perf_counter()
    with attribution(**project.attribution.model_dump(exclude_none=True)):
        steps, tables = _run(project, folder, profile, reporter)
        monitoring, monitored = monitor(project, folder, profile, reporter)
        steps += monitoring
        if project.governance is not None:
            reporter.started("look at what governance says")
        governed = govern(project, folder, profile, own=own)
    seconds = time.perf_counter() - begin
    return Summary(project.name, profile.url, tuple(steps), tables, seconds, governed, monitored)


def _run(
    project: Project, folder: Path, profile: Profile, reporter: Reporter
) -> tuple[list[Step], tuple[TableSummary, ...]]:
    statements = _read(project, folder)
    with open_lakehouse(profile, project.catalog, project.schema_, project.volume) as lakehouse:
        steps = apply(plan_preparation(project, folder), lakehouse, reporter)
        actual = _look(project, statements, lakehouse)
        structure, loads = _plan_structure(project, lakehouse, actual), _plan_files(project, folder, actual)
        steps += apply([*structure, *loads], lakehouse, reporter)
        ingested, targets = ingest(project, folder, profile, reporter)
        steps += ingested
        filled = _there(tables_of(project, targets), lakehouse)
        targets_now = {statement.target: lakehouse.table(statement.target) for statement in statements}
        steps += apply(
            plan_statements(statements, lakehouse, targets_now, filled, set()), lakehouse, reporter
        )
        derived = [statement.target for statement in statements if statement.kind == "table"]
        there = list(dict.fromkeys([*filled, *derived]))
        steps += apply(plan_programs(project, folder, profile, lakehouse, there, set()), lakehouse, reporter)
        reporter.started("summarize")
        made = [name for program in project.programs for name in program.makes]
        return steps, summarize(lakehouse, list(dict.fromkeys([*there, *made])))


def preview(project: Project, folder: Path, profile: Profile, reporter: Reporter) -> list[str]:
    """Return the titles of what a run would change; only the project's own files are prepared.

    Jobs of ingestion are among them, though they change nothing if their sources have nothing new; what would
    be derived again only if they have is not.

    Raises:
        LakesteadError, DatabricksError, databricks.sql.Error: as `run`.
    """
    statements = _read(project, folder)
    with open_lakehouse(profile, project.catalog, project.schema_, project.volume) as lakehouse:
        apply(plan_preparation(project, folder), lakehouse, reporter)
        actual = _look(project, statements, lakehouse)
        structure, loads = _plan_structure(project, lakehouse, actual), _plan_files(project, folder, actual)
        jobs, targets = plan_jobs(project, folder, profile, reporter)
        # A change of a table's structure may be a new version of it too: then all that reads tables is due.
        changing = {load.name for load in loads if isinstance(load, Load)}
        filled = _there(tables_of(project, targets), lakehouse)
        changing = set(filled) if structure else changing
        derivations = plan_statements(statements, lakehouse, actual.tables, filled, changing)
        derived = [statement.target for statement in statements if statement.kind == "table"]
        changing |= {change.statement.target for change in derivations}
        programs = plan_programs(project, folder, profile, lakehouse, [*filled, *derived], changing)
    later = [change.title for change in (*derivations, *programs)]
    return [*(one.title for one in (*structure, *loads)), *jobs, *later]


def build(project: Project, folder: Path, profile: Profile, reporter: Reporter) -> list[Step]:
    """Prepare a project's files and make its tables, as `run` does; fill and derive none.

    Raises:
        LakesteadError, DatabricksError, databricks.sql.Error: as `run`.
    """
    with open_lakehouse(profile, project.catalog, project.schema_, project.volume) as lakehouse:
        steps = apply(plan_preparation(project, folder), lakehouse, reporter)
        structure = _plan_structure(project, lakehouse, _look(project, [], lakehouse))
        return steps + apply(structure, lakehouse, reporter)


def _read(project: Project, folder: Path) -> list[Statement]:
    """Read what else the project declares, so that a mistake in it is known before anything is changed."""
    if project.ingest is not None:
        ProjectJobs(project, folder, {}).load_jobs()
    return read_statements([folder / path for path in project.statements])


def _look(project: Project, statements: Iterable[Statement], lakehouse: Lakehouse) -> Actual:
    return look(lakehouse, [*project.tables, *(statement.target for statement in statements)])


def _there(tables: Iterable[str], lakehouse: Lakehouse) -> list[str]:
    return [name for name in tables if lakehouse.table(name) is not None]


def _plan_structure(project: Project, lakehouse: Lakehouse, actual: Actual) -> list[Change]:
    return [*plan_places(project, actual.missing), *plan_tables(project, lakehouse, actual.tables)]


def _plan_files(project: Project, folder: Path, actual: Actual) -> list[Change]:
    staging: list[Change] = []
    names = set(actual.files)
    if project.stage is not None:
        source = folder / project.stage
        staging += plan_staging(source, actual.files, actual.record, actual.table_ids)
        names |= set(local_files(source))
    return [*staging, *plan_loading(project, names, actual.record, actual.tables)]
