"""The project's place in a workspace, reached through the official clients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from lakestead.client import Profile
from lakestead.core.attribution import owner_tags
from lakestead.core.names import quote_name

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.service.catalog import TableInfo
    from databricks.sql.client import Connection
    from databricks.sql.types import Row


@dataclass(frozen=True)
class Lakehouse:
    """One schema and one volume of a workspace, with an open SQL connection."""

    client: WorkspaceClient
    connection: Connection
    catalog: str
    schema: str
    volume: str

    @property
    def volume_path(self) -> str:
        """The volume's folder, `/Volumes/…`, without a trailing slash."""
        return f"/Volumes/{self.catalog}/{self.schema}/{self.volume}"

    def quoted(self, table: str) -> str:
        """Return a table's full name for SQL."""
        return quote_name(self.catalog, self.schema, table)

    def execute(self, sql: str) -> list[Row]:
        """Run one statement and return its rows (few: this is no way to move data)."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            rows: list[Row] = cursor.fetchall() if cursor.description else []
            return rows

    def row(self, sql: str) -> dict[str, Any]:
        """Run a statement and return its first row, or nothing if it has none."""
        rows = self.execute(sql)
        return rows[0].asDict() if rows else {}

    def use(self) -> None:
        """Make the project's schema the one that unqualified names are in."""
        self.execute(f"USE CATALOG {quote_name(self.catalog)}")
        self.execute(f"USE SCHEMA {quote_name(self.schema)}")

    def table(self, name: str) -> TableInfo | None:
        """Return what Unity Catalog says of a table, or None if there is none."""
        from databricks.sdk.errors import NotFound

        try:
            return self.client.tables.get(f"{self.catalog}.{self.schema}.{name}")
        except NotFound:
            return None

    def version(self, quoted: str) -> str:
        """Return the latest version of a Delta table and its time, given the table's name as SQL writes it.

        The time tells it from a version of a table that had the name before.
        """
        latest = self.row(f"DESCRIBE HISTORY {quoted} LIMIT 1")
        return f"{latest['version']} of {latest['timestamp'].astimezone(UTC).isoformat()}"


@contextmanager
def open_lakehouse(profile: Profile, catalog: str, schema: str, volume: str) -> Iterator[Lakehouse]:
    """Open a project's place in a workspace; nothing need exist there yet."""
    with profile.sql_connection(query_tags=owner_tags()) as connection:
        yield Lakehouse(profile.workspace_client(), connection, catalog, schema, volume)
