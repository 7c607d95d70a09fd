"""Where extracted files wait to be loaded: a volume of the target's schema, or an object store's folder."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from lakestead.client import Warehouse
from lakestead.client.volumes import is_left_behind, left_behind, remove_folder
from lakestead.core.names import quote_name, quote_string
from lakestead.ingest.loading.names import Table
from lakestead.ingest.stores import Store

logger = logging.getLogger(__name__)

VOLUME = "_lakestead_ingest"


class Staging(Protocol):
    """A staging area of one load."""

    @property
    def copy_source(self) -> str:
        """What stands behind FROM in COPY INTO: the folder, with the credential that reads it."""
        ...

    def put(self, local: Path, name: str) -> None:
        """Stage a file."""
        ...

    def relation(self, files: Sequence[str]) -> str | None:
        """Return what stands behind FROM in a query of the files; None if only COPY INTO can read them."""
        ...

    def remove(self, files: Sequence[str]) -> None:
        """Remove the files, as far as they are there."""
        ...


class VolumeStaging:
    """A folder in a managed volume, which the Files API fills.

    Args:
        warehouse: whose workspace has the volume.
        target: the table whose schema has the volume.
        load_id: names the folder.
    """

    def __init__(self, warehouse: Warehouse, target: Table, load_id: str) -> None:
        self._warehouse = warehouse
        self._volume = quote_name(target.catalog, target.schema, VOLUME)
        self._folder = f"/Volumes/{target.catalog}/{target.schema}/{VOLUME}/{load_id}"
        self._there = False

    @property
    def copy_source(self) -> str:
        """The folder."""
        return quote_string(self._folder)

    def put(self, local: Path, name: str) -> None:
        """Stage a file."""
        if not self._there:
            self._warehouse.rows(
                f"CREATE VOLUME IF NOT EXISTS {self._volume} COMMENT 'Files on their way into tables'"
            )
            self._there = True
        with local.open("rb") as content:
            self._warehouse.client.files.upload(f"{self._folder}/{name}", content, overwrite=True)

    def relation(self, files: Sequence[str]) -> str | None:
        """Return a query's source."""
        return f"read_files({quote_string(self._folder)}, format => 'parquet')"

    def remove(self, files: Sequence[str]) -> None:
        """Remove the folder."""
        remove_folder(self._warehouse.client, self._folder)


def sweep_volume(warehouse: Warehouse, target: Table, pending: Collection[str]) -> None:
    """Remove what killed runs have left in a schema's volume for more than a day.

    Args:
        warehouse: whose workspace has the volume.
        target: a table of the schema.
        pending: loads that were claimed and are still to be finished.
    """
    place = f"/Volumes/{target.catalog}/{target.schema}/{VOLUME}"
    for name in left_behind(warehouse.client, place):
        if name not in pending:
            logger.info("removing %s/%s, which a run left behind", place, name)
            remove_folder(warehouse.client, f"{place}/{name}")


def sweep_store(store: Store, target: Table, pending: Collection[str]) -> None:
    """Remove what killed runs have left of a schema's loads in a store; else as `sweep_volume`."""
    place = f"{target.catalog}/{target.schema}"
    left = [entry.key for entry in store.list(f"{place}/**") if _is_garbage(entry.key, pending)]
    if left:
        logger.info("removing %d files that runs left behind in %s", len(left), store.url(place))
        store.delete(left)


def _is_garbage(key: str, pending: Collection[str]) -> bool:
    """Return whether a key `catalog/schema/table/load_id/…` is of a load that nobody will finish."""
    parts = key.split("/")
    return len(parts) > 4 and is_left_behind(parts[3]) and parts[3] not in pending


class StoreStaging:
    """A folder in an object store, perhaps of another tenant, which COPY INTO reads with its own credential.

    Args:
        store: the place for staged files.
        target: the table, after which the folder is named.
        load_id: names the folder.
        credential: COPY INTO's clause, `WITH (CREDENTIAL (…))` or nothing; holds a secret.
    """

    def __init__(self, store: Store, target: Table, load_id: str, credential: str) -> None:
        self._store = store
        self._folder = f"{target.catalog}/{target.schema}/{target.name}/{load_id}"
        self._credential = credential

    @property
    def copy_source(self) -> str:
        """The folder's URL with its credential."""
        return f"{quote_string(self._store.url(self._folder))} {self._credential}".rstrip()

    def put(self, local: Path, name: str) -> None:
        """Stage a file."""
        self._store.put_file(local, f"{self._folder}/{name}")

    def relation(self, files: Sequence[str]) -> str | None:
        """Return None: a query cannot be given the credential."""
        return None

    def remove(self, files: Sequence[str]) -> None:
        """Remove the files."""
        self._store.delete([f"{self._folder}/{name}" for name in files])


@contextmanager
def readable(
    warehouse: Warehouse, staging: Staging, files: Sequence[str], target: Table, load_id: str
) -> Iterator[str]:
    """Yield what stands behind FROM in a query of staged files.

    What only COPY INTO can read is first copied to a table of its own, which is dropped in the end.
    """
    relation = staging.relation(files)
    if relation is not None:
        yield relation
        return
    table = target.beside(re.sub(r"\W", "_", f"{target.name}__staged_{load_id}"))
    warehouse.rows(f"CREATE TABLE IF NOT EXISTS {table.sql}")
    try:
        warehouse.rows(
            f"COPY INTO {table.sql} FROM {staging.copy_source} FILEFORMAT = PARQUET"
            f" {files_clause(files)} COPY_OPTIONS ('mergeSchema' = 'true')"
        )
        yield table.sql
    finally:
        warehouse.rows(f"DROP TABLE IF EXISTS {table.sql}")


def files_clause(files: Sequence[str]) -> str:
    """Return COPY INTO's choice of files; nothing where there are more than it takes."""
    if len(files) > _MOST_FILES:
        return ""
    return f"FILES = ({', '.join(quote_string(name) for name in files)})"


# https://docs.databricks.com/sql/language-manual/delta-copy-into.html
_MOST_FILES = 1000
