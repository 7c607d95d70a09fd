"""Making the files to stage, as make does: when one is missing or older than the script that makes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lakestead.core.errors import SourceError
from lakestead.run.lakehouse import Lakehouse
from lakestead.run.project import Prepare, Project
from lakestead.run.scripts import run_script


@dataclass(frozen=True)
class Preparation:
    """A script of the project's, run in its folder by the Python that runs lakestead."""

    prepare: Prepare
    folder: Path

    @property
    def title(self) -> str:
        """What it does."""
        return f"prepare files: {self.prepare.run}"

    def apply(self, lakehouse: Lakehouse) -> None:
        self.make()

    def make(self) -> None:
        """Run the script.

        Raises:
            SourceError: when it fails, or does not make what it should.
        """
        run_script(self.prepare.run, self.folder)
        missing = [str(path) for path in self.prepare.makes if not (self.folder / path).exists()]
        if missing:
            raise SourceError(f"{self.prepare.run} ended well but did not make {', '.join(missing)}")
        for path in self.prepare.makes:
            # A copy may keep the time of its original, older than the script; it is up to date all the same.
            (self.folder / path).touch()


def plan_preparation(project: Project, folder: Path) -> list[Preparation]:
    """Return the script's run, if one is due."""
    prepare = project.prepare
    if prepare is None:
        return []
    script = folder / prepare.run
    if not script.is_file():
        raise SourceError(f"the project's script {script} does not exist")
    changed = script.stat().st_mtime
    outputs = [folder / path for path in prepare.makes]
    if all(output.exists() and output.stat().st_mtime >= changed for output in outputs):
        return []
    return [Preparation(prepare, folder)]
