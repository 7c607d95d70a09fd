"""Places that jobs load files into, and read back as usual readers do; a source whose rows a test writes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
from deltalake import DeltaTable

from lakestead.ingest.destinations import FilesystemDestination, Reporter
from lakestead.ingest.destinations.destination import Loaded
from lakestead.ingest.destinations.filesystem.layout import Layout
from lakestead.ingest.destinations.filesystem.state import Claim
from lakestead.ingest.jobs import Job
from lakestead.ingest.loading.windows import Backfill
from lakestead.ingest.sources.registry import SOURCES
from lakestead.ingest.stores import Store, StoreCredentials, delta_options, open_store


@dataclass(frozen=True)
class Listening:
    """A reporter that calls a function at each step, and when rows were staged."""

    heard: Callable[[str], None] = lambda what: None

    def step(self, job: str, what: str) -> None:
        self.heard(what)

    def advanced(self, job: str, rows: int, size: int) -> None:
        self.heard(f"advanced {rows}")


@dataclass(frozen=True)
class Place:
    """Where files go.

    Attributes:
        url: its URL.
        credentials: as the secrets have them.
        form: the format of the tables.
    """

    url: str
    credentials: dict[str, Any] = field(default_factory=dict, repr=False)
    form: str = "parquet"

    @property
    def secrets(self) -> dict[str, Any]:
        filesystem = {"bucket_url": self.url, "credentials": self.credentials}
        return {"destination": {"type": "filesystem", "filesystem": filesystem}}

    def store(self) -> Store:
        return open_store(self.url, self.credentials)

    def keys(self, pattern: str = "**") -> list[str]:
        with self.store() as store:
            return sorted(entry.key for entry in store.list(pattern))

    def rows(self, folder: str, query: str = "SELECT * EXCLUDE (load_date) FROM rows ORDER BY ALL") -> Any:
        """Return what a reader of the table's folder sees."""
        with duckdb.connect() as duck:
            duck.execute("SET TimeZone = 'UTC'")
            if self.form == "delta":
                with self.store() as store:
                    options = delta_options(store.location, StoreCredentials.read(self.credentials))
                    url = str(store.local(folder) or store.url(folder))
                duck.register("rows", DeltaTable(url, storage_options=options).to_pyarrow_table())
                return duck.execute(query).fetchall()
            with tempfile.TemporaryDirectory() as copies, self.store() as store:
                for entry in store.list(f"{folder}/load_date=*/*.parquet"):
                    local = Path(copies) / entry.key
                    local.parent.mkdir(parents=True, exist_ok=True)
                    store.get_file(entry.key, local)
                files = f"read_parquet('{copies}/**/*.parquet', hive_partitioning=true, union_by_name=true)"
                duck.execute(f"CREATE VIEW rows AS FROM {files}")
                return duck.execute(query).fetchall()


@dataclass(frozen=True)
class Database:
    """A DuckDB file as a source."""

    path: Path

    def run(self, sql: str) -> None:
        with duckdb.connect(str(self.path)) as duck:
            duck.execute(sql)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.path), read_only=True) as duck:
            duck.execute("SET TimeZone = 'UTC'")
            return duck.execute(query).fetchall()


def job(place: Place, **fields: Any) -> Job:
    """Return a job that loads the table `items`."""
    given = {"source_type": "duckdb", "source_name": "shop", "table_name": "items"}
    return Job.model_validate(given | {"target_format": place.form, "chunk_size": 1000} | fields)


def load(
    place: Place,
    database: Database,
    reporter: Reporter | None = None,
    backfill: Backfill | None = None,
    **fields: Any,
) -> Loaded:
    """Run a job once."""
    source = SOURCES.get("duckdb")("shop", {"database": str(database.path)})
    with closing(source), closing(FilesystemDestination("files", place.secrets)) as destination:
        return destination.load(job(place, **fields), source, reporter or Listening(), backfill)


def rewind(place: Place, to: str, **fields: Any) -> None:
    """Leave the newest load as a run does that is killed: before it was noted as done, or half published.

    Args:
        place: where.
        to: `published` or `staged`; of several files one stays published.
        fields: the job's.
    """
    one = job(place, **fields)
    layout = Layout(one.name, one.target_schema, one.target_name)
    with place.store() as store:
        newest = max(entry.key for entry in store.list(f"{layout.state}/*.json"))
        store.delete([newest.removesuffix("json") + "done"])
        claim = Claim.from_json(store.read(newest))
        if to == "staged":
            for file in claim.files[:-1] or claim.files:
                published = layout.published(claim.package.load_id, claim.package.started, file.name)
                store.move(published, layout.staging(claim.package.load_id, file.name))


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """A source with the table `items`: 5 rows, the last two at the same time."""
    made = Database(tmp_path / "shop.duckdb")
    made.run(
        "CREATE TABLE items (id INTEGER, name VARCHAR, amount DECIMAL(12, 2), changed TIMESTAMPTZ);"
        "INSERT INTO items SELECT i, 'item ' || i, i * 1.25,"
        " TIMESTAMPTZ '2024-01-01 00:00:00+00' + INTERVAL (least(i, 4)) HOUR FROM range(1, 6) r(i)"
    )
    return made


def s3(request: pytest.FixtureRequest, form: str) -> Place:
    server = request.getfixturevalue("s3_server")
    credentials = {
        "aws_access_key_id": server.access_key,
        "aws_secret_access_key": server.secret_key,
        "endpoint_url": server.url,
        "region_name": server.region,
    }
    return Place(f"s3://{server.bucket()}/lake", credentials, form)


def azure(request: pytest.FixtureRequest, *, signed: bool) -> Place:
    """Return a container: of one tenant with the account's key, of another with a signature."""
    azurite = request.getfixturevalue("azurite")
    account = azurite.other if signed else azurite.account
    container = account.container()
    given = (
        {"azure_storage_sas_token": "?" + account.sas(container, "rwdlc")}
        if signed
        else {"azure_storage_account_key": account.key}
    )
    credentials = {"azure_storage_account_name": account.name, "endpoint_url": account.url, **given}
    return Place(f"az://{container}@{account.name}.dfs.core.windows.net/lake", credentials)
