"""`lakestead run`: a project, made so in a workspace."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from lakestead.cli.failures import explained_refusals
from lakestead.cli.output import give_json
from lakestead.cli.progress import Progress
from lakestead.cli.report import print_plan, print_summary
from lakestead.client import Profile
from lakestead.run import load_project, preview
from lakestead.run import run as run_project
from lakestead.run.project import WorkspaceChoice


def run(project: Path, workspace: str | None, *, plan: bool, as_json: bool) -> None:
    """Run a project.

    Args:
        project: its folder, or its `lakestead.yaml`.
        workspace: `embedded`, `environment` or a profile; None for what the project says.
        plan: only show what would change.
        as_json: print JSON on standard output, and progress on standard error.
    """
    declared = load_project(project)
    folder = project if project.is_dir() else project.parent
    choice = declared.workspace if workspace is None else WorkspaceChoice.parse(workspace)
    console = Console(highlight=False)
    with explained_refusals(), Progress(Console(stderr=as_json, highlight=False)) as progress:
        progress.started("open the workspace")
        with open_workspace(choice, folder) as profile:
            if plan:
                changes = preview(declared, folder, profile, progress)
                progress.close()
                give_json({"changes": changes}) if as_json else print_plan(console, changes)
                return
            summary = run_project(declared, folder, profile, progress, own=choice.embedded)
    if as_json:
        give_json({**dataclasses.asdict(summary), "changed": summary.changed})
    else:
        print_summary(console, summary, folder / choice.folder if choice.embedded else None)


@contextmanager
def open_workspace(choice: WorkspaceChoice, folder: Path) -> Iterator[Profile]:
    """Yield the way in to the chosen workspace; an embedded one is served meanwhile."""
    if not choice.embedded:
        yield Profile(name=choice.profile, warehouse_id=choice.warehouse_id)
        return
    from lakestead.testing import serve

    with serve(folder / choice.folder) as workspace:
        yield workspace.profile
