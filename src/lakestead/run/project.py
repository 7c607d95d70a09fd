"""What `lakestead.yaml` may say: a lakehouse project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, field_validator, model_validator

from lakestead.core.config import Declaration, load_yaml
from lakestead.core.errors import ConfigError
from lakestead.core.names import InvalidName, canonical

FILE_NAME = "lakestead.yaml"


def _name(text: object) -> object:
    try:
        return canonical(text) if isinstance(text, str) else text
    except InvalidName as error:
        raise ValueError(str(error)) from error


def _text(value: object) -> object:
    """Options are texts to SQL; YAML's `true` and `1` are written as one means them."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


Name = Annotated[str, BeforeValidator(_name)]
OptionText = Annotated[str, BeforeValidator(_text)]


class WorkspaceChoice(Declaration):
    """Where the project runs: the embedded workspace (the default), the environment's, or a profile's.

    Args:
        folder: where the embedded workspace is kept, relative to the project.
        environment: use the workspace that the DATABRICKS_* environment names.
        profile: a section of `~/.databrickscfg`.
        warehouse_id: the SQL warehouse, where the profile or environment names none.
    """

    folder: Path = Path(".lakestead")
    environment: bool = False
    profile: str | None = None
    warehouse_id: str | None = None

    @classmethod
    def parse(cls, text: str) -> WorkspaceChoice:
        """Return the choice that one word makes: `embedded`, `environment`, or a profile's name."""
        if text == "embedded":
            return cls()
        return cls(environment=True) if text == "environment" else cls(profile=text)

    @model_validator(mode="before")
    @classmethod
    def _from_word(cls, value: Any) -> Any:
        if value in ("embedded", "environment"):
            return {"environment": value == "environment"}
        if isinstance(value, str):
            raise ValueError("must be 'embedded', 'environment', or a mapping with 'profile'")
        return value

    @property
    def embedded(self) -> bool:
        """Whether the project runs in a workspace of its own."""
        return not self.environment and self.profile is None


class Prepare(Declaration):
    """A Python script that makes the files to stage; run when one is missing or older than the script."""

    run: Path
    makes: tuple[Path, ...] = Field(min_length=1)


class Column(Declaration):
    """One column. `name: int` is short for `name: {type: int}`."""

    type: str
    comment: str | None = None
    required: bool = False
    tags: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _from_type(cls, value: Any) -> Any:
        return {"type": value} if isinstance(value, str) else value


class ForeignKey(Declaration):
    """Columns that point to the primary key of another table of the project."""

    columns: tuple[Name, ...] = Field(min_length=1)
    references: Name


class Table(Declaration):
    """A table and the staged files that fill it.

    Args:
        files: a glob pattern over the volume's files, relative to the volume. Each file is loaded once.
        format: the files' format.
        options: format options of COPY INTO, such as `header`.
    """

    comment: str | None = None
    columns: dict[Name, Column] = Field(min_length=1)
    primary_key: tuple[Name, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    tags: dict[str, str] = Field(default_factory=dict)
    files: str | None = None
    format: Literal["csv", "json", "parquet"] | None = None
    options: dict[str, OptionText] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> Table:
        if (self.files is None) != (self.format is None):
            raise ValueError("'files' and 'format' go together")
        used = [*self.primary_key, *(column for key in self.foreign_keys for column in key.columns)]
        for column in used:
            if column not in self.columns:
                raise ValueError(f"a key names the column '{column}', which the table does not have")
        return self

    def required(self, column: str) -> bool:
        """Return whether a column is NOT NULL: declared so, or part of the primary key."""
        return self.columns[column].required or column in self.primary_key


class Owner(Declaration):
    """Who a project's statements are accounted to, in the tags of query history."""

    team: str | None = None
    project: str | None = None
    environment: str | None = None
    cost_center: str | None = None


class Program(Declaration):
    """A Python program of the project's that makes tables in its schema, e.g. a model's predictions.

    Args:
        run: relative to the project.
        makes: the tables that are there when it ends well.
    """

    run: Path
    makes: tuple[Name, ...] = Field(min_length=1)


class Project(Declaration):
    """A lakehouse project: one schema, tables, what fills them, and statements that derive others.

    Args:
        stage: a local folder whose files go to the volume under the same names.
        services: Python scripts that serve what is ingested, while the project runs.
        ingest: jobs of ingestion, or the file that has them. Of what is wrong with them, `Ingestion` tells.
        statements: SQL files, run in this order.
        programs: what makes tables in Python, run after the statements, in this order.
        profiling: the file that says how tables are monitored and checked; a run brings that about.
        attribution: who its statements are accounted to.
        governance: the file of policies and the like; a run then ends with what they say of it.
    """

    name: str
    workspace: WorkspaceChoice = WorkspaceChoice()
    catalog: Name = "main"
    schema_: Name = Field(alias="schema")
    comment: str | None = None
    volume: Name = "landing"
    prepare: Prepare | None = None
    stage: Path | None = None
    services: tuple[Path, ...] = ()
    ingest: Path | dict[str, Any] | None = None
    tables: dict[Name, Table] = Field(default_factory=dict)
    statements: tuple[Path, ...] = ()
    programs: tuple[Program, ...] = ()
    profiling: Path | None = None
    attribution: Owner = Owner()
    governance: Path | None = None
    _file: Path = PrivateAttr(Path(FILE_NAME))

    @property
    def file(self) -> Path:
        """Where it is declared."""
        return self._file

    @property
    def has_volume(self) -> bool:
        """Whether the volume is named, or used."""
        loads = any(table.files is not None for table in self.tables.values())
        return loads or self.stage is not None or "volume" in self.model_fields_set

    @field_validator("tables")
    @classmethod
    def _keys_resolve(cls, tables: dict[str, Table]) -> dict[str, Table]:
        for name, table in tables.items():
            for key in table.foreign_keys:
                parent = tables.get(key.references)
                if parent is None or len(parent.primary_key) != len(key.columns):
                    wanted = f"a primary key of {len(key.columns)} column(s)"
                    raise ValueError(
                        f"{name}: a foreign key refers to '{key.references}', no table here with {wanted}"
                    )
        return tables

    @model_validator(mode="after")
    def _services_are_used(self) -> Project:
        if self.services and self.ingest is None:
            raise ValueError("'services' are for 'ingest', which is missing")
        return self

    def creation_order(self) -> list[str]:
        """Return the tables' names, those that foreign keys refer to first.

        Raises:
            ConfigError: when tables refer to each other in a circle.
        """
        ordered: list[str] = []
        waiting = dict(self.tables)
        while waiting:
            ready = [
                name
                for name, table in waiting.items()
                if all(key.references in ordered or key.references == name for key in table.foreign_keys)
            ]
            if not ready:
                raise ConfigError(f"the foreign keys of {', '.join(waiting)} go round in a circle")
            ordered.extend(ready)
            for name in ready:
                del waiting[name]
        return ordered


def load_project(folder: Path) -> Project:
    """Read a project.

    Args:
        folder: the project's folder, or its `lakestead.yaml`.

    Raises:
        ConfigError: when there is none or it is wrong; says where.
    """
    path = folder if folder.suffix in (".yaml", ".yml") else folder / FILE_NAME
    if not path.is_file():
        raise ConfigError(f"there is no {FILE_NAME} here", where=str(folder))
    project = load_yaml(path, Project)
    project._file = path
    return project
