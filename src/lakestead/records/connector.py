"""The connector: one object that reads, writes, updates and deletes the records of a workspace's tables."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from lakestead.client import Profile, find_workspace
from lakestead.client.sql import execution
from lakestead.client.sql.pool import Pool
from lakestead.client.sql.results import BATCH_ROWS, Result
from lakestead.core.errors import MissingExtra
from lakestead.records import deleting, maintenance, merging, writing
from lakestead.records.changes import Changes
from lakestead.records.fitting import Fitting, InferredColumn
from lakestead.records.names import Names, volume_name
from lakestead.records.reading import Selection
from lakestead.records.sources import Records
from lakestead.records.staging import VOLUME, Staging

if TYPE_CHECKING:
    import datetime as dt

    import pandas
    import polars
    from databricks.sql.client import Connection, Cursor


class DatabricksConnector:
    """Reads and changes the records of tables, on Databricks or in the embedded workspace.

    The workspace is the one whose `server_hostname` is given, else that of `profile`, else the one that the
    environment or `~/.databrickscfg` names, else the embedded workspace in `folder`. Many threads may use it.

    Args:
        server_hostname: the workspace's host or URL.
        http_path: the SQL warehouse's path; else that of the environment or the profile.
        access_token: a personal access token, or an OAuth token of a service principal.
        catalog: where names without a catalog are.
        schema: where names without a schema are.
        profile: a `Profile`, or the name of a section of `~/.databrickscfg`.
        client_id: of a service principal that logs in by OAuth, with `client_secret`.
        client_secret: its secret.
        azure_tenant_id: the tenant of `client_id`, if that is a service principal of Microsoft Entra.
        folder: keeps the embedded workspace; `.lakestead` in the working directory by default.
        pool_size: the most SQL sessions that are open at once.
        idle_seconds: how long a session that nobody uses is kept.
        timeout: seconds after which the service ends a statement; None for the warehouse's own limit.
        query_tags: what the service's query history shows beside the statements.
        volume: in which files are staged: `catalog.schema.volume`; by default `_lakestead_staging` in a
            table's own schema, made when it is first needed.
    """

    def __init__(
        self,
        server_hostname: str | None = None,
        http_path: str | None = None,
        access_token: str | None = None,
        catalog: str | None = None,
        schema: str | None = None,
        *,
        profile: Profile | str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        azure_tenant_id: str | None = None,
        folder: Path | str | None = None,
        pool_size: int = 8,
        idle_seconds: float = 600,
        timeout: float | None = None,
        query_tags: Mapping[str, str | None] | None = None,
        volume: str | None = None,
    ) -> None:
        given = Profile(
            host=server_hostname,
            token=access_token,
            sql_path=http_path,
            name=profile if isinstance(profile, str) else None,
            client_id=client_id,
            client_secret=client_secret,
            azure_tenant_id=azure_tenant_id,
        )
        self._workspace = find_workspace(profile if isinstance(profile, Profile) else given, folder)
        self._names = Names(catalog, schema)
        self._volume = volume
        self._settings = execution.Settings(_seconds(timeout), dict(query_tags or {}))
        self._pool = Pool(self._connection, pool_size, idle_seconds)
        self._own: list[Cursor] = []

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._workspace!r})"

    # The connection

    def connect(self) -> bool:
        """Open the first session, to know that it can be; return True.

        Every other method does it by itself.

        Raises:
            ConfigError: no workspace, credentials or warehouse are known.
            databricks.sql.Error: the workspace refuses.
        """
        self._pool.open()
        self._pool.give_back(self._pool.take())
        return True

    def close(self) -> None:
        """Close all sessions; an embedded workspace stops unless others use it. `connect` opens it again."""
        for cursor in self._own:
            cursor.connection.close()
        self._own.clear()
        self._pool.close()
        self._workspace.close()

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def options(
        self, *, timeout: float | None = None, query_tags: Mapping[str, str | None] | None = None
    ) -> Self:
        """Return this connector with other settings; both use the same sessions.

        Args:
            timeout: see the class; None keeps it.
            query_tags: are added to those there are.
        """
        other = copy.copy(self)
        other._settings = execution.Settings(
            self._settings.timeout if timeout is None else _seconds(timeout),
            {**self._settings.tags, **(query_tags or {})},
        )
        return other

    def cancel(self) -> int:
        """Cancel all statements that run, from another thread; return how many."""
        return self._pool.cancel()

    def execute(self, query: str, params: Mapping[str, Any] | None = None) -> Result:
        """Run a statement. Every statement of every other method comes through here.

        Args:
            query: one statement; `%(name)s` and `:name` are parameters.
            params: their values, which are bound by the service and never put into the text.

        Raises:
            databricks.sql.Error: what the service or its connector says, unchanged.
        """
        return execution.execute(self._pool, self._settings, query, params)

    # Reading

    def read_records(
        self,
        query: str,
        params: Mapping[str, Any] | None = None,
        *,
        columns: Sequence[str] | None = None,
        where: str | None = None,
        limit: int | None = None,
        version: int | None = None,
        timestamp: dt.datetime | str | None = None,
    ) -> list[dict[str, Any]]:
        """Return the rows of a query or a table as dicts.

        Args:
            query: a query, or the name of a table.
            params: values of its `%(name)s` and `:name` parameters, and of those of `where`.
            columns: the wanted ones; all by default.
            where: a predicate in SQL.
            limit: at most so many rows.
            version: of the table that is read.
            timestamp: the time at which the table is read; without a zone it is UTC.

        Raises:
            databricks.sql.Error: what the service says, unchanged.
            ValueError: the choices contradict each other.
        """
        selection = Selection(columns, where, limit, version, timestamp)
        return self.execute(selection.statement(query), params).records()

    def read_batches(
        self,
        query: str,
        params: Mapping[str, Any] | None = None,
        *,
        size: int = BATCH_ROWS,
        **selection: Any,
    ) -> Iterator[list[dict[str, Any]]]:
        """Yield the rows as lists of at most `size` dicts, with few of them in memory.

        Args:
            query: see `read_records`, as for `params`.
            params: see there.
            size: rows of a list.
            selection: the keywords `columns`, `where`, `limit`, `version`, `timestamp` of `read_records`.
        """
        for batch in self.read_arrow_batches(query, params, size=size, **selection):
            yield batch.to_pylist(maps_as_pydicts="strict")

    def read_arrow(self, query: str, params: Mapping[str, Any] | None = None, **selection: Any) -> pa.Table:
        """Return the rows as an Arrow table; see `read_batches`."""
        return self.execute(Selection(**selection).statement(query), params).table()

    def read_arrow_batches(
        self, query: str, params: Mapping[str, Any] | None = None, *, size: int = BATCH_ROWS, **selection: Any
    ) -> Iterator[pa.Table]:
        """Yield the rows as Arrow tables of at most `size` rows; see `read_batches`."""
        if size < 1:
            raise ValueError(f"size is a number of rows, not {size!r}")
        return self.execute(Selection(**selection).statement(query), params).batches(size)

    def read_pandas(
        self, query: str, params: Mapping[str, Any] | None = None, **selection: Any
    ) -> pandas.DataFrame:
        """Return the rows as a data frame of pandas, in Arrow's types, which keep integers beside nulls.

        Raises:
            MissingExtra: pandas is not installed.
        """
        try:
            import pandas
        except ModuleNotFoundError as error:
            raise MissingExtra("read_pandas", "pandas") from error
        return self.read_arrow(query, params, **selection).to_pandas(types_mapper=pandas.ArrowDtype)

    def read_polars(
        self, query: str, params: Mapping[str, Any] | None = None, **selection: Any
    ) -> polars.DataFrame:
        """Return the rows as a data frame of polars.

        Raises:
            MissingExtra: polars is not installed.
        """
        try:
            import polars
        except ModuleNotFoundError as error:
            raise MissingExtra("read_polars", "polars") from error
        frame = polars.from_arrow(self.read_arrow(query, params, **selection))
        assert isinstance(frame, polars.DataFrame)
        return frame

    # Writing

    def write_records(
        self,
        records: Records,
        target: str,
        *,
        mode: writing.Mode = "append",
        where: str | None = None,
        params: Mapping[str, Any] | None = None,
        evolve: bool = False,
        schema: Mapping[str, str] | None = None,
        volume: str | None = None,
    ) -> Changes:
        """Write records into a table: all of them, or none.

        Few are sent as parameters of one statement. Many go as Parquet files through a volume; the memory it
        takes does not grow with their number.

        Args:
            records: dicts, Arrow, or data frames; at once, or an iterable of any length.
            target: the table's name.
            mode: `append`; `overwrite` all rows, or those of `where`; or `create` the table for the records.
            where: the rows to overwrite. All records must be such rows.
            params: values of the parameters of `where`.
            evolve: whether columns that the table lacks are added; else they are an error.
            schema: types of new columns by name; else they are found in the first 10,000 records.
            volume: where files are staged; see the class.

        Returns:
            The number of rows written, and for `overwrite` of those that were there before.

        Raises:
            SourceError: a record does not fit the table; says which row and column.
            databricks.sql.Error: what the service says, unchanged.
        """
        return writing.write(
            self,
            records,
            target,
            mode,
            where=where,
            params=params,
            evolve=evolve,
            schema=schema,
            volume=volume,
        )

    def update_records(
        self,
        records: Records,
        target: str,
        *,
        keys: Sequence[str] | str | None = None,
        volume: str | None = None,
    ) -> Changes:
        """Change the rows that have the records' keys; other columns than the records' stay as they are.

        See `upsert_records`, of which this is the mode `update`.
        """
        return self.upsert_records(records, target, keys=keys, mode="update", volume=volume)

    def upsert_records(
        self,
        records: Records,
        target: str,
        *,
        keys: Sequence[str] | str | None = None,
        mode: merging.Mode = "upsert",
        evolve: bool = False,
        volume: str | None = None,
    ) -> Changes:
        """Merge records with the rows that have the same keys, in one statement.

        Args:
            records: see `write_records`.
            target: the table's name.
            keys: the columns that identify a row, null being equal to null; by default the table's primary
                key, else `id`.
            mode: `upsert` changes rows that are there and adds those that are not; `insert` only adds;
                `update` only changes; `mirror` also deletes what the records lack.
            evolve: whether columns that the table lacks are added; else they are an error.
            volume: where files are staged; see the class.

        Returns:
            The number of rows inserted, updated and deleted.

        Raises:
            SourceError: a record does not fit the table, or several have one key; says which.
            databricks.sql.Error: what the service says, unchanged.
        """
        return merging.merge(self, records, target, mode, keys=keys, evolve=evolve, volume=volume)

    def delete_records(
        self,
        record_ids: Iterable[Any] | None,
        target: str,
        *,
        keys: Sequence[str] | str | None = None,
        where: str | None = None,
        params: Mapping[str, Any] | None = None,
        volume: str | None = None,
    ) -> Changes:
        """Delete rows by id, or by a predicate.

        Args:
            record_ids: values of the key; dicts or tuples if it has several columns. None with `where`.
            target: the table's name.
            keys: see `upsert_records`.
            where: a predicate in SQL, instead of ids.
            params: values of its parameters.
            volume: where many ids are staged; see the class.

        Raises:
            ValueError: neither ids nor a predicate are given, or both, or an empty predicate.
            databricks.sql.Error: what the service says, unchanged.
        """
        if (record_ids is None) == (where is None):
            raise ValueError("give record_ids, or where")
        if where is not None:
            return deleting.delete_where(self, target, where, params)
        assert record_ids is not None
        return deleting.delete_ids(self, record_ids, target, keys=keys, volume=volume)

    def infer_schema(self, records: Records, schema: Mapping[str, str] | None = None) -> list[InferredColumn]:
        """Return the columns that `write_records(…, mode="create")` would make, and why.

        It reads the first 10,000 records; of a generator, they are gone then.
        """
        return Fitting(records, None, schema=schema).inferred

    # Upkeep

    def history(self, table: str, limit: int | None = None) -> list[dict[str, Any]]:
        """Return a table's versions, the newest first."""
        return self.execute(maintenance.history(table, limit)).records()

    def optimize(
        self, table: str, *, zorder_by: Sequence[str] | str | None = None, where: str | None = None
    ) -> dict[str, Any]:
        """Rewrite a table's small files as larger ones; return the service's figures.

        Args:
            table: its name.
            zorder_by: columns that rows are then near each other by.
            where: a predicate over partition columns.
        """
        return self.execute(maintenance.optimize(table, zorder_by, where)).records()[0]

    def vacuum(
        self, table: str, retention_hours: float = 168, *, dry_run: bool = False
    ) -> list[dict[str, Any]]:
        """Remove files that no version of the last hours needs; return what the service answers.

        Args:
            table: its name.
            retention_hours: versions younger than this stay readable.
            dry_run: only list the files.
        """
        return self.execute(maintenance.vacuum(table, retention_hours, dry_run=dry_run)).records()

    # For subclasses, and for the rooms that stage files

    @property
    def profile(self) -> Profile:
        """The way into the workspace; an embedded one is started for it."""
        return self._workspace.profile

    @property
    def _cursor(self) -> Cursor:
        """A cursor of `databricks.sql` on a session of its own; for one thread."""
        if not self._own or not self._own[0].connection.open:
            self._own[:] = [self._connection().cursor()]
        return self._own[0]

    def staging(self, parts: tuple[str, ...], volume: str | None = None) -> Staging:
        """Return where files for a table are staged.

        Args:
            parts: of the table's name.
            volume: see the class.
        """
        chosen = volume or self._volume
        if chosen is not None:
            return Staging(self.profile.workspace_client(), volume_name(chosen))
        catalog, schema, _ = self.full_name(parts)
        return Staging(self.profile.workspace_client(), (catalog, schema, VOLUME))

    def full_name(self, parts: tuple[str, ...]) -> tuple[str, str, str]:
        """Return a table's name with its catalog and schema."""
        return self._names.full(parts, self.execute)

    def _connection(self) -> Connection:
        where = {"catalog": self._names.catalog, "schema": self._names.schema}
        return self.profile.sql_connection(**{key: value for key, value in where.items() if value})


def _seconds(timeout: float | None) -> int | None:
    """Return a timeout in the whole seconds that the service counts."""
    if timeout is None:
        return None
    if not timeout > 0:
        raise ValueError(f"timeout is a number of seconds above 0, not {timeout!r}")
    return math.ceil(timeout)
