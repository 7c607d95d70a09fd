"""A workspace's SQL warehouse, as the toolkit's rooms use it."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from lakestead.client.profile import Profile
from lakestead.core.attribution import owner_tags

if TYPE_CHECKING:
    import pyarrow as pa
    from databricks.sdk import WorkspaceClient

    from lakestead.client.sql.results import Result

_IDLE_SECONDS = 600.0


class Warehouse:
    """Runs statements, and has the SDK's client. Many threads may use it.

    Statements bind their values: `:name` in the text, `name=value` behind it.

    Args:
        profile: the workspace.
        tags: what query history shows beside the statements, and beside whom they are accounted to
            (`lakestead.core.attribution`).
        sessions: the most that are open at once.
        options: further keywords of `databricks.sql.connect`.
    """

    def __init__(
        self,
        profile: Profile,
        tags: Mapping[str, str] | None = None,
        sessions: int = 8,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        from lakestead.client.sql.execution import Settings
        from lakestead.client.sql.pool import Pool

        self.profile = profile
        self._settings = Settings(tags={**owner_tags(), **(tags or {})})
        connect = partial(profile.sql_connection, **(options or {}))
        self._pool = Pool(connect, sessions, _IDLE_SECONDS)
        # Of one that nobody closes, too, the sessions are ended, at the end of the program at the latest.
        weakref.finalize(self, self._pool.close)

    @cached_property
    def client(self) -> WorkspaceClient:
        """The SDK's client."""
        return self.profile.workspace_client()

    def check(self) -> None:
        """Open a session.

        Raises:
            ConfigError, databricks.sql.Error: when that cannot be.
        """
        self._pool.give_back(self._pool.take())

    def execute(self, statement: str, **parameters: Any) -> Result:
        """Run a statement once and return its rows as they come.

        A query is sent again when nobody knows what became of it; a statement that changes something is not.

        Args:
            statement: may have parameters, `:name`.
            parameters: their values.

        Raises:
            databricks.sql.Error: when it fails.
        """
        from lakestead.client.sql.execution import execute

        return execute(self._pool, self._settings, statement, parameters or None)

    def repeat(self, statement: str, **parameters: Any) -> Result:
        """Run a statement that has no effect when it is repeated: it is, when that is needed.

        That is when it lost against another writer, or nobody knows what became of it.

        Raises:
            databricks.sql.Error: when it fails.
        """
        from lakestead.client.sql.retries import Statement

        return self.execute(Statement(statement), **parameters)

    def rows(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        """`repeat` a statement and return its rows (few: this is no way to move data)."""
        return self.repeat(statement, **parameters).records()

    def arrow(self, statement: str, **parameters: Any) -> pa.Table:
        """`repeat` a statement and return all its rows as Arrow."""
        return self.repeat(statement, **parameters).table()

    def batches(self, statement: str, size: int = 10_000, **parameters: Any) -> Iterator[pa.Table]:
        """`repeat` a statement and yield its rows as Arrow tables of at most `size` rows."""
        return self.repeat(statement, **parameters).batches(size)

    def changed(self, statement: str, **parameters: Any) -> dict[str, int]:
        """`repeat` a statement that changes rows; return its counts, by Databricks' names for them."""
        rows = self.rows(statement, **parameters)
        counts = rows[0] if rows else {}
        return {name: value for name, value in counts.items() if isinstance(value, int)}

    def cancel(self) -> None:
        """Cancel all statements that run."""
        self._pool.cancel()

    def close(self) -> None:
        """End all sessions."""
        self._pool.close()
