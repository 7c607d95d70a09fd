"""What a workspace has of a project before a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakestead.core.names import quote_name, quote_string
from lakestead.run.changes import Sql
from lakestead.run.lakehouse import Lakehouse
from lakestead.run.project import Project
from lakestead.run.staging import Record, VolumeFile, volume_files

if TYPE_CHECKING:
    from databricks.sdk.service.catalog import TableInfo


@dataclass(frozen=True)
class Actual:
    """What there is.

    Args:
        missing: the places (catalog, schema, volume) that are not there.
        tables: of the project and its statements; None for those that are not there.
        files: the volume's data files.
        record: what earlier runs staged and loaded.
    """

    missing: frozenset[str]
    tables: dict[str, TableInfo | None]
    files: dict[str, VolumeFile]
    record: Record

    @property
    def table_ids(self) -> dict[str, str]:
        """The names of the tables that are there, by id."""
        return {str(table.table_id): name for name, table in self.tables.items() if table}


def look(lakehouse: Lakehouse, tables: Iterable[str]) -> Actual:
    """Ask the workspace what it has."""
    client, schema = lakehouse.client, f"{lakehouse.catalog}.{lakehouse.schema}"
    missing: set[str] = set()
    for place, get in (
        ("catalog", lambda: client.catalogs.get(lakehouse.catalog)),
        ("schema", lambda: client.schemas.get(schema)),
        ("volume", lambda: client.volumes.read(f"{schema}.{lakehouse.volume}")),
    ):
        if missing or not _exists(get):
            missing.add(place)
    return Actual(
        frozenset(missing),
        {name: None if "schema" in missing else lakehouse.table(name) for name in tables},
        {} if "volume" in missing else volume_files(lakehouse),
        Record() if "volume" in missing else Record.read(lakehouse),
    )


def _exists(get: Callable[[], object]) -> bool:
    from databricks.sdk.errors import NotFound

    try:
        get()
    except NotFound:
        return False
    return True


def plan_places(project: Project, missing: frozenset[str]) -> Iterator[Sql]:
    """Yield what makes the places that are missing."""
    comment = f" COMMENT {quote_string(project.comment)}" if project.comment else ""
    schema = quote_name(project.catalog, project.schema_)
    if "catalog" in missing:
        yield Sql(
            f"create catalog {project.catalog}", f"CREATE CATALOG IF NOT EXISTS {quote_name(project.catalog)}"
        )
    if "schema" in missing:
        yield Sql(f"create schema {project.schema_}", f"CREATE SCHEMA IF NOT EXISTS {schema}{comment}")
    if "volume" in missing and project.has_volume:
        volume = quote_name(project.catalog, project.schema_, project.volume)
        yield Sql(f"create volume {project.volume}", f"CREATE VOLUME IF NOT EXISTS {volume}")
