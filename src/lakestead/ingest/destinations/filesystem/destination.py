"""Folders of files as a destination."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from lakestead.core.errors import ConfigError, LakesteadError, SourceError
from lakestead.ingest.audit import Entry
from lakestead.ingest.destinations.destination import Loaded, Reporter
from lakestead.ingest.destinations.filesystem.delta import DeltaFolder
from lakestead.ingest.destinations.filesystem.earlier import known
from lakestead.ingest.destinations.filesystem.layout import ROOT, Layout, plain
from lakestead.ingest.destinations.filesystem.load import Load
from lakestead.ingest.destinations.filesystem.plan import refuse, strategy
from lakestead.ingest.destinations.filesystem.state import State
from lakestead.ingest.jobs import Job
from lakestead.ingest.loading.windows import Backfill
from lakestead.ingest.sources.source import Cursor, Source
from lakestead.ingest.stores import Store, StoreCredentials, container_sas, open_store
from lakestead.ingest.stores.location import Location
from lakestead.ingest.stores.opening import with_account

logger = logging.getLogger(__name__)

_DELTA = "delta"


class FilesystemDestination:
    """Loads rows into folders of Parquet files, or of Delta tables, in a store.

    The files of a table are ``{bucket_url}/{schema}/{table}/load_date=YYYY-MM-DD/{load}-{n}.parquet``; the
    state of the jobs is beside the tables in ``_lakestead``.

    Args:
        name: names the destination in logs.
        secrets: the tree of the secrets, see `ConfigLoader.load_secrets`; its `[destination.filesystem]` has
            `bucket_url`, perhaps `schema`, and `credentials`, see `StoreCredentials`.

    Raises:
        ConfigError: when `bucket_url` is missing or the credentials cannot be right.
    """

    def __init__(self, name: str, secrets: Mapping[str, Any]) -> None:
        self.name = name
        settings = _section(_section(secrets, "destination"), "filesystem")
        url = settings.get("bucket_url")
        if not url:
            raise ConfigError(
                "[destination.filesystem] bucket_url is missing: the URL or folder where tables are written,"
                " such as az://raw@account.dfs.core.windows.net, s3://bucket/raw, or data/raw"
            )
        self._url = str(url)
        self._schema = settings.get("schema")
        self._given = _section(settings, "credentials")
        self._credentials = StoreCredentials.read(self._given)
        self._location = Location.parse(self._url)
        if self._location.kind == "az":
            self._location = with_account(self._location, self._credentials)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {self._location.url})"

    # What it is

    def get_destination_type(self) -> str:
        """Return `filesystem`."""
        return "filesystem"

    def get_schema_name(self, job: Job | Mapping[str, Any] | None = None) -> str | None:
        """Return the folder that a job's table is in: the job's schema, else the secrets', else None."""
        given = job.get("target_schema") if isinstance(job, Mapping) else job and job.target_schema
        return given or self._schema

    def get_dlt_destination_config(self) -> dict[str, Any]:
        """Return keywords for `dlt.pipeline` with which dlt loads into the same place. They hold secrets."""
        import dlt

        credentials = dict(self._given) or None
        config = {"destination": dlt.destinations.filesystem(bucket_url=self._url, credentials=credentials)}
        return config | ({"dataset_name": self._schema} if self._schema else {})

    def get_metadata(self) -> dict[str, Any]:
        """Return what is known of it, without secrets."""
        known = {"type": self.get_destination_type(), "bucket_url": self._location.url}
        if self._schema:
            known["schema"] = self._schema
        if self._location.kind == "az" and self._credentials.azure_storage_sas_token:
            signature = container_sas(self._location, self._credentials)
            known["signature"] = signature.scope
            known["until"] = (
                f"{signature.expiry:%Y-%m-%d %H:%M} UTC" if signature.expiry else "without an end"
            )
        return known

    def target_name(self, job: Job) -> str:
        """Return the URL of a job's folder."""
        return self._location.join(self._layout(job).folder).url

    def strategy(self, job: Job, keys: tuple[str, ...]) -> str:
        """Return what a job does with the rows that are there; a key of the source's does not count."""
        refuse(job, None)
        return strategy(job)

    # Whether it is there

    def check(self) -> None:
        """Write a file and delete it.

        Raises:
            LakesteadError: why it cannot be used.
        """
        key = f"{ROOT}/checks/{uuid.uuid4().hex}"
        try:
            self._store.check()
            written = [self._store.create(key, b"Whether files can be written here, once") for _ in range(2)]
            self._store.delete([key])
        except OSError as error:
            raise SourceError(f"{self._location.url} cannot be written: {error}") from error
        if written != [True, False]:
            raise SourceError(
                f"{self._location.url}: the store writes over a file that must only be created (it does not"
                " know If-None-Match), so that two runs at once could not be told apart"
            )

    def validate_connection(self) -> bool:
        """Return whether it can be written; the log says why it cannot."""
        try:
            self.check()
        except LakesteadError as error:
            logger.error("%s cannot be used: %s", self.name, error)
            return False
        return True

    # Loading

    def cursor(self, job: Job) -> Cursor | None:
        """Return how far a job has come."""
        return known(State(self._store, self._layout(job).state).read().cursor)

    def load(self, job: Job, source: Source, reporter: Reporter, backfill: Backfill | None = None) -> Loaded:
        """Extract a job's rows and load them; first finish what an earlier run has left."""
        layout = self._layout(job)
        delta = None
        if job.target_format == _DELTA:
            delta = DeltaFolder(self._location.join(layout.folder), self._credentials, job.name)
        return Load(self._store, layout, job, delta).run(source, reporter, backfill)

    def note(self, job: Job, entry: Entry) -> None:
        """Keep an audit entry in the store; the log says why if that cannot be."""
        key = f"{ROOT}/audit/{entry.started_at:%Y-%m-%d}/{entry.run_id}-{plain(entry.job)}.json"
        try:
            self._store.create(key, json.dumps(dict(entry.values), default=str).encode())
        except (LakesteadError, OSError) as error:
            # The run did what it did; the day's file has the entry too.
            logger.error("the audit entry could not be written: %s", error)

    def close(self) -> None:
        """Let go of connections."""
        if "_store" in self.__dict__:
            self._store.close()

    @cached_property
    def _store(self) -> Store:
        return open_store(self._location, self._credentials)

    def _layout(self, job: Job) -> Layout:
        return Layout(job.name, self.get_schema_name(job), job.target_name)


class ADLSGen2Destination(FilesystemDestination):
    """Loads rows into folders of Azure Data Lake Storage; see `FilesystemDestination`.

    Args:
        name: names the destination in logs.
        secrets: the tree of the secrets.

    Raises:
        ConfigError: when `bucket_url` is not one of Azure, or as above.
    """

    def __init__(self, name: str, secrets: Mapping[str, Any]) -> None:
        super().__init__(name, secrets)
        if self._location.kind != "az":
            raise ConfigError(
                f"[destination.filesystem] bucket_url is {self._location.url}, which is not in Azure: write"
                " az://container@account.dfs.core.windows.net/folder, or use FilesystemDestination"
            )


def _section(tree: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = tree.get(name) or {}
    if not isinstance(found, Mapping):
        raise ConfigError(f"[{name}] of the secrets must be a section")
    return found
