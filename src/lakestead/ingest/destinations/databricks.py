"""Tables of Unity Catalog, filled through staged files."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from lakestead.client import FoundWorkspace, Profile, Warehouse, find_workspace
from lakestead.core.errors import ConfigError, LakesteadError
from lakestead.core.names import quote_name, quote_string
from lakestead.ingest import audit
from lakestead.ingest.destinations.destination import Loaded, Reporter
from lakestead.ingest.destinations.tables import TableRun
from lakestead.ingest.jobs import Job
from lakestead.ingest.loading.names import Table
from lakestead.ingest.loading.staging import (
    Staging,
    StoreStaging,
    VolumeStaging,
    sweep_store,
    sweep_volume,
)
from lakestead.ingest.loading.state import State
from lakestead.ingest.loading.windows import Backfill
from lakestead.ingest.naming import table_name
from lakestead.ingest.sources.source import Cursor, Source
from lakestead.ingest.stores import Store, container_sas, open_store

logger = logging.getLogger(__name__)

_AZURE = "az"


class DatabricksDestination:
    """Loads rows into Delta tables of Unity Catalog.

    Files are staged in a managed volume of the target's schema, or, with `[destination.filesystem]`, in an
    object store, which may belong to another tenant: COPY INTO reads it with a short-lived signature.

    Args:
        name: names the destination in logs.
        secrets: the tree of the secrets, see `ConfigLoader.load_secrets`.
        profile: the workspace, instead of what the secrets say.

    Raises:
        ConfigError: when the secrets contradict themselves.
    """

    def __init__(self, name: str, secrets: Mapping[str, Any], *, profile: Profile | None = None) -> None:
        self.name = name
        destination = _section(secrets, "destination")
        self._settings = _section(destination, "databricks")
        self._credentials = _section(self._settings, "credentials")
        self._staging = _section(destination, "filesystem")
        self._given = profile or _profile(self._settings, self._credentials)
        self._prepared: set[Table] = set()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {self.get_catalog_name()}.{self.get_schema_name()})"

    # What it is

    def get_destination_type(self) -> str:
        """Return `databricks`."""
        return "databricks"

    def get_catalog_name(self, job: Job | Mapping[str, Any] | None = None) -> str:
        """Return the catalog: the job's, else the secrets', else `main`."""
        return str(_of(job, "target_catalog") or self._settings.get("catalog") or "main")

    def get_schema_name(self, job: Job | Mapping[str, Any] | None = None) -> str:
        """Return the schema: the job's, else the secrets', else `default`."""
        return str(_of(job, "target_schema") or self._settings.get("schema") or "default")

    def get_full_table_name(self, table_name: str, job: Job | Mapping[str, Any] | None = None) -> str:
        """Return a table's name with its catalog and schema."""
        return self._table(table_name, job).full_name

    def get_dlt_destination_config(self) -> dict[str, Any]:
        """Return keywords for `dlt.pipeline` with which dlt loads into the same place. They hold secrets."""
        import dlt

        sql = self._profile.sql_options()
        credentials = {
            "server_hostname": self._profile.config.hostname,
            "http_path": self._profile.http_path,
            "catalog": self.get_catalog_name(),
            "access_token": sql.get("access_token"),
        }
        if "_connection_uri" in sql:
            credentials["server_hostname"] = sql["server_hostname"]
            credentials["connection_parameters"] = {
                key: sql[key] for key in ("_connection_uri", "enable_telemetry")
            }
        config: dict[str, Any] = {
            "destination": dlt.destinations.databricks(credentials=credentials),
            "dataset_name": self.get_schema_name(),
        }
        if self._staging:
            config["staging"] = dlt.destinations.filesystem(
                bucket_url=self._staging["bucket_url"], credentials=_section(self._staging, "credentials")
            )
        return config

    def get_metadata(self) -> dict[str, Any]:
        """Return what is known of it, without secrets."""
        return {
            "type": self.get_destination_type(),
            "host": self._profile.url,
            "http_path": self._profile.http_path,
            "catalog": self.get_catalog_name(),
            "schema": self.get_schema_name(),
            "staging": self._staging.get("bucket_url", "volume"),
        }

    def target_name(self, job: Job) -> str:
        """Return the full name of a job's table."""
        return self._table(job.target_name, job).full_name

    def strategy(self, job: Job, keys: tuple[str, ...]) -> str:
        """Return what a job does with the table's rows."""
        return job.strategy_for(keys)

    # Whether it is there

    def check(self) -> None:
        """Open a session and look for the staging area.

        Raises:
            LakesteadError, DatabricksError, databricks.sql.Error: why it cannot be used.
        """
        self.warehouse.check()
        if self._store is not None:
            self._store.check()

    def validate_connection(self) -> bool:
        """Return whether the SQL warehouse lets us in; the log says why it does not."""
        return self._validated(self.warehouse.check, "the SQL warehouse")

    def validate_staging(self) -> bool:
        """Return whether the staging area can be reached; the log says why it cannot."""
        return self._store is None or self._validated(self._store.check, "the staging area")

    def _validated(self, check: Any, what: str) -> bool:
        from databricks import sql
        from databricks.sdk.errors.base import DatabricksError

        try:
            check()
        except (LakesteadError, DatabricksError, sql.Error) as error:
            logger.error("%s of %s cannot be used: %s", what, self.name, error)
            return False
        return True

    # Loading

    def cursor(self, job: Job) -> Cursor | None:
        """Return how far a job has come."""
        from databricks.sdk.errors import NotFound

        target = self._table(job.target_name, job)
        state = State(self.warehouse, job.name, target)
        try:
            self.warehouse.client.tables.get(state.table.full_name)
        except NotFound:
            return None
        return state.read().cursor

    def load(self, job: Job, source: Source, reporter: Reporter, backfill: Backfill | None = None) -> Loaded:
        """Extract a job's rows and load them; first finish what an earlier run has left."""
        target = self._table(job.target_name, job)
        self._prepare(target)

        def staged(load_id: str) -> Staging:
            if self._store is None:
                return VolumeStaging(self.warehouse, target, load_id)
            return StoreStaging(self._store, target, load_id, self._copy_credential)

        return TableRun(self.warehouse, job, target, staged, reporter, backfill).load(source)

    def note(self, job: Job, entry: audit.Entry) -> None:
        """Add an entry to the table of audit; the log says why if that cannot be."""
        from databricks.sql.exc import Error

        target = self._table(job.target_name, job)
        try:
            self._prepare(target)
            audit.to_table(entry, self.warehouse, target)
        except Error as error:
            # The run did what it did; the day's file has the entry too.
            logger.error("the table of audit could not be written: %s", error)

    def close(self) -> None:
        """End all sessions."""
        if "warehouse" in self.__dict__:
            self.warehouse.close()
        if "_workspace" in self.__dict__:
            self._workspace.close()

    def _prepare(self, target: Table) -> None:
        """Make the schema and its tables of state and audit, once."""
        if target.beside("") in self._prepared:
            return
        self.warehouse.rows(f"CREATE SCHEMA IF NOT EXISTS {quote_name(target.catalog, target.schema)}")
        state = State(self.warehouse, "", target)
        state.prepare()
        audit.prepare(self.warehouse, target)
        if self._store is None:
            sweep_volume(self.warehouse, target, state.pending())
        else:
            sweep_store(self._store, target, state.pending())
        self._prepared.add(target.beside(""))

    def _table(self, name: str, job: Job | Mapping[str, Any] | None) -> Table:
        return Table(self.get_catalog_name(job), self.get_schema_name(job), table_name(name))

    # The staging area

    @cached_property
    def _store(self) -> Store | None:
        if not self._staging:
            return None
        url = self._staging.get("bucket_url")
        if not url:
            raise ConfigError("[destination.filesystem] bucket_url is missing: the URL of the staging area")
        return open_store(str(url), _section(self._staging, "credentials"))

    @property
    def _copy_credential(self) -> str:
        """COPY INTO's clause for the staging area; it holds a secret."""
        assert self._store is not None
        credentials = _section(self._staging, "credentials")
        location = self._store.location
        if location.kind == _AZURE:
            signature = container_sas(location, credentials)
            until = f"until {signature.expiry:%Y-%m-%d %H:%M} UTC" if signature.expiry else "without an end"
            logger.info("COPY INTO may %s, %s", signature.scope, until)
            return f"WITH (CREDENTIAL (AZURE_SAS_TOKEN = {quote_string(signature.token)}))"
        key, secret = credentials.get("aws_access_key_id"), credentials.get("aws_secret_access_key")
        if location.kind == "s3" and key and secret:
            token = credentials.get("aws_session_token")
            session = f", AWS_SESSION_TOKEN = {quote_string(token)}" if token else ""
            return (
                f"WITH (CREDENTIAL (AWS_ACCESS_KEY = {quote_string(key)},"
                f" AWS_SECRET_KEY = {quote_string(secret)}{session}))"
            )
        # The workspace has to reach it by itself: by an external location.
        return ""

    # The workspace

    @cached_property
    def warehouse(self) -> Warehouse:
        """The SQL warehouse."""
        return Warehouse(self._profile, {"lakestead": "ingest"})

    @property
    def _profile(self) -> Profile:
        return self._workspace.profile

    @cached_property
    def _workspace(self) -> FoundWorkspace:
        return find_workspace(self._given)


def _profile(settings: Mapping[str, Any], credentials: Mapping[str, Any]) -> Profile:
    """Return the workspace that the secrets name; where they name none, it is looked for as usual."""
    given = {**settings, **credentials}
    return Profile(
        host=given.get("server_hostname"),
        token=given.get("access_token"),
        sql_path=given.get("http_path"),
        name=given.get("profile"),
        client_id=given.get("client_id"),
        client_secret=given.get("client_secret"),
        azure_tenant_id=given.get("azure_tenant_id"),
    )


def _section(tree: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = tree.get(name) or {}
    if not isinstance(found, Mapping):
        raise ConfigError(f"[{name}] of the secrets must be a section")
    return found


def _of(job: Job | Mapping[str, Any] | None, field: str) -> Any:
    if job is None:
        return None
    return job.get(field) if isinstance(job, Mapping) else getattr(job, field)
