"""A run: prepare, plan, apply, summarize."""

from __future__ import annotations

import time
from pathlib import Path

from lakestead.client import Profile
from lakestead.run.actual import Actual, look, plan_places
from lakestead.run.changes import Change, Reporter, apply
from lakestead.run.lakehouse import Lakehouse, open_lakehouse
from lakestead.run.loading import Load, plan_loading
from lakestead.run.preparation import plan_preparation
from lakestead.run.project import Project
from lakestead.run.staging import local_files, plan_staging
from lakestead.run.statements import Statement, plan_statements, read_statements
from lakestead.run.summary import Summary, summarize
from lakestead.run.tables import plan_tables


def run(project: Project, folder: Path, profile: Profile, reporter: Reporter) -> Summary:
    """Make a workspace agree with a project.

    Args:
        project: what is declared.
        folder: where the project's files are.
        profile: the workspace.
        reporter: is told of each step.

    Raises:
        LakesteadError: when the project cannot be run as it is declared.
        databricks.sql.Error: when the warehouse refuses a statement.
        databricks.sdk.errors.DatabricksError: when the workspace refuses something else.
    """
    begin = time.perf_counter()
    statements = _statements(project, folder)
    with open_lakehouse(profile, project.catalog, project.schema_, project.volume) as lakehouse:
        steps = apply(plan_preparation(project, folder), lakehouse, reporter)
        steps += apply(plan(project, folder, statements, lakehouse), lakehouse, reporter)
        reporter.started("summarize")
        derived = [statement.target for statement in statements if statement.kind == "table"]
        tables = summarize(lakehouse, list(dict.fromkeys([*project.tables, *derived])))
    return Summary(project.name, profile.url, tuple(steps), tables, time.perf_counter() - begin)


def preview(project: Project, folder: Path, profile: Profile, reporter: Reporter) -> list[Change]:
    """Return what a run would change; only the project's own files are prepared. Raises what `run` does."""
    statements = _statements(project, folder)
    with open_lakehouse(profile, project.catalog, project.schema_, project.volume) as lakehouse:
        apply(plan_preparation(project, folder), lakehouse, reporter)
        return plan(project, folder, statements, lakehouse)


def plan(project: Project, folder: Path, statements: list[Statement], lakehouse: Lakehouse) -> list[Change]:
    """Return the changes that make the workspace agree with the project; none if it does."""
    actual = look(lakehouse, [*project.tables, *(statement.target for statement in statements)])
    structure: list[Change] = [
        *plan_places(project, actual.missing),
        *plan_tables(project, lakehouse, actual.tables),
    ]
    loads = _plan_files(project, folder, actual)
    # A change of a table's structure may be a new version of it too: then all that reads tables is due.
    changing = set(project.tables) if structure else {load.name for load in loads if isinstance(load, Load)}
    derivations = plan_statements(statements, lakehouse, actual.tables, list(project.tables), changing)
    return [*structure, *loads, *derivations]


def _plan_files(project: Project, folder: Path, actual: Actual) -> list[Change]:
    staging: list[Change] = []
    names = set(actual.files)
    if project.stage is not None:
        source = folder / project.stage
        staging += plan_staging(source, actual.files, actual.record, actual.table_ids)
        names |= set(local_files(source))
    return [*staging, *plan_loading(project, names, actual.record, actual.tables)]


def _statements(project: Project, folder: Path) -> list[Statement]:
    return read_statements([folder / path for path in project.statements])
