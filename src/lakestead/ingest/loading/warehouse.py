"""Statements on a SQL warehouse, as loading runs them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lakestead.client import Profile
from lakestead.core.names import quote_name
from lakestead.records import DatabricksConnector
from lakestead.records.retries import Statement

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient


@dataclass(frozen=True, slots=True)
class Table:
    """A table by its full name."""

    catalog: str
    schema: str
    name: str

    @property
    def full_name(self) -> str:
        """Its name as people and the SDK write it."""
        return f"{self.catalog}.{self.schema}.{self.name}"

    @property
    def sql(self) -> str:
        """Its name in a statement."""
        return quote_name(self.catalog, self.schema, self.name)

    def beside(self, name: str) -> Table:
        """Return another table of the same schema."""
        return Table(self.catalog, self.schema, name)


class Warehouse:
    """A workspace's SQL warehouse and its SDK. Many threads may use it.

    Every statement of a load has no effect when it is repeated: each is tried again when it lost against
    another writer, or when nobody knows what became of it.

    Args:
        profile: the workspace.
        sessions: the most that are open at once.
    """

    def __init__(self, profile: Profile, sessions: int = 8) -> None:
        self.profile = profile
        self._connector = DatabricksConnector(
            profile=profile, pool_size=sessions, query_tags={"lakestead": "ingest"}
        )

    @cached_property
    def client(self) -> WorkspaceClient:
        """The SDK's client."""
        return self.profile.workspace_client()

    def check(self) -> None:
        """Open a session.

        Raises:
            ConfigError, databricks.sql.Error: when that cannot be.
        """
        self._connector.connect()

    def rows(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        """Run a statement and return its rows (few: this is no way to move data).

        Args:
            statement: may have parameters, `:name`.
            parameters: their values.

        Raises:
            databricks.sql.Error: when it fails.
        """
        return self._connector.execute(Statement(statement), parameters or None).records()

    def changed(self, statement: str, **parameters: Any) -> dict[str, int]:
        """Run a statement that changes rows and return its counts, by Databricks' names for them."""
        rows = self.rows(statement, **parameters)
        counts = rows[0] if rows else {}
        return {name: value for name, value in counts.items() if isinstance(value, int)}

    def cancel(self) -> None:
        """Cancel all statements that run."""
        self._connector.cancel()

    def close(self) -> None:
        """End all sessions."""
        self._connector.close()
