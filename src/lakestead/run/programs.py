"""Tables that Python makes: a project's own programs, run when they or what they may read have changed.

A program is run in the project's folder by the Python that runs lakestead, in an environment in which every
Databricks client finds the project's workspace; LAKESTEAD_CATALOG and LAKESTEAD_SCHEMA say where its tables
are. As with statements, a fingerprint is kept as a property of the tables that it makes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lakestead.client import Profile
from lakestead.core.errors import ConfigError, SourceError
from lakestead.core.names import quote_string
from lakestead.run.changes import Change
from lakestead.run.lakehouse import Lakehouse
from lakestead.run.project import Program, Project
from lakestead.run.scripts import run_script

if TYPE_CHECKING:
    from databricks.sdk.service.catalog import TableInfo


@dataclass(frozen=True)
class Execution:
    """A program to run.

    Args:
        program: what is declared.
        folder: the project's.
        profile: the workspace that the program finds.
        inputs: the tables of the project's schema that it may read.
    """

    program: Program
    folder: Path
    profile: Profile
    inputs: tuple[str, ...]

    @property
    def title(self) -> str:
        """What it does."""
        return f"run {self.program.run}"

    @property
    def property_name(self) -> str:
        """The property of what it makes that keeps its fingerprint."""
        return f"lakestead.program.{self.program.run.stem}"

    def apply(self, lakehouse: Lakehouse) -> None:
        """Run the program.

        Raises:
            SourceError: when it fails, or does not make what it should; says what it said.
        """
        before = self.fingerprint(lakehouse)
        run_script(self.program.run, self.folder, {**self.profile.environment(), **_place(lakehouse)})
        missing = [name for name in self.program.makes if lakehouse.table(name) is None]
        if missing:
            raise SourceError(f"{self.program.run} ended well but did not make {', '.join(missing)}")
        for name in self.program.makes:
            lakehouse.execute(
                f"ALTER TABLE {lakehouse.quoted(name)}"
                f" SET TBLPROPERTIES ({quote_string(self.property_name)} = {quote_string(before)})"
            )

    def is_current(self, lakehouse: Lakehouse, actual: Mapping[str, TableInfo | None]) -> bool:
        """Return whether all that it makes is there, made by it as it is from what is there."""
        made = [actual[name] for name in self.program.makes]
        kept = {(table.properties or {}).get(self.property_name) if table else None for table in made}
        return None not in kept and kept == {self.fingerprint(lakehouse)}

    def fingerprint(self, lakehouse: Lakehouse) -> str:
        """Return the digest of the program and the versions of what it may read."""
        names = [lakehouse.quoted(table) for table in self.inputs]
        versions = "\n".join(f"{name}@{lakehouse.version(name)}" for name in names)
        return hashlib.sha256((self.folder / self.program.run).read_bytes() + versions.encode()).hexdigest()


def _place(lakehouse: Lakehouse) -> dict[str, str]:
    return {"LAKESTEAD_CATALOG": lakehouse.catalog, "LAKESTEAD_SCHEMA": lakehouse.schema}


def plan_programs(
    project: Project,
    folder: Path,
    profile: Profile,
    lakehouse: Lakehouse,
    tables: Sequence[str],
    changing: set[str],
) -> list[Change]:
    """Return the programs that are due.

    Args:
        project: declares them.
        folder: the project's.
        profile: the workspace that they find.
        lakehouse: the project's place in it.
        tables: those that are there, or will be, before the first of them runs.
        changing: those that this run will change before.

    Raises:
        ConfigError: when there is no such file.
    """
    changes: list[Change] = []
    made: list[str] = []
    due = set(changing)
    for program in project.programs:
        if not (folder / program.run).is_file():
            raise ConfigError(f"the project's program {folder / program.run} does not exist")
        inputs = [name for name in dict.fromkeys([*tables, *made]) if name not in program.makes]
        execution = Execution(program, folder, profile, tuple(inputs))
        actual = {name: lakehouse.table(name) for name in program.makes}
        if due.intersection(inputs) or not execution.is_current(lakehouse, actual):
            changes.append(execution)
            due.update(program.makes)
        made += program.makes
    return changes
